"""The features of candidates: each a number a person can be told.

All are scale-free (shares, ratios, flags), so that a weight learnt on one
repository means the same in another of any size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.candidates.codes import unpack
from codebase_server.search.candidates.lexical import K1, LexicalScores
from codebase_server.search.query import WORD, Query
from codebase_server.search.rank.asked import AskedWords
from codebase_server.search.rank.facts import PathFacts, SymbolFacts, path_facts, symbol_facts
from codebase_server.search.rank.likeness import LIKENESS, WordVectors, likeness

NAMES = (
    "lexical",  # BM25F, as a share of the best candidate's
    "lexical_share",  # BM25F, as a share of what a perfect chunk would have
    "in_symbol",  # share of the question's words (by rarity) in the qualified name
    "in_path",
    "in_signature",
    "in_doc",
    "in_body",
    "coverage",  # in any of them
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


def features(query: Query, scores: LexicalScores, pool: Pool, vectors: WordVectors) -> NDArray[np.float32]:
    """The features of each candidate, shape (n, len(NAMES)), columns in the order of `NAMES`."""
    n = len(pool.at)
    table = np.zeros((n, len(NAMES)), dtype=np.float32)
    if not n:
        return table
    column = {name: table[:, i] for i, name in enumerate(NAMES)}
    rarity = _rarity(query, scores)
    # Products of small matrices raise "invalid" in some builds of the linear algebra library though every
    # number is finite: what it reads beside the rows sets the flag.
    with np.errstate(invalid="ignore"):
        _text_features(column, query, scores, pool, rarity)
        alike = likeness(query, rarity, pool.symbols, vectors)
    for i, name in enumerate(LIKENESS):
        column[name][:] = alike[:, i]
    asked = AskedWords(query, rarity)
    _name_features(column, query, pool, asked)
    _path_features(column, pool, asked)
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
    counts = unpack(pool.codes) > 0  # (n, terms, fields)
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


_NAME_NAMES = ("name_covered", "name_share", "name_begins", "outer_share")
_NAMELESS = (0.0,) * len(_NAME_NAMES)


def _name_features(
    column: dict[str, NDArray[np.float32]], query: Query, pool: Pool, asked: AskedWords
) -> None:
    wanted = {name.segments[-1] for name in query.names}
    rows = [_NAMELESS] * len(pool.symbols)
    for i, symbol in enumerate(pool.symbols):
        facts = symbol_facts(symbol)
        if not facts.segments:
            continue
        rows[i] = (
            asked.count(facts.own_words) / max(len(facts.own_words), 1),
            asked.share_of(facts.own_words),
            asked.share_begun(facts.own_words),
            asked.share_of(facts.outer_words),
        )
        column["private"][i] = facts.private
        if facts.segments[-1] in wanted:
            column["defines_name"][i] = 1
            column["defines_qualified"][i] = _qualified(facts, query)
    for name, values in zip(_NAME_NAMES, zip(*rows, strict=True), strict=True):
        column[name][:] = values
    column["symbolless"][:] = [not symbol for symbol in pool.symbols]
    column["type_like"][:] = [kind in TYPES for kind in pool.symbol_kinds]
    column["length"][:] = np.log2(np.maximum(pool.lines, 1)) / 8
    column["body_length"][:] = np.log2(1 + pool.body_words.astype(np.float32)) / 12
    column["has_doc"][:] = pool.has_doc


def _qualified(facts: SymbolFacts, query: Query) -> float:
    return float(
        any(
            len(name.segments) > 1
            and name.segments[-1] == facts.segments[-1]
            and set(name.segments[:-1]) & set(facts.segments[:-1])
            for name in query.names
        )
    )


def _path_features(column: dict[str, NDArray[np.float32]], pool: Pool, asked: AskedWords) -> None:
    asks_tests = bool(_ASKS_TESTS & asked.share.keys())
    asks_examples = bool(_ASKS_EXAMPLES & asked.share.keys())
    of_file = np.array(
        [
            _of_path(path_facts(path), kind, asked, asks_tests, asks_examples)
            for path, kind in zip(pool.paths, pool.kinds, strict=True)
        ],
        dtype=np.float32,
    ).reshape(-1, len(_PATH_NAMES))
    spread = of_file[pool.files]
    for i, name in enumerate(_PATH_NAMES):
        column[name][:] = spread[:, i]


_PATH_NAMES = (
    "stem_share", "stem_begins", "stem_covered", "folder_share", "tests", "docs", "config", "vendored",
    "examples", "compat", "entry", "stub", "depth",
)  # fmt: skip


def _of_path(
    facts: PathFacts, kind: str, asked: AskedWords, asks_tests: bool, asks_examples: bool
) -> tuple[float, ...]:
    return (
        asked.share_of(facts.stem_words),
        asked.share_begun(facts.stem_words),
        asked.count(facts.stem_words) / max(len(facts.stem_words), 1),
        asked.share_of(facts.folder_words),
        float((facts.tests or kind == "tests") and not asks_tests),
        float(kind == "docs"),
        float(kind == "config"),
        float(facts.vendored),
        float(facts.examples and not asks_examples),
        float(facts.compat),
        float(facts.entry),
        float(facts.stub),
        min(facts.depth, 8) / 8,
    )


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
