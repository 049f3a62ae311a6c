"""From what a person types to an FTS5 query: built from tokens, never passed through."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from workflow_server.find.forms import Word, of_word, unstemmed, words

_PART = re.compile(r'"([^"]*)"|(\S+)')
MAX_TERMS = 32
_WRITTEN = "{title description criteria notes}"
"""The columns that hold what was written; the others hold its forms."""


class Term(NamedTuple):
    """One word or quoted part: as it is told, and as the engine is asked for any of its forms."""

    shown: str
    match: str


def terms(text: str) -> list[Term]:
    """The terms of a text. A word of three letters or more also matches as a beginning, a shorter one
    where a star stands behind it; of a word with points or hyphens its last part does.
    """
    found: list[Term] = []
    for quoted, part in _PART.findall(text):
        if quoted:
            found += _of_phrase(quoted)
            continue
        within = list(words(part))
        starred = part.rstrip(",;.)").endswith("*")
        found += [_of_word(word, starred and place == len(within) - 1) for place, word in enumerate(within)]
    return list(dict.fromkeys(found))[:MAX_TERMS]


def _of_phrase(quoted: str) -> list[Term]:
    within = [of_word(word) for word in words(quoted)]
    tokens = [token for word in within for token in word.tokens]
    pieces = [piece for word in within for piece in word.pieces]
    if not tokens:
        return []
    return [_any([_quoted(tokens), _quoted(pieces)], _quoted(tokens))]


def _of_word(word: str, starred: bool) -> Term:
    known: Word = of_word(word)
    alternatives = [_quoted(known.tokens) + _star(known.tokens, starred)]
    if known.joined:
        alternatives.append(_quoted([known.joined]) + _star([known.joined], starred))
    if known.pieces != known.tokens:
        alternatives.append(_quoted(known.pieces) + _star(known.pieces, starred))
    if len(known.tokens) == 1 and alternatives[0].endswith("*"):
        alternatives.append(f"{_quoted([unstemmed(known.tokens[0])])}*")
    return _any(alternatives, _quoted(known.tokens))


def _star(tokens: Sequence[str], starred: bool) -> str:
    last = tokens[-1]
    return "*" if starred or len(last) > 2 or (len(tokens) > 1 and not last.isdigit()) else ""


def _quoted(tokens: Iterable[str]) -> str:
    return f'"{" ".join(tokens)}"'


def _any(alternatives: Iterable[str], shown: str) -> Term:
    different = list(dict.fromkeys(alternatives))
    return Term(shown, different[0] if len(different) == 1 else f"({' OR '.join(different)})")


def all_of(terms: Sequence[Term]) -> str:
    """A query for items that have every term, in any field."""
    return " AND ".join(term.match for term in terms)


def in_title(terms: Sequence[Term]) -> str:
    """A query for items that have every term in the title."""
    return f"{{title title_forms}} : ({all_of(terms)})"


def any_in_title(terms: Sequence[Term]) -> str:
    """A query for items with any of the terms in the title."""
    return f"{{title title_forms}} : ({' OR '.join(term.match for term in terms)})"


def as_written(terms: Sequence[Term]) -> str:
    """A query for what is to be shown of the items found: any of the terms in what was written."""
    return f"{_WRITTEN} : ({' OR '.join(term.match for term in terms)})"
