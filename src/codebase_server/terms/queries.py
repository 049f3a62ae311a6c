"""A question to its terms."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from codebase_server.terms import identifiers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORD = re.compile(r"\w+")
_QUOTED = re.compile(r'"([^"\n]{1,400})"')


class QueryToken(NamedTuple):
    """One identifier or word of a question.

    ``start`` and ``end`` are offsets into the question. ``whole`` is the term of
    the identifier entire, ``words`` the terms of its parts, ``pairs`` those of
    neighbouring parts; ``parts`` the parts as text, lower-cased and stemmed.
    """

    text: str
    start: int
    end: int
    whole: int
    words: tuple[int, ...]
    parts: tuple[str, ...]
    pairs: tuple[int, ...]


class QueryTerms(NamedTuple):
    """A question taken apart. ``literals`` are its quoted parts, verbatim."""

    text: str
    tokens: tuple[QueryToken, ...]
    literals: tuple[str, ...]

    @property
    def terms(self) -> NDArray[np.uint64]:
        """Every term once, in order of appearance: the same numbers as in `TermDocument.terms`."""
        import numpy as np

        seen: dict[int, None] = {}
        for token in self.tokens:
            for term in (token.whole, *token.words, *token.pairs):
                seen[term] = None
        return np.fromiter(seen, dtype=np.uint64, count=len(seen))


def of_query(text: str) -> QueryTerms:
    """Take a question apart: its identifiers, as a chunk's are, and its quoted parts."""
    tokens = tuple(
        _token(match) for match in _WORD.finditer(text) if len(match[0]) <= identifiers.LONGEST_IDENTIFIER
    )
    literals = tuple(quoted for quoted in _QUOTED.findall(text) if quoted.strip())
    return QueryTerms(text, tokens, literals)


def _token(match: re.Match[str]) -> QueryToken:
    return QueryToken(match[0], match.start(), match.end(), *_terms_of(match[0]))


@lru_cache(maxsize=5_000)  # questions have the same words over and over
def _terms_of(word: str) -> tuple[int, tuple[int, ...], tuple[str, ...], tuple[int, ...]]:
    """What a `QueryToken` has of its text alone."""
    terms: dict[str, list[int]] = {"whole": [], "word": [], "pair": []}
    parts = []
    for kind, string in identifiers.strings(word):
        terms[kind].append(identifiers.term_id(kind, string))
        if kind == "word":
            parts.append(string)
    return terms["whole"][0], tuple(terms["word"]), tuple(parts), tuple(terms["pair"])
