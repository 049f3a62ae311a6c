"""Every tool of both servers with hostile arguments, over a real process's pipes."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bench.fuzz import values
from bench.fuzz.peer import Finding, Peer

SERVERS: Final = ("codebase_server", "workflow_server")
LARGE: Final = 10_000_000
"""Characters of the largest text that is sent as an argument."""


@dataclass
class Outcome:
    """What came of the calls to one server."""

    server: str
    calls: int = 0
    refused: int = 0
    slow: list[tuple[float, str]] = field(default_factory=list)


def world(folder: Path) -> dict[str, str]:
    """A repository of two files and the environment of both servers, all inside `folder`."""
    repository = folder / "repository"
    (repository / "src").mkdir(parents=True)
    (repository / "src" / "main.py").write_text(
        "def main() -> int:\n    '''Start the program.'''\n    return 0\n"
    )
    (repository / "notes.md").write_text("# Notes\n\nRead by nobody.\n")
    home = folder / "home"
    home.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    return kept | {
        "HOME": str(home),
        "TANDEM_RUNTIME_DIR": str(folder / "runtime"),
        "CODEBASE_DATA_DIR": str(folder / "codebase-data"),
        "CODEBASE_ROOT": str(repository),
        "CODEBASE_HTTP_PORT": "0",
        "WORKFLOW_DATA_DIR": str(folder / "workflow-data"),
        "WORKFLOW_PROJECT": "fuzz",
        "BRIDGE": "off",
    }


def tools_of(peer: Peer) -> dict[str, dict[str, Any]]:
    """The input schema of every tool, as a client is told."""
    listed = peer.ask("tools/list", {})["result"]["tools"]
    return {tool["name"]: tool["inputSchema"] for tool in listed}


def assault(peer: Peer, server: str, calls: int, data_dir: Path, seed: int = 0) -> Outcome:
    """Call each tool about `calls` times. Raises `Finding` with the smallest arguments that show one."""
    outcome = Outcome(server)
    schemas = tools_of(peer)
    if "create_work_item" in schemas:
        # The first call makes the project, even one that is refused.
        peer.call("create_work_item", {"title": "first"})
    seen = written(data_dir)
    for name, schema in schemas.items():
        _hypothesis(_caller(peer, name, outcome, seen), values.arguments(schema), calls, seed)
    outcome.slow = peer.slow
    return outcome


def _caller(peer: Peer, name: str, outcome: Outcome, seen: Callable[[], int]) -> Callable[[Any], None]:
    def call(arguments: Any) -> None:
        before = seen()
        result = peer.call(name, arguments)
        outcome.calls += 1
        outcome.refused += result["refused"]
        if result["refused"] and seen() != before:
            raise Finding(f"{name} refused and yet wrote: {arguments!r:.500}")

    return call


def _hypothesis(call: Callable[[Any], None], strategy: st.SearchStrategy[Any], count: int, seed: int) -> None:
    run = given(strategy)(call)
    run = settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=not seed,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )(run)
    if seed:
        from hypothesis import seed as with_seed

        run = with_seed(seed)(run)
    run()


def large_texts(peer: Peer, outcome: Outcome) -> None:
    """Ten million characters where a text, a list or an object is wanted."""
    big = "x" * LARGE
    for name, schema in tools_of(peer).items():
        text = next(
            (key for key, value in schema["properties"].items() if value.get("type") == "string"), "root"
        )
        result = peer.call(name, {text: big})
        outcome.calls += 1
        outcome.refused += result["refused"]
        if not result["refused"]:
            raise Finding(f"{name} took {LARGE:,} characters as `{text}`")


def written(data_dir: Path) -> Callable[[], int]:
    """A number that changes when anybody commits to the project's database; constant where there is none."""

    def look() -> int:
        total = 0
        for file in sorted(data_dir.rglob("*.sqlite3")) if data_dir.name.startswith("workflow") else ():
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
                tables = {
                    row[0]
                    for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                }
                for table in sorted(tables & {"event", "item", "item_type", "retry", "note", "project"}):
                    total += int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
                if "event" in tables:
                    total += int(connection.execute("SELECT coalesce(max(seq), 0) FROM event").fetchone()[0])
        return total

    return look
