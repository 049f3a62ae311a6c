"""Vectors of whole files: the chunks of a file taken together, whoever asks, in whatever order."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest
from numpy.typing import NDArray

from codebase_server.search.candidates import vectors, whole_files
from codebase_server.search.candidates.in_memory import VectorsInMemory, vectors_in_memory
from codebase_server.search.candidates.whole_files import FileVectors
from codebase_server.search.corpus import RootTable

D = 16
FILE_OF = np.array([2, 0, 0, 1, 2, 0, 2, 3], dtype=np.int32)
STARTS = np.array([30, 1, 11, 1, 1, 41, 11, 1], dtype=np.int32)
ENDS = np.array([33, 10, 40, 4, 10, 44, 29, 9], dtype=np.int32)
WITHOUT = 7
"""The one chunk that has no vector; its file has no other."""


def rows() -> NDArray[np.int8]:
    return np.random.default_rng(4).integers(-99, 100, (len(FILE_OF), D)).astype(np.int8)


def table(order: NDArray[np.intp]) -> RootTable:
    """Four files, their chunks numbered in an order that says nothing."""
    return RootTable(
        live=np.arange(len(order), dtype=np.int32),
        file_of=FILE_OF[order],
        starts=STARTS[order],
        ends=ENDS[order],
        paths=["a.py", "b.py", "c.py", "d.py"],
        languages=["python"] * 4,
        kinds=["code"] * 4,
        tests=np.zeros(len(order), dtype=bool),
    )


def held(order: NDArray[np.intp]) -> VectorsInMemory:
    connection = sqlite3.connect(":memory:")
    for statement in vectors.DDL:
        connection.execute(statement)
    known = np.flatnonzero(order != WITHOUT)
    vectors.write_vectors(connection, "m", known.astype(np.int32), rows()[order[known]])
    found = vectors_in_memory(connection, "m", np.arange(len(order), dtype=np.int32))
    connection.close()
    assert found is not None
    return found


AS_THEY_ARE = np.arange(len(FILE_OF))
QUESTION = np.linspace(-1, 1, D).astype(np.float32)
ALL = np.arange(4)


def together(order: NDArray[np.intp] = AS_THEY_ARE) -> FileVectors:
    return FileVectors(held(order), table(order))


def test_a_file_points_where_its_chunks_point_and_longer_chunks_count_more() -> None:
    units = rows() / np.linalg.norm(rows().astype(float), axis=1, keepdims=True)
    found = together().cosines(QUESTION, ALL)
    for file in range(3):
        own = file == FILE_OF
        whole = (units[own] * np.sqrt(ENDS - STARTS + 1)[own, None]).sum(axis=0)
        expected = whole @ QUESTION / (np.linalg.norm(whole) * np.linalg.norm(QUESTION))
        assert found[file] == pytest.approx(expected, abs=1e-5)


def test_a_file_without_a_vector_is_unknown_and_says_nothing_of_others() -> None:
    found = together().cosines(QUESTION, ALL)
    assert np.isnan(found).tolist() == [False, False, False, True]


def test_no_figure_depends_on_what_was_asked_before_nor_on_how_chunks_are_numbered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = together().cosines(QUESTION, ALL)
    one_by_one = together()
    for file in (2, 0, 1):
        one_by_one.cosines(QUESTION, np.array([file]))
    np.testing.assert_array_equal(one_by_one.cosines(QUESTION, ALL), expected)
    mixed = np.random.default_rng(1).permutation(len(FILE_OF))
    np.testing.assert_array_equal(together(mixed).cosines(QUESTION, ALL), expected)
    monkeypatch.setattr(whole_files, "_AT_ONCE", 2)  # a file has three chunks: it is never torn apart
    np.testing.assert_array_equal(together(mixed).cosines(QUESTION, ALL), expected)


def test_a_question_without_candidates_has_no_files() -> None:
    assert len(together().cosines(QUESTION, np.zeros(0, dtype=np.intp))) == 0


def test_what_was_met_beforehand_is_what_a_question_would_have_worked_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = together().cosines(QUESTION, ALL)
    monkeypatch.setattr(whole_files, "_AT_ONCE", 1)
    met = together()
    steps = 0
    while met.meet():
        steps += 1
    assert steps == len(ALL), "a few at a time"
    monkeypatch.setattr(FileVectors, "_work_out", None)  # nothing is left to do
    assert np.array_equal(met.cosines(QUESTION, ALL), asked, equal_nan=True)


def test_of_too_many_files_none_is_met_beforehand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_files, "MOST_MET", len(ALL) - 1)
    assert not together().meet()
