"""A desk whose references are asked about at a codebase server, and the code they are about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from tests.scenarios.conftest import Server, World, run_git
from tests.workflow_server.desk import Desk, HandClock

from workflow_server.records import Actor, Call, WorkItem
from workflow_server.references import References
from workflow_server.service import WorkflowService

LOGIN = '''def login(name, word):
    """Let a person in who knows the word."""
    account = accounts.find(name)
    if account is None or not account.matches(word):
        raise PermissionError(name)
    return sessions.open(account, lifetime=3600)
'''
LOGOUT = '''def logout(session):
    """Close a session and forget its cookies."""
    sessions.close(session.number)
    for cookie in session.cookies:
        cookie.expire()
    audit.note("logout", session.number)
'''
METER = '''class Meter:
    """Counts what passes."""

    def __init__(self, unit):
        self.unit = unit
        self.total = 0

    def add(self, amount):
        """Count an amount of the meter's unit."""
        if amount < 0:
            raise ValueError(amount)
        self.total += amount
        return self.total

    def report(self):
        """The total with its unit, for people."""
        return f"{self.total:,} {self.unit}"
'''
TWINS = """class Door:
    def open(self, key):
        if not self.lock.turns(key):
            raise PermissionError(key)
        self.angle = 90


class Window:
    def open(self, width):
        self.gap = min(width, self.frame.width)
        return self.gap
"""
TEST = """def test_login_refuses_a_wrong_word():
    accounts.put("ann", "right")
    with raises(PermissionError):
        login("ann", "wrong")
"""
CODE = {
    "src/door.py": f"import accounts, audit, sessions\n\n\n{LOGIN}\n\n{LOGOUT}",
    "src/meter.py": METER,
    "src/twins.py": TWINS,
    "tests/test_door.py": TEST,
    "notes.md": "# Notes\n\nNothing much.\n",
}


class LinkedDesk(Desk):
    """A desk in a repository."""

    def __init__(self, data_dir: Path, clock: HandClock, references: References, repository: Path) -> None:
        self.clock = clock
        self.service = WorkflowService(data_dir, references=references, default_project="demo", clock=clock)
        self.call = Call(Actor("ann", "test-client 1", "mcp"), folders=[repository])


def index(codebase: Server, *, force: bool = False) -> None:
    """Index anew; answers when the result is published."""

    async def call() -> None:
        headers = {"Authorization": f"Bearer {codebase.token}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=30) as http,
            Client(streamable_http_client(f"{codebase.url}/mcp", http_client=http)) as client,
        ):
            answer = await client.call_tool("index_repository", {"force": force})
            assert not answer.is_error, answer

    anyio.run(call)


def chunk_of(codebase: Server, path: str, symbol: str) -> str:
    """The id of the chunk that holds a symbol now."""
    body = {"references": [{"ref": f"{path}::{symbol}"}]}
    (entry,) = codebase.request("POST", "/mcp/chunks/resolve", body).json()["references"]
    assert entry["state"] == "valid", entry
    found: str = entry["chunk_id"]
    return found


def only_detail(item: WorkItem) -> dict[str, Any]:
    """The one reference detail of an item."""
    (detail,) = item["reference_details"]
    return detail


@contextmanager
def linked_world(folder: Path) -> Iterator[World]:
    """A world whose repository holds `CODE`, committed; what was started in it is ended at the end."""
    made = World(folder)
    made.repository.mkdir(parents=True)
    for path, text in CODE.items():
        made.write(path, text)
    run_git(made.repository, "init", "-q", "-b", "main")
    made.commit("first")
    try:
        yield made
    finally:
        for server in made.started:
            server.end()
