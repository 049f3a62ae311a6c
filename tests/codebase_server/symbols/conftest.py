"""A repository made of a few texts, indexed, for asking names of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from codebase_server.service import CodebaseService
from codebase_server.settings import load

Indexed = Callable[[Mapping[str, str]], CodebaseService]


@pytest.fixture
def indexed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Indexed]:
    """Makes an indexed service over files given by path and text."""
    monkeypatch.setenv("TANDEM_RUNTIME_DIR", str(tmp_path / "runtime"))
    made: list[CodebaseService] = []

    def of(files: Mapping[str, str]) -> CodebaseService:
        root = tmp_path / f"root{len(made)}"
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        environment = {"CODEBASE_ROOT": str(root), "CODEBASE_DATA_DIR": str(tmp_path / f"data{len(made)}")}
        service = CodebaseService(
            load({}, environment, tmp_path / "none.toml"),
            working_folder=root,
            environment={},
        )
        made.append(service)
        service.index_repository()
        return service

    yield of
    for service in made:
        service.close()
