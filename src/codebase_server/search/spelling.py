"""Slips of the fingers: words of a question that neither the code nor the language has, and what was meant.

Terms are kept as numbers, so there is no list of words to compare with. Instead all that one slip could
have been made from is looked up, as Norvig's "How to write a spelling corrector" does: a letter left out, one
too many, another one, or two in the wrong order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from string import ascii_lowercase
from typing import Final

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.query import STOP_WORDS, Query, signed
from codebase_server.terms import subwords
from codebase_server.terms.identifiers import LONGEST_IDENTIFIER, stem, term_id

FEWEST_LETTERS: Final = 4
"""Of a word that may be a slip: shorter ones are abbreviations, and near to too many others."""
LARGEST_SHARE: Final = 0.5
"""Of a question's words that may be unknown. Where more are, it is in another language."""
OF_AN_UNUSED_FORM: Final = 0.1
"""What a chunk counts for a form that nobody uses, while its stem is one of words: "iterals"."""

InWords = Callable[[NDArray[np.uint64]], NDArray[np.bool_]]
"""Which terms are those of words that people and programs use."""
InCode = Callable[[Sequence[int]], NDArray[np.intp]]
"""In how many chunks each of some (signed) terms stands."""


def meant(query: Query, in_words: InWords, in_code: InCode) -> dict[str, str]:
    """The slips of a question, in lower case, each with the word that was meant.

    A slip is a word that is in no chunk and no vocabulary, while one that is a single slip away is in the
    code; of several the one in most chunks, and a word that people use before any other. Quoted text is
    meant as it stands.
    """
    words = list(_words(query))
    strange = _strange(words, in_words)
    if not strange:
        return {}
    looked_up = [signed(term_id(kind, stem(word))) for word in strange for kind in ("word", "pair")]
    standing = in_code(looked_up).reshape(-1, 2).sum(axis=1).tolist()
    missing = [word for word, chunks in zip(strange, standing, strict=True) if not chunks]
    if len(missing) > max(1, LARGEST_SHARE * len(words)):
        return {}
    found = {word: _nearest(word, in_words, in_code) for word in missing}
    return {word: other for word, other in found.items() if other}


def rewritten(text: str, slips: dict[str, str]) -> str:
    """A question with its slips mended, in the case in which they were written."""
    for slip, word in slips.items():
        parts = re.split(f"({slip})", text, flags=re.IGNORECASE)
        text = "".join(_in_case_of(part, word) if at % 2 else part for at, part in enumerate(parts))
    return text


def _in_case_of(written: str, word: str) -> str:
    if written.isupper():
        return word.upper()
    return word.capitalize() if written[0].isupper() else word


def _words(query: Query) -> Iterator[str]:
    """The distinct words of a question that may be slips or tell its language."""
    seen = set(STOP_WORDS)
    for token in query.analysed.tokens:
        for word in subwords(token.text):
            if word not in seen and len(word) >= FEWEST_LETTERS and word.isascii() and word.isalpha():
                seen.add(word)
                yield word


def _strange(words: Sequence[str], in_words: InWords) -> list[str]:
    if not words:
        return []
    used = in_words(np.array([term_id("word", stem(word)) for word in words], dtype=np.uint64))
    return [word for word, is_used in zip(words, used.tolist(), strict=True) if not is_used]


def _nearest(slip: str, in_words: InWords, in_code: InCode) -> str:
    """The likeliest word that a slip was made from; nothing where none is in the code."""
    forms = list(dict.fromkeys(_one_slip_away(slip)))
    words = [term_id("word", stem(form)) for form in forms]
    is_form = in_words(np.array([term_id("whole", form) for form in forms], dtype=np.uint64))
    is_used = is_form | in_words(np.array(words, dtype=np.uint64))
    for among in (
        np.flatnonzero(is_used),
        np.flatnonzero(~is_used),
    ):  # most are no words: not looked up first
        counts = in_code([signed(words[at]) for at in among.tolist()])
        if counts.any():
            likely = counts * np.where(is_form[among], 1, OF_AN_UNUSED_FORM)
            return forms[int(among[likely.argmax()])]
    return ""


def _one_slip_away(word: str) -> Iterator[str]:
    """All that differs from a word by one slip behind its first letter, which is seldom wrong."""
    for at in range(1, len(word) + 1):
        before, after = word[:at], word[at:]
        if len(after) > 1 and after[0] != after[1]:
            yield before + after[1] + after[0] + after[2:]
        if after:
            yield before + after[1:]
        for letter in ascii_lowercase:
            if after and letter != after[0]:
                yield before + letter + after[1:]
            if len(word) < LONGEST_IDENTIFIER:
                yield before + letter + after
