"""A question to the weighted terms that are looked up for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import compress, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codebase_server import terms
from codebase_server.search.naming import named
from codebase_server.search.places import Place, path_parts, places
from codebase_server.terms.identifiers import term_id

STOP_WORDS = frozenset(
    "a about all an and any are as at be been being between both but by can could did do does doing each "
    "for from get gets given had has have having how i if in into is it its me my no not of on one onto "
    "or our so some such than that the their them then there these they this those through to under until "
    "up use used uses using via was we were what when where whether which while who whose why will with "
    "within without would you your implementation implement implemented implements implementing work "
    "works".split()
)
"""Words of questions that say nothing about the code asked for.."""

WHOLE, PAIR, WORD = "whole", "pair", "word"

_WEIGHT_WHOLE = 0.8
_WEIGHT_COMPOUND = 0.35
"""Of a whole identifier or of a compound of two neighbouring words, beside a weight of 1 for each word."""


class WeightedTerm(NamedTuple):
    """One posting list to read.

    ``term`` is the term's number as signed 64 bits, as it is stored. ``group``
    is the word of the question it stands for, or -1 for a compound of several.
    """

    term: int
    weight: float
    kind: str
    group: int


class TermColumns(NamedTuple):
    """The terms of a question as arrays with an entry a term; ``compounds``: how many of them are."""

    weights: NDArray[np.float32]
    is_word: NDArray[np.bool_]
    is_no_pair: NDArray[np.bool_]
    is_compound: NDArray[np.float32]
    compounds: np.float32


def _columns(terms: Sequence[WeightedTerm]) -> TermColumns:
    compounds = [term.group < 0 for term in terms]
    return TermColumns(
        np.array([term.weight for term in terms], dtype=np.float32),
        np.array([term.kind == WORD for term in terms], dtype=bool),
        np.array([term.kind != PAIR for term in terms], dtype=bool),
        np.array(compounds, dtype=np.float32),
        np.float32(sum(compounds)),
    )


class Group(NamedTuple):
    """A word of the question that should be found: its text and its stem."""

    text: str
    stem: str


class Name(NamedTuple):
    """Something in the question that is spelt as code: ``Session.send``, ``parse_args``.

    ``segments`` are its identifiers, lower-cased without underscores; ``spelt`` the same as they are written,
    the last with the signs around it (``save!``, ``$pool``). ``alone`` says that the question is nothing but
    this name.
    """

    segments: tuple[str, ...]
    alone: bool
    spelt: tuple[str, ...] = ()


class Query(NamedTuple):
    """A question, understood as far as words go."""

    text: str
    analysed: terms.QueryTerms
    terms: tuple[WeightedTerm, ...]
    groups: tuple[Group, ...]
    names: tuple[Name, ...]
    literals: tuple[str, ...]
    places: tuple[Place, ...]
    columns: TermColumns

    @property
    def is_symbol(self) -> bool:
        """The question is one name, not a sentence."""
        return any(name.alone for name in self.names)

    def without_quotes(self) -> Query | None:
        """The same question with its quoted parts as words; None when it says nothing besides them."""
        besides = self.text
        for literal in self.literals:
            besides = besides.replace(f'"{literal}"', " ")
        asked = (token.text.casefold() for token in terms.of_query(besides).tokens)
        return self._replace(literals=()) if any(word not in STOP_WORDS for word in asked) else None


def understand(text: str) -> Query:
    """Read a question: its words without the empty ones, its names, its quoted parts."""
    name = named(text)
    analysed = terms.of_query(name or text)
    is_kept = [token.text.casefold() not in STOP_WORDS for token in analysed.tokens]
    if not any(is_kept):  # nothing but stop words: they are what is asked for
        is_kept = [True] * len(is_kept)
    groups: list[Group] = []
    first_of: dict[str, int] = {}
    found: dict[int, WeightedTerm] = {}

    def add(term: int, weight: float, kind: str, group: int) -> None:
        known = found.get(term)
        if known is None or known.weight < weight:
            found[term] = WeightedTerm(signed(term), weight, kind, group)

    for token in compress(analysed.tokens, is_kept):
        for part, word in zip(token.parts, token.words, strict=True):
            at = first_of.setdefault(part, len(groups))
            if at == len(groups):
                groups.append(Group(token.text, part))
            add(word, 1.0, WORD, at)
        only = first_of[token.parts[0]] if len(token.parts) == 1 else -1
        if not token.parts:
            only = len(groups)
            groups.append(Group(token.text, token.text.casefold()))
            first_of.setdefault(groups[-1].stem, only)
        add(token.whole, _WEIGHT_WHOLE, WHOLE, only)
        if len(token.parts) == 1:  # "websocket" may be written WebSocket in the code
            add(_as_pair(token.parts[0]), _WEIGHT_COMPOUND, PAIR, only)
        for pair in token.pairs:
            add(pair, _WEIGHT_COMPOUND, PAIR, -1)
    for (left, is_left), (right, is_right) in pairwise(zip(analysed.tokens, is_kept, strict=True)):
        if is_left and is_right and left.parts and right.parts:
            add(term_id("pair", left.parts[-1] + right.parts[0]), _WEIGHT_COMPOUND, PAIR, -1)
            joined = (left.text + right.text).replace("_", "").casefold()
            add(term_id("whole", joined), _WEIGHT_COMPOUND, WHOLE, -1)
    pointed = places(text)
    # the path in ``File "shop/orders.py", line 3`` is quoted by the trace, not by who asks
    literals = tuple(one for one in analysed.literals if not _is_path_of(one, pointed))
    weighted, names = tuple(found.values()), _names(analysed)
    return Query(text, analysed, weighted, tuple(groups), names, literals, pointed, _columns(weighted))


@lru_cache(maxsize=5_000)
def _as_pair(part: str) -> int:
    """The term of one word as if it were two that stand together."""
    return term_id("pair", part)


def _is_path_of(quoted: str, named: tuple[Place, ...]) -> bool:
    return any(place.line and place.parts == path_parts(quoted) for place in named)


def signed(term: int) -> int:
    """An unsigned 64-bit term number as SQLite and the postings hold it."""
    return term - (1 << 64) if term >= 1 << 63 else term


_JOINERS = (".", "::", "#", "->", "/", ":", "\\")


def _names(analysed: terms.QueryTerms) -> tuple[Name, ...]:
    """The runs of identifiers joined as code joins them, and single ones spelt as only code is."""
    text = analysed.text.strip().rstrip("()?!.")
    runs = _runs(analysed, _JOINERS)
    names = []
    for run in runs:
        alone = len(runs) == 1
        if alone or len(run) > 1 or _is_code_spelling(run[0].text):
            segments = tuple([token.text.replace("_", "").casefold() for token in run])
            names.append(Name(segments, alone and bool(text), _spelt(run, analysed.text)))
    return (*names, *_hyphenated(analysed)) if "-" in text else tuple(names)


def _runs(analysed: terms.QueryTerms, joiners: Sequence[str]) -> list[list[terms.QueryToken]]:
    """The tokens of a question, together those between which nothing but a joiner stands."""
    text, end = analysed.text, -1
    runs: list[list[terms.QueryToken]] = []
    for token in analysed.tokens:
        if runs and text[end : token.start] in joiners:
            runs[-1].append(token)
        else:
            runs.append([token])
        end = token.end
    return runs


def _hyphenated(analysed: terms.QueryTerms) -> Iterator[Name]:
    """Names as Lisp and PowerShell join them: ``find-door``."""
    runs = _runs(analysed, ("-",))
    for run in runs:
        if len(run) > 1:
            joined = "".join(token.text for token in run).replace("_", "").casefold()
            spelt = analysed.text[run[0].start : run[-1].end]
            yield Name((joined,), len(runs) == 1, (spelt,))


def _spelt(run: Sequence[terms.QueryToken], text: str) -> tuple[str, ...]:
    last = run[-1]
    before = text[last.start - 1 : last.start] if last.start else ""
    sign = before if before in ("$", "@") else ""
    mark = text[last.end : last.end + 1] if text[last.end : last.end + 1] in ("!", "?") else ""
    return (*(token.text for token in run[:-1]), f"{sign}{last.text}{mark}")


def _is_code_spelling(word: str) -> bool:
    if word.islower() and "_" not in word:  # as most words are
        return False
    inner = word.strip("_")
    return "_" in inner or word != inner or any(a.islower() and b.isupper() for a, b in pairwise(word))
