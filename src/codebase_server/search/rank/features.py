"""The features of candidates: each a number a person can be told.

All are scale-free (shares, ratios, flags), so that a weight learnt on one
repository means the same in another of any size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.candidates.codes import CAPS, SHIFTS
from codebase_server.search.candidates.lexical import K1, LexicalScores
from codebase_server.search.query import WORD, Query
from codebase_server.search.rank.asked import AskedWords
from codebase_server.search.rank.facts import symbol_facts
from codebase_server.search.rank.likeness import LIKENESS, likeness
from codebase_server.search.rank.versions import VersionRows
from codebase_server.search.rank.vocabulary import FLAGS, NameRows, PathRows, Vocabulary

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
    "dense_cosine",
    "symbolless",  # module-level code
    "type_like",  # defines a class, trait, interface, struct, ...
    "private",  # its name begins with an underscore
    "body_length",  # log2 of its words / 12
    "length",  # log2 of the lines, per 8
    "has_doc",
    "tests",  # unless tests are asked for
    "docs",
    "config",
    "vendored",
    "examples",
    "compat",
    "entry",  # package entry files that mostly re-export
    "stub",
    "depth",
)

_SHORT_BODY = 10
"""Words added to a body's, so that two lines with one word of the question are not the densest code."""

_ASKS_TESTS = frozenset({"test", "spec", "fixtur", "mock", "assert"})
_ASKS_EXAMPLES = frozenset({"exampl", "sampl", "demo", "tutori", "benchmark"})
_IN_FIELD = (CAPS.astype(np.uint16) << SHIFTS)[:, None, None]
"""The bits of a code that count each field."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates of one question by path and line, in parallel; what `features` needs to know of each.

    ``codes``: shape (terms of the query, n). ``files`` numbers the files of the pool in the order of their
    paths, ``paths`` and ``kinds`` are by that number. ``cosines`` is NaN where a chunk has no vector, and
    None without an embedder. ``question``: the question's vector by the vocabulary's model.
    """

    at: NDArray[np.int32]
    codes: NDArray[np.uint16]
    files: NDArray[np.int32]
    paths: Sequence[str]
    kinds: Sequence[str]
    versions: VersionRows
    lines: NDArray[np.int32]
    body_words: NDArray[np.uint16]
    file_scores: NDArray[np.float32]
    cosines: NDArray[np.float32] | None
    question: NDArray[np.float32]


Columns = dict[str, NDArray[np.float32]]


def features(query: Query, scores: LexicalScores, pool: Pool, vocabulary: Vocabulary) -> NDArray[np.float32]:
    """The features of each candidate, shape (n, len(NAMES)), columns in the order of `NAMES`."""
    n = len(pool.at)
    table = np.zeros((len(NAMES), n), dtype=np.float32)
    if not n:
        return table.T
    column = dict(zip(NAMES, table, strict=True))
    rarity = _rarity(query, scores)
    with vocabulary.lock:
        names, paths = vocabulary.names(pool.versions.names), vocabulary.paths(pool.paths)
        asked = AskedWords(query, rarity, vocabulary.words)
    by_file = _ByFile(pool.files)
    # Products of small matrices raise "invalid" in some builds of the linear algebra library though every
    # number is finite: what it reads beside the rows sets the flag.
    with np.errstate(invalid="ignore"):
        _text_features(column, query, scores, pool, rarity, by_file)
        alike = likeness(query, rarity, names, vocabulary, pool.question)
        for name, values in zip(LIKENESS, alike, strict=True):
            column[name][:] = values
        _name_features(column, names, asked)
        _path_features(column, pool, paths, asked)
    _spelt_out(column, query, pool, names, vocabulary)
    _chunk_features(column, pool)
    _dense_features(column, pool, by_file)
    return table.T


class _ByFile:
    """Gives for each candidate the highest value that any of its file's has."""

    def __init__(self, files: NDArray[np.int32]) -> None:
        self._files = files
        self._firsts = np.searchsorted(files, np.arange(int(files[-1]) + 1))

    def highest(self, values: NDArray[Any]) -> NDArray[Any]:
        """Of values whose last axis is that of the candidates."""
        found: NDArray[Any] = np.maximum.reduceat(values, self._firsts, axis=-1)
        return found[..., self._files]


def _rarity(query: Query, scores: LexicalScores) -> NDArray[np.float32]:
    """The share of each word of the question in its total inverse document frequency."""
    idf = np.zeros(len(query.groups), dtype=np.float32)
    for term, rarity in zip(query.terms, scores.hits.idf.tolist(), strict=True):
        if term.group >= 0 and (term.kind == WORD or not idf[term.group]):
            idf[term.group] = rarity
    total = float(idf.sum())
    return idf / total if total else idf


def _text_features(
    column: Columns,
    query: Query,
    scores: LexicalScores,
    pool: Pool,
    rarity: NDArray[np.float32],
    by_file: _ByFile,
) -> None:
    lexical = scores.chunk[pool.at]
    best = float(lexical.max())
    column["lexical"][:] = lexical / best if best else 0
    perfect = sum(
        term.weight * idf * (K1 + 1)
        for term, idf in zip(query.terms, scores.hits.idf.tolist(), strict=True)
        if term.kind == WORD
    )
    column["lexical_share"][:] = np.minimum(lexical / perfect, 1.5) if perfect else 0
    words = [i for i, term in enumerate(query.terms) if term.kind == WORD]
    said = (pool.codes[words] >> SHIFTS[-1]).sum(axis=0, dtype=np.float32)  # the body's count is the highest
    column["density"][:] = said / (_SHORT_BODY + pool.body_words)
    # the codes of all terms that stand for a word, taken together: a bit is set where any of them sets it
    together = np.zeros((len(query.groups), len(pool.at)), dtype=np.uint16)
    for i, term in enumerate(query.terms):
        if term.group >= 0:
            together[term.group] |= pool.codes[i]
    in_field = rarity @ (together & _IN_FIELD != 0)
    for field, name in enumerate(("in_symbol", "in_path", "in_signature", "in_doc", "in_body")):
        column[name][:] = in_field[field]
    anywhere = together != 0
    column["coverage"][:] = rarity @ anywhere
    compound = [i for i, term in enumerate(query.terms) if term.group < 0]
    if compound:
        has = (pool.codes[compound] != 0).sum(axis=0, dtype=np.float32)
        column["compounds"][:] = has / len(compound)
    column["file_coverage"][:] = rarity @ by_file.highest(anywhere)
    top = float(pool.file_scores.max())
    column["file_lexical"][:] = pool.file_scores[pool.files] / top if top else 0


def _name_features(column: Columns, names: NameRows, asked: AskedWords) -> None:
    own = asked.places(names.own)
    column["name_covered"][:] = asked.covered(own, names.own.sizes)
    column["name_share"][:] = asked.share_of(own)
    column["name_begins"][:] = asked.share_begun(own)
    column["outer_share"][:] = asked.share_of(asked.places(names.outer))
    column["private"][:] = names.private


def _spelt_out(column: Columns, query: Query, pool: Pool, names: NameRows, vocabulary: Vocabulary) -> None:
    for wanted in {vocabulary.innermost(name.segments[-1]) for name in query.names} - {-1}:
        for i in np.flatnonzero(names.last == wanted).tolist():
            column["defines_name"][i] = 1
            symbol = vocabulary.symbol(int(pool.versions.names[i]))
            column["defines_qualified"][i] = _qualified(symbol_facts(symbol).segments, query)


def _qualified(segments: Sequence[str], query: Query) -> float:
    return float(
        any(
            len(name.segments) > 1
            and name.segments[-1] == segments[-1]
            and set(name.segments[:-1]) & set(segments[:-1])
            for name in query.names
        )
    )


def _chunk_features(column: Columns, pool: Pool) -> None:
    column["symbolless"][:] = ~pool.versions.has_symbol
    column["type_like"][:] = pool.versions.is_type
    column["has_doc"][:] = pool.versions.has_doc
    column["length"][:] = np.log2(np.maximum(pool.lines, 1)) / 8
    column["body_length"][:] = np.log2(1 + pool.body_words.astype(np.float32)) / 12


def _path_features(column: Columns, pool: Pool, paths: PathRows, asked: AskedWords) -> None:
    by_file: dict[str, NDArray[Any]] = dict(zip(FLAGS, paths.flags, strict=True))
    kinds = np.array(pool.kinds)
    by_file["tests"] = np.maximum(by_file["tests"], kinds == "tests")
    if _ASKS_TESTS & asked.share.keys():
        by_file["tests"] = np.zeros(len(kinds))
    if _ASKS_EXAMPLES & asked.share.keys():
        by_file["examples"] = np.zeros(len(kinds))
    stems = asked.places(paths.stems)
    by_file |= {
        "stem_share": asked.share_of(stems),
        "stem_begins": asked.share_begun(stems),
        "stem_covered": asked.covered(stems, paths.stems.sizes),
        "folder_share": asked.share_of(asked.places(paths.folders)),
        "docs": kinds == "docs",
        "config": kinds == "config",
        "depth": np.minimum(by_file["depth"], 8) / 8,
    }
    for name, values in by_file.items():
        column[name][:] = values[pool.files]


def _dense_features(column: Columns, pool: Pool, by_file: _ByFile) -> None:
    if pool.cosines is None:
        return
    unknown = np.isnan(pool.cosines)
    known = pool.cosines[~unknown]
    if not len(known):
        return
    middle, best = _median(known), float(known.max())
    cosines = np.where(unknown, np.float32(middle), pool.cosines)
    relative = column["dense"]
    np.divide(cosines - middle, max(best - middle, 1e-6), out=relative)
    np.maximum(relative, -1, out=relative)
    np.minimum(relative, 1, out=relative)
    column["dense_cosine"][:] = cosines
    column["file_dense"][:] = by_file.highest(relative)


def _median(values: NDArray[np.float32]) -> float:
    ordered = np.sort(values)
    return (float(ordered[(len(values) - 1) // 2]) + float(ordered[len(values) // 2])) / 2
