"""A project on disk, its index, and small edits to it."""

from __future__ import annotations

import subprocess
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codebase_server.index import IndexOptions, RootIndex
from codebase_server.store import Placement, Registry


class Project:
    """A folder of sources and its index, without a watcher unless asked for."""

    def __init__(self, folder: Path, data: Path, options: IndexOptions) -> None:
        self.folder = folder
        self.data = data
        self.options = options
        self.folder.mkdir(parents=True, exist_ok=True)
        self.index = self.open()

    def open(self, busy: Callable[[], bool] = lambda: False) -> RootIndex:
        """Another opening of the same root, as a second server has it."""
        registry = Registry(self.data)
        return RootIndex(self.folder.resolve(), registry, self.options, repository="r_test", busy=busy)

    def write(self, path: str, text: str) -> None:
        """Write a file, dedented."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text).lstrip("\n"))

    def git(self, *arguments: str) -> str:
        """Run git in the project."""
        return subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments],
            cwd=self.folder,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def build(self) -> None:
        """A whole pass."""
        self.index.run_pass()

    def chunks(self) -> list[Placement]:
        """Every live chunk, by place."""
        with self.index.snapshot() as snapshot:
            return sorted(
                snapshot.placements(snapshot.live.tolist()), key=lambda chunk: (chunk.path, chunk.start_line)
            )

    def id_of(self, symbol: str, path: str = "") -> str:
        """The id of the one live chunk of a symbol."""
        found = [c for c in self.chunks() if c.symbol == symbol and (not path or c.path == path)]
        assert len(found) == 1, f"{symbol} in {path or 'any file'}: {found}"
        return found[0].chunk_id

    def place_of(self, chunk_id: str) -> tuple[str, str] | None:
        """Path and symbol of a live chunk id."""
        with self.index.snapshot() as snapshot:
            found = snapshot.live_chunks([chunk_id]).get(chunk_id)
        return (found.path, found.symbol) if found else None


@pytest.fixture
def make_project(tmp_path: Path) -> Iterator[Callable[..., Project]]:
    """Projects that share a data folder, closed at the end."""
    made: list[Project] = []

    def make(name: str = "project", **options: object) -> Project:
        settings = {"embedder": "none", "watch": False, "workers": 0, **options}
        project = Project(tmp_path / name, tmp_path / "data", IndexOptions(**settings))  # type: ignore[arg-type]
        made.append(project)
        return project

    yield make
    for project in made:
        project.index.close()


@pytest.fixture
def project(make_project: Callable[..., Project]) -> Project:
    """One project, empty."""
    return make_project()
