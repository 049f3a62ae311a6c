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

from codebase_server.search.candidates.codes import unpack
from codebase_server.search.candidates.lexical import K1, LexicalScores
from codebase_server.search.query import WORD, Query
from codebase_server.search.rank.asked import AskedWords
from codebase_server.search.rank.facts import symbol_facts
from codebase_server.search.rank.likeness import LIKENESS, likeness
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
TYPES = frozenset("class struct interface trait enum protocol object module type namespace".split())
"""Kinds of symbols that define a type or hold others; an implementation or extension only adds to one."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates of one question, in parallel; what `features` needs to know of each.

    ``codes``: shape (n, terms of the query). ``files`` numbers the files of the
    pool, ``paths`` and ``kinds`` are by that number. ``cosines`` is NaN where a
    chunk has no vector, and None without an embedder.
    """

    at: NDArray[np.int32]
    codes: NDArray[np.uint16]
    files: NDArray[np.int32]
    paths: Sequence[str]
    kinds: Sequence[str]
    symbols: Sequence[str]
    symbol_kinds: Sequence[str]
    lines: NDArray[np.int32]
    has_doc: NDArray[np.bool_]
    body_words: NDArray[np.uint16]
    file_scores: NDArray[np.float32]
    cosines: NDArray[np.float32] | None


def features(query: Query, scores: LexicalScores, pool: Pool, vocabulary: Vocabulary) -> NDArray[np.float32]:
    """The features of each candidate, shape (n, len(NAMES)), columns in the order of `NAMES`."""
    n = len(pool.at)
    table = np.zeros((n, len(NAMES)), dtype=np.float32)
    if not n:
        return table
    column = {name: table[:, i] for i, name in enumerate(NAMES)}
    rarity = _rarity(query, scores)
    row_of = {symbol: i for i, symbol in enumerate(dict.fromkeys(pool.symbols))}
    with vocabulary.lock:
        names, paths = vocabulary.names(list(row_of)), vocabulary.paths(pool.paths)
        asked = AskedWords(query, rarity, vocabulary.words)
    at = np.array([row_of[symbol] for symbol in pool.symbols], dtype=np.intp)
    # Products of small matrices raise "invalid" in some builds of the linear algebra library though every
    # number is finite: what it reads beside the rows sets the flag.
    with np.errstate(invalid="ignore"):
        _text_features(column, query, scores, pool, rarity)
        alike = likeness(query, rarity, names, vocabulary)[at]
        _name_features(column, names, at, asked)
        _path_features(column, pool, paths, asked)
    for i, name in enumerate(LIKENESS):
        column[name][:] = alike[:, i]
    _spelt_out(column, query, pool, names, at, vocabulary)
    _chunk_features(column, pool)
    _dense_features(column, pool)
    return table


def _rarity(query: Query, scores: LexicalScores) -> NDArray[np.float32]:
    """The share of each word of the question in its total inverse document frequency."""
    idf = np.zeros(len(query.groups), dtype=np.float32)
    for term, hits in zip(query.terms, scores.hits, strict=True):
        if term.group >= 0 and (term.kind == WORD or not idf[term.group]):
            idf[term.group] = hits.idf
    total = float(idf.sum())
    return idf / total if total else idf


def _text_features(
    column: dict[str, NDArray[np.float32]],
    query: Query,
    scores: LexicalScores,
    pool: Pool,
    rarity: NDArray[np.float32],
) -> None:
    lexical = scores.chunk[pool.at]
    best = float(lexical.max())
    column["lexical"][:] = lexical / best if best else 0
    perfect = sum(
        t.weight * h.idf * (K1 + 1) for t, h in zip(query.terms, scores.hits, strict=True) if t.kind == WORD
    )
    column["lexical_share"][:] = np.minimum(lexical / perfect, 1.5) if perfect else 0
    times = unpack(pool.codes)  # (n, terms, fields)
    is_word = np.array([term.kind == WORD for term in query.terms], dtype=bool)
    said = times[:, is_word, -1].sum(axis=1, dtype=np.float32)
    column["density"][:] = said / (_SHORT_BODY + pool.body_words)
    counts = times > 0
    found = np.zeros((len(pool.at), len(query.groups), counts.shape[2]), dtype=bool)
    for i, term in enumerate(query.terms):
        if term.group >= 0:
            found[:, term.group] |= counts[:, i]
    for field, name in enumerate(("in_symbol", "in_path", "in_signature", "in_doc", "in_body")):
        column[name][:] = found[:, :, field] @ rarity
    anywhere = found.any(axis=2)
    column["coverage"][:] = anywhere @ rarity
    compound = [i for i, term in enumerate(query.terms) if term.group < 0]
    if compound:
        column["compounds"][:] = counts[:, compound].any(axis=2).mean(axis=1)
    files = np.zeros((int(pool.files.max()) + 1, len(query.groups)), dtype=bool)
    np.logical_or.at(files, pool.files, anywhere)
    column["file_coverage"][:] = (files @ rarity)[pool.files]
    top = float(pool.file_scores.max())
    column["file_lexical"][:] = pool.file_scores[pool.files] / top if top else 0


def _name_features(
    column: dict[str, NDArray[np.float32]], names: NameRows, at: NDArray[np.intp], asked: AskedWords
) -> None:
    column["name_covered"][:] = asked.covered(names.own)[at]
    column["name_share"][:] = asked.share_of(names.own)[at]
    column["name_begins"][:] = asked.share_begun(names.own)[at]
    column["outer_share"][:] = asked.share_of(names.outer)[at]
    column["private"][:] = names.private[at]


def _spelt_out(
    column: dict[str, NDArray[np.float32]],
    query: Query,
    pool: Pool,
    names: NameRows,
    at: NDArray[np.intp],
    vocabulary: Vocabulary,
) -> None:
    wanted = [vocabulary.innermost(name.segments[-1]) for name in query.names]
    defines = np.isin(names.last, [number for number in wanted if number >= 0])[at]
    column["defines_name"][:] = defines
    for i in np.flatnonzero(defines).tolist():
        column["defines_qualified"][i] = _qualified(symbol_facts(pool.symbols[i]).segments, query)


def _qualified(segments: Sequence[str], query: Query) -> float:
    return float(
        any(
            len(name.segments) > 1
            and name.segments[-1] == segments[-1]
            and set(name.segments[:-1]) & set(segments[:-1])
            for name in query.names
        )
    )


def _chunk_features(column: dict[str, NDArray[np.float32]], pool: Pool) -> None:
    column["symbolless"][:] = [not symbol for symbol in pool.symbols]
    column["type_like"][:] = [kind in TYPES for kind in pool.symbol_kinds]
    column["length"][:] = np.log2(np.maximum(pool.lines, 1)) / 8
    column["body_length"][:] = np.log2(1 + pool.body_words.astype(np.float32)) / 12
    column["has_doc"][:] = pool.has_doc


def _path_features(
    column: dict[str, NDArray[np.float32]], pool: Pool, paths: PathRows, asked: AskedWords
) -> None:
    by_file: dict[str, NDArray[Any]] = {flag: paths.flags[:, i] for i, flag in enumerate(FLAGS)}
    kinds = np.array(pool.kinds)
    by_file["tests"] = np.maximum(by_file["tests"], kinds == "tests")
    if _ASKS_TESTS & asked.share.keys():
        by_file["tests"] = np.zeros(len(kinds))
    if _ASKS_EXAMPLES & asked.share.keys():
        by_file["examples"] = np.zeros(len(kinds))
    by_file |= {
        "stem_share": asked.share_of(paths.stems),
        "stem_begins": asked.share_begun(paths.stems),
        "stem_covered": asked.covered(paths.stems),
        "folder_share": asked.share_of(paths.folders),
        "docs": kinds == "docs",
        "config": kinds == "config",
        "depth": np.minimum(by_file["depth"], 8) / 8,
    }
    for name, values in by_file.items():
        column[name][:] = values[pool.files]


def _dense_features(column: dict[str, NDArray[np.float32]], pool: Pool) -> None:
    if pool.cosines is None or np.isnan(pool.cosines).all():
        return
    middle, best = float(np.nanmedian(pool.cosines)), float(np.nanmax(pool.cosines))
    cosines = np.nan_to_num(pool.cosines, nan=middle)
    relative = np.clip((cosines - middle) / max(best - middle, 1e-6), -1, 1)
    column["dense"][:] = relative
    column["dense_cosine"][:] = cosines
    of_file = np.full(int(pool.files.max()) + 1, -1.0, dtype=np.float32)
    np.maximum.at(of_file, pool.files, relative.astype(np.float32))
    column["file_dense"][:] = of_file[pool.files]
