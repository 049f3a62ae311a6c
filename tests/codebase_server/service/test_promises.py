"""Answers keep what they promise: budgets, whole lines, filters, quoted parts, joined chunks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.answers.asking import calls
from bench.answers.promises import Asked, Tree, broken
from bench.indexing.trees import commit_all

from codebase_server.service import CodebaseService
from codebase_server.settings import load

SOURCES = Path(__file__).parents[3]
CALLS = 120


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of some of this project: code, tests and prose."""
    root = tmp_path_factory.mktemp("promises") / "root"
    for part in ("src/bridge", "docs/how-to", "tests/bridge/agreed", "src/workflow_server/doors/board"):
        shutil.copytree(SOURCES / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    commit_all(root)
    return root


@pytest.fixture(scope="module", params=["static", "none"])
def service(request: pytest.FixtureRequest, root: Path) -> Iterator[CodebaseService]:
    """An indexed service over the copy, with vectors and without."""
    data = root.parent / f"data-{request.param}"
    environment = {
        "CODEBASE_ROOT": str(root),
        "CODEBASE_DATA_DIR": str(data),
        "CODEBASE_EMBEDDER": request.param,
    }
    made = CodebaseService(load({}, environment, data / "none.toml"), working_folder=root, environment={})
    made.index_repository()
    yield made
    made.close()


def test_whatever_is_asked_the_answer_is_what_was_promised(service: CodebaseService, root: Path) -> None:
    tree = Tree(root)
    problems = {
        str(asked): found
        for asked in calls(service, root, CALLS, seed=3)
        if (found := broken(service, tree, asked))
    }
    assert not problems


def test_the_check_sees_an_answer_that_is_wrong(service: CodebaseService, root: Path) -> None:
    """Asked for the files of one folder and compared with another, and with lines that were moved."""

    class Moved(Tree):
        def lines(self, path: str) -> list[str]:
            return ["", *super().lines(path)]

        def matching(self, glob: str) -> frozenset[str]:
            return super().matching("docs/**")

    said = "\n".join(broken(service, Moved(root), Asked({"query": "endpoint", "path": "src/**"})))
    assert "does not match src/**" in said
    assert "does not show those lines" in said


def test_a_quoted_fragment_is_found_wherever_it_stands(service: CodebaseService, root: Path) -> None:
    having = sum("ndpoin" in path.read_text() for path in root.rglob("src/bridge/**/*.py"))
    answer = service.search_code('"ndpoin"', path="src/bridge/**/*.py", limit=50)
    assert having > 2
    assert {"ndpoin" in result["content"] for result in answer["results"]} == {True}
    assert len({result["file_path"] for result in answer["results"]}) == having


def test_places_alone_fit_a_budget_as_they_are(service: CodebaseService) -> None:
    """With nothing to show there is nothing to cut: lines are those of the chunk."""
    few = service.search_code("endpoint", content="none", max_tokens=100)["results"]
    many = service.search_code("endpoint", content="none")["results"]
    lines = {one["chunk_id"]: (one["start_line"], one["end_line"]) for one in many}
    assert few
    assert all(lines[one["chunk_id"]] == (one["start_line"], one["end_line"]) for one in few)
    assert not any(one.get("trimmed") for one in few)
