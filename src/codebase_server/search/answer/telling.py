"""What an answer says of how a question was read, and of how far to trust it."""

from __future__ import annotations

from collections.abc import Sequence

NOTHING_ANSWERS = (
    "Perhaps nothing here answers this: no result is likelier than {:.0%}. "
    "Try other words, or a name from the code."
)
PREVIEWS = " Of those after the third, previews are shown."
NO_WORD = (
    "The question has no word that could be looked for. Ask in words, or put signs in quotes to find them "
    'letter by letter, as in "=>".'
)
MENDED = 'Nothing here has the word "{}"; "{}" was looked for in its place.'
AS_MESSAGE = "The code says what stands around {}, so that was read as a value in a message, not looked for."
MORE_HAVE_IT = '{} more chunks or so say the same words in a row: put these in "quotes" to see each.'

BY_WORDS_INSTEAD = (
    "{} stands here only beside little else of the question, so the results are those of all its words. "
    "Ask for the quoted part alone to see where it stands."
)


def quoted(literals: Sequence[str]) -> str:
    """The quoted parts of a question as it has them."""
    return " and ".join(f'"{literal}"' for literal in literals)


def no_literal_has(literals: Sequence[str], *, by_words: bool) -> str:
    """That quoted parts stand in no chunk; ``by_words``: and what was searched by instead."""
    told = f"No chunk has {quoted(literals)} letter by letter, case and spaces included"
    if by_words:
        return f"{told}; the results are those of the words."
    return f"{told}; without the quotes words will do."
