"""Refactorings of made-up programs in six languages: who keeps the id is known by construction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bench.identity.madeup import LANGUAGES, Program, program
from bench.identity.refactorings import OPERATIONS, Case, failures
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codebase_server.index import IndexOptions, RootIndex
from codebase_server.store import Registry

Open = Callable[[Program], Case]


@pytest.fixture
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Each program in a folder and an index of its own."""
    indexes: list[RootIndex] = []

    def make(made: Program) -> Case:
        base = tmp_path_factory.mktemp("case")
        folder: Path = base / "project"
        folder.mkdir()
        options = IndexOptions(embedder="none", watch=False, workers=0)
        index = RootIndex(folder, Registry(base / "data"), options, repository="r_test")
        indexes.append(index)
        return Case(made, folder, index)

    yield make
    for index in indexes:
        index.close()


SEEDS = st.integers(0, 1_000_000)
SOME = settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("operation", OPERATIONS)
@SOME
@given(seed=SEEDS)
def test_each_refactoring_alone(opened: Open, language: str, operation: str, seed: int) -> None:
    assert failures(opened(program(language, seed)), [operation]) == []


@pytest.mark.parametrize("language", LANGUAGES)
@SOME
@given(seed=SEEDS, names=st.lists(st.sampled_from(sorted(OPERATIONS)), min_size=2, max_size=4))
def test_several_at_once(opened: Open, language: str, seed: int, names: list[str]) -> None:
    assert failures(opened(program(language, seed)), names) == []


@pytest.mark.parametrize("language", LANGUAGES)
@SOME
@given(seed=SEEDS, names=st.lists(st.sampled_from(sorted(OPERATIONS)), min_size=1, max_size=5))
def test_there_and_back_everything_has_its_id_again(
    opened: Open, language: str, seed: int, names: list[str]
) -> None:
    case = opened(program(language, seed))
    before, here = case.ids(), case.program.copy()
    failures(case, names)
    case.program = here
    case.publish()
    assert case.ids() == before


@pytest.mark.soak
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("operation", OPERATIONS)
@settings(SOME, max_examples=20)
@given(seed=SEEDS, others=st.lists(st.sampled_from(sorted(OPERATIONS)), max_size=3))
def test_thousands_of_refactorings_alone_and_together(
    opened: Open, language: str, operation: str, seed: int, others: list[str]
) -> None:
    assert failures(opened(program(language, seed)), [operation, *others]) == []
