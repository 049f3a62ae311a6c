"""A service over a repository made of a few texts, indexed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from codebase_server.service import CodebaseService
from codebase_server.settings import load


@contextmanager
def served(folder: Path, files: Mapping[str, str], root: str = "root") -> Iterator[CodebaseService]:
    """The service, its root and its data in `folder`; closed at the end."""
    for name, text in files.items():
        target = folder / root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    service = CodebaseService(load({"root": (folder / root,), "data_dir": str(folder / "data")}, {}))
    service.index_repository()
    try:
        yield service
    finally:
        service.close()
