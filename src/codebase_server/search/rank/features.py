"""The features of candidates: each a number a person can be told.

All are scale-free (shares, ratios, flags), so that a weight learnt on one
repository means the same in another of any size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.candidates.codes import CAPS, SHIFTS
from codebase_server.search.candidates.lexical import K1, LexicalScores
from codebase_server.search.query import WORD, Query
from codebase_server.search.rank.asked import AskedWords
from codebase_server.search.rank.facts import folded_segments
from codebase_server.search.rank.likeness import LIKENESS, likeness
from codebase_server.search.rank.standing import STANDING, Standing
from codebase_server.search.rank.vocabulary import NameRows, Vocabulary

NAMES = (
    "lexical",  # BM25F, as a share of the best candidate's
    "lexical_share",  # BM25F, as a share of what a perfect chunk would have
    "in_symbol",  # share of the question's words (by rarity) in the qualified name
    "in_path",
    "in_signature",
    "in_doc",
    "in_body",
    "coverage",  # in any of them
    "density",  # how many of the body's words are the question's
    "compounds",  # share of the question's neighbouring word pairs found as one identifier
    "name_covered",  # share of the innermost name's words that the question has
    "name_share",  # share of the question's words that the innermost name has
    *LIKENESS,
    "name_begins",  # ... counting words that begin alike (config, configuration)
    "outer_share",  # share of the question's words that the names around it have
    "defines_name",  # the innermost name is one the question spells out
    "defines_qualified",  # ... with the names around it
    "file_lexical",  # BM25F of the whole file, as a share of the best file's
    "file_coverage",  # share of the question's words anywhere in the file's candidates
    "stem_share",  # share of the question's words in the file's name
    "stem_begins",  # ... counting words that begin alike
    "stem_covered",  # share of the file name's words that the question has
    "folder_share",
    "dense",  # cosine to the question, between the candidates' middle and best
    "file_dense",  # the best of the file's chunks
    "file_dense_three",  # the mean of the file's three best; one that is not there counts as middling
    "file_dense_whole",  # all of the file's chunks together, between the candidate files' middle and best
    "dense_cosine",
    *STANDING,
)

_THREE = 3
"""Chunks near to a question by meaning that make their file one about it."""

_SHORT_BODY = 10
"""Words added to a body's, so that two lines with one word of the question are not the densest code."""

_ASKED = {
    "tests": frozenset("test spec fixtur mock assert".split()),
    "examples": frozenset("exampl sampl demo tutori benchmark snippet websit".split()),
    "docs": frozenset("readm guid tutori changelog manual faq".split()),
    "vendored": frozenset("vendor dist bundl".split()),
    "stub": frozenset("stub declar".split()),
}
"""The words of questions, stemmed, that ask for kinds of files which others had better not come from."""
_IN_FIELD = np.append(CAPS.astype(np.uint16) << SHIFTS, np.uint16((1 << 16) - 1))[:, None]
"""The bits of a code that count each field, and in the last row any."""
_FIELDS = ("in_symbol", "in_path", "in_signature", "in_doc", "in_body")
_OF_NAMES = ("file_lexical", "file_coverage", "stem_share", "stem_begins", "stem_covered", "folder_share")
"""Features of files' names, as they stand in `NAMES`."""


class Pool(NamedTuple):
    """The candidates of one question by path and line, in parallel; what `features` needs to know of each.

    ``codes``: shape (terms of the query, n). ``files`` numbers the files of the pool in the order of their
    paths; ``paths``, and what ``standing`` has of files, are by that number. ``cosines`` is NaN where a chunk
    has no vector, and None without an embedder; ``file_cosines`` those of whole files, by their number.
    ``question``: the question's by the vocabulary's model.
    ``spelt``: the features of `spelt.SPELT` where the question is a name that the index lists definitions of.
    """

    at: NDArray[np.intp]
    codes: NDArray[np.uint16]
    files: NDArray[np.intp]
    paths: Sequence[str]
    standing: Standing
    body_words: NDArray[np.uint16]
    file_scores: NDArray[np.float32]
    cosines: NDArray[np.float32] | None
    question: NDArray[np.float32]
    file_cosines: NDArray[np.float32] | None = None
    spelt: NDArray[np.float32] | None = None


_AT = {name: i for i, name in enumerate(NAMES)}
"""The row of each feature while they are made: a row is one piece of memory."""


def _run(*names: str) -> slice:
    """The rows of some features that stand one behind the other."""
    first = _AT[names[0]]
    assert NAMES[first : first + len(names)] == names
    return slice(first, first + len(names))


_FIELD_ROWS, _LIKENESS_ROWS = _run(*_FIELDS, "coverage"), _run(*LIKENESS)
_OF_NAMES_ROWS, _STANDING_ROWS = _run(*_OF_NAMES), _run(*STANDING)

Table = NDArray[np.float32]
"""A row a feature, a column a candidate."""


def features(query: Query, scores: LexicalScores, pool: Pool) -> Table:
    """The features of each candidate, shape (n, len(NAMES)), columns in the order of `NAMES`.

    After them those of `spelt.SPELT`, where the pool has them.
    """
    n = len(pool.at)
    table = np.zeros((len(NAMES), n), dtype=np.float32)
    if not n:
        return table.T
    rarity = _rarity(query, scores)
    vocabulary, (stems, folders) = pool.standing.vocabulary, pool.standing.paths
    # Products of small matrices raise "invalid" in some builds of the linear algebra library though every
    # number is finite: what it reads beside the rows sets the flag.
    with np.errstate(invalid="ignore"):
        with vocabulary.lock:
            names = vocabulary.names_at(pool.standing.names)
            lists = vocabulary.lists(np.concatenate((names.own, stems, names.outer, folders)))
            asked = AskedWords(query, rarity, vocabulary, lists, n + len(pool.paths), n)
        by_file = _ByFile(pool.files, len(pool.paths))
        of_names = np.zeros((len(_OF_NAMES), len(pool.paths)), dtype=np.float32)
        _text_features(table, of_names, query, scores, pool, rarity, by_file)
        likeness(asked, names, pool.question, table[_LIKENESS_ROWS])
        _name_features(table, of_names, asked, n)
        table[_OF_NAMES_ROWS] = of_names.take(pool.files, axis=1)
    table[_STANDING_ROWS] = pool.standing.features
    _not_held_against(table, query)
    _spelt_out(table, query, pool, names, vocabulary)
    _dense_features(table, pool, by_file)
    return table.T if pool.spelt is None else np.concatenate([table, pool.spelt]).T


class _ByFile:
    """Gives the highest values that the candidates of each file have."""

    def __init__(self, files: NDArray[np.intp], count: int) -> None:
        self.files = files
        self._narrow = files.astype(np.uint16)  # sorted twice as fast; there are fewer files than candidates
        self._firsts = files.searchsorted(np.arange(count))

    def highest(self, values: NDArray[Any]) -> NDArray[Any]:
        """Of values whose last axis is that of the candidates, by file."""
        found: NDArray[Any] = np.maximum.reduceat(values, self._firsts, axis=-1)
        return found

    def sum_of_highest(self, values: NDArray[Any], count: int) -> NDArray[Any]:
        """Of the ``count`` highest, or of as many as there are, by file."""
        best_first = values.argsort()[::-1]  # which of equal ones comes first does not matter
        by_file = self._narrow.take(best_first).argsort(kind="stable")
        best_first = values.take(best_first.take(by_file))
        place = np.arange(len(values)) - self._firsts[self.files]
        found: NDArray[Any] = np.add.reduceat(np.where(place < count, best_first, 0), self._firsts)
        return found


def _rarity(query: Query, scores: LexicalScores) -> NDArray[np.float32]:
    """The share of each word of the question in its total inverse document frequency."""
    found = [0.0] * len(query.groups)
    for term, rarity in zip(query.terms, scores.hits.idf.tolist(), strict=True):
        if term.group >= 0 and (term.kind == WORD or not found[term.group]):
            found[term.group] = rarity
    idf = np.array(found, dtype=np.float32)
    total = float(idf.sum())
    return idf / total if total else idf


def _text_features(
    table: Table,
    of_names: Table,
    query: Query,
    scores: LexicalScores,
    pool: Pool,
    rarity: NDArray[np.float32],
    by_file: _ByFile,
) -> None:
    lexical = scores.chunk[pool.at]
    best = float(lexical.max())
    if best:
        np.divide(lexical, best, out=table[_AT["lexical"]])
    perfect = sum(
        term.weight * idf * (K1 + 1)
        for term, idf in zip(query.terms, scores.hits.idf.tolist(), strict=True)
        if term.kind == WORD
    )
    if perfect:
        np.minimum(lexical / perfect, 1.5, out=table[_AT["lexical_share"]])
    columns = query.columns
    is_word = columns.is_word.astype(np.float32)
    said = is_word @ (pool.codes >> SHIFTS[-1]).astype(np.float32)  # the body's count is the highest
    np.divide(said, _SHORT_BODY + pool.body_words, out=table[_AT["density"]])
    # the codes of all terms that stand for a word, taken together: a bit is set where any of them sets it
    groups, n = len(query.groups), len(pool.at)
    together = np.zeros((groups, 1, n), dtype=np.uint16)
    for i, term in enumerate(query.terms):
        if term.group >= 0:
            together[term.group, 0] |= pool.codes[i]
    has = np.empty((groups, len(_FIELDS) + 1, n), dtype=np.float32)
    has[...] = (together & _IN_FIELD) != 0
    np.dot(rarity, has.reshape(groups, has.shape[1] * n), out=table[_FIELD_ROWS].reshape(-1))
    if columns.compounds:
        found = columns.is_compound @ (pool.codes != 0).astype(np.float32)
        np.divide(found, columns.compounds, out=table[_AT["compounds"]])
    np.dot(rarity, by_file.highest(has[:, -1]), out=of_names[_OF_NAMES.index("file_coverage")])
    top = float(pool.file_scores.max())
    if top:
        np.divide(pool.file_scores, top, out=of_names[_OF_NAMES.index("file_lexical")])


def _name_features(table: Table, of_names: Table, asked: AskedWords, n: int) -> None:
    share, covered, begun = asked.share(), asked.covered(), asked.share_begun()
    files = len(covered) - n
    table[_AT["name_covered"]], table[_AT["name_share"]] = covered[:n], share[:n]
    table[_AT["name_begins"]], table[_AT["outer_share"]] = begun[:n], share[n + files : 2 * n + files]
    of_names[2], of_names[3], of_names[4] = share[n : n + files], begun[n:], covered[n:]
    of_names[5] = share[2 * n + files :]


def _spelt_out(table: Table, query: Query, pool: Pool, names: NameRows, vocabulary: Vocabulary) -> None:
    is_qualified = any(len(name.segments) > 1 for name in query.names)
    for wanted in {vocabulary.innermost(name.segments[-1]) for name in query.names} - {-1}:
        named = np.flatnonzero(names.last == wanted)
        table[_AT["defines_name"], named] = 1
        for i in named.tolist() if is_qualified else ():
            symbol = vocabulary.symbol(int(pool.standing.names[-1, i]))
            table[_AT["defines_qualified"], i] = _qualified(folded_segments(symbol), query)


def _qualified(segments: Sequence[str], query: Query) -> float:
    return float(
        any(
            len(name.segments) > 1
            and name.segments[-1] == segments[-1]
            and set(name.segments[:-1]) & set(segments[:-1])
            for name in query.names
        )
    )


def _not_held_against(table: Table, query: Query) -> None:
    """Whoever asks for tests or examples wants them."""
    asked = {group.stem for group in query.groups}
    for kind, words in _ASKED.items():
        if not words.isdisjoint(asked):
            table[_AT[kind]] = 0


def _dense_features(table: Table, pool: Pool, by_file: _ByFile) -> None:
    if pool.cosines is None:
        return
    relative = table[_AT["dense"]]
    cosines = _between(pool.cosines, relative)
    if cosines is None:
        return
    table[_AT["dense_cosine"]] = cosines
    table[_AT["file_dense"]] = by_file.highest(relative)[by_file.files]
    three = by_file.sum_of_highest(relative, _THREE)
    table[_AT["file_dense_three"]] = three[by_file.files] / _THREE
    if pool.file_cosines is not None:
        whole = np.zeros(len(pool.file_cosines), dtype=np.float32)
        _between(pool.file_cosines, whole)
        table[_AT["file_dense_whole"]] = whole[by_file.files]


def _between(cosines: NDArray[np.float32], out: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Write where cosines lie between their middle (0) and their best (1), at least -1, into ``out``.

    Those that are unknown count as middling; returns the cosines with these, or None where none is known.
    """
    known = np.sort(cosines)  # what is unknown comes last
    if np.isnan(known[-1]):
        unknown = np.isnan(cosines)
        known = known[: np.count_nonzero(~unknown)]
        if not len(known):
            return None
        cosines = np.where(unknown, np.float32(_median(known)), cosines)
    middle, best = _median(known), known.item(-1)
    np.divide(cosines - middle, max(best - middle, 1e-6), out=out)
    np.maximum(out, -1, out=out)
    np.minimum(out, 1, out=out)
    return cosines


def _median(ordered: NDArray[np.float32]) -> float:
    half = len(ordered) // 2
    return (ordered.item(half - 1 + len(ordered) % 2) + ordered.item(half)) / 2
