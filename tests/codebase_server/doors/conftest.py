"""A small repository, a service over it, and the MCP server over that."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from codebase_server.service import CodebaseService
from codebase_server.settings import Settings, load

AUTH = '''"""Who may come in."""


class Guard:
    """Keeps the door."""

    def admit(self, name: str, password: str) -> bool:
        """Check a visitor's password against the stored hash."""
        return verify(self.stored(name), password)

    def stored(self, name: str) -> bytes:
        return self.book[name]


def revoke_session(session_id: str) -> None:
    """End one session before its time."""
    sessions = open_sessions()
    sessions.pop(session_id, None)
'''
STORE = """export function openSessions(folder) {
  // every session that is still alive
  return readAll(folder).filter((session) => session.alive);
}
"""


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Tests", "-c", "user.email=tests@localhost", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Three files in a git repository."""
    folder = tmp_path / "repository"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "auth.py").write_text(AUTH)
    (folder / "src" / "store.js").write_text(STORE)
    (folder / "README.md").write_text("# Sample\n\nPasswords and sessions of a small service.\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    return folder


@pytest.fixture
def settings(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a world of its own."""
    monkeypatch.setenv("TANDEM_RUNTIME_DIR", str(tmp_path / "runtime"))
    environment = {"CODEBASE_ROOT": str(repository), "CODEBASE_DATA_DIR": str(tmp_path / "data")}
    return load({}, environment, tmp_path / "no-config.toml")


@pytest.fixture
def service(settings: Settings, tmp_path: Path) -> Iterator[CodebaseService]:
    """A service over the repository, not indexed yet."""
    made = CodebaseService(settings, working_folder=tmp_path, environment={})
    yield made
    made.close()


@pytest.fixture
def indexed(service: CodebaseService) -> CodebaseService:
    """A service whose repository is indexed."""
    service.index_repository()
    return service


def server_environment(folder: Path, repository: Path, **more: str) -> dict[str, str]:
    """The environment of a server process in a world of its own."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    return kept | {
        "HOME": str(home),
        "TANDEM_RUNTIME_DIR": str(folder / "runtime"),
        "CODEBASE_DATA_DIR": str(folder / "data"),
        "CODEBASE_ROOT": str(repository),
        "CODEBASE_HTTP_PORT": "0",
        **more,
    }
