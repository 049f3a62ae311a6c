"""A server is killed and leaves its endpoint file; somebody else takes its port, and is told nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.scenarios.conftest import Server, World, free_port

pytestmark = pytest.mark.timeout(300)
PROGRAM = Path(__file__).with_name("impostor.py")


@dataclass
class Impostor:
    record: Path

    def was_sent(self) -> bytes:
        return self.record.read_bytes()


@contextmanager
def impostor(world: World, port: int, how: str, door: int = 0) -> Iterator[Impostor]:
    record = world.folder / f"record-{how}"
    command = [sys.executable, "-I", str(PROGRAM), str(port), str(record), how, str(door)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"listening\n"
            yield Impostor(record)
        finally:
            process.kill()


def kill_and_leave(server: Server) -> None:
    """Kill it and do not ask after it, as a host does that is busy: its number stands for a process still."""
    server.process.kill()
    os.waitid(os.P_PID, server.process.pid, os.WEXITED | os.WNOWAIT)


def run(world: World, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        env=world.environment(), cwd=world.repository,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="kills as POSIX does")
@pytest.mark.parametrize("how", ["nothing", "good", "relay"])
def test_who_took_the_port_of_a_killed_server_is_told_neither_the_token_nor_the_question(
    world: World, how: str
) -> None:
    first = world.start_codebase()
    assert run(world, "codebase_server", "index").returncode == 0
    token, port = first.token, world.codebase_port
    door = 0
    if how == "relay":  # another door of this user, which knows the same token
        door = free_port()
        elsewhere = World(world.folder, door, started=world.started)
        folder = str(world.folder / "other-data")
        second = elsewhere.start_codebase("--data-dir", folder, file=f"codebase-endpoint.{door}.json")
        assert second.token == token
    kill_and_leave(first)
    with impostor(world, port, how, door) as stranger:
        added = run(world, "workflow_server", "add", "An item", "-r", "src/auth.py::authenticate", "--json")
        assert added.returncode == 0, added.stderr
        warning = " ".join(json.loads(added.stdout)["warnings"])
        assert "code_search_unavailable: codebase-mcp server not reachable" in warning
        assert "did not prove to be this user's server" in warning

        found = run(world, "codebase_server", "search", "authenticate", "--json")
        assert found.returncode == 0, found.stderr
        assert json.loads(found.stdout)["results"], "the command has done the work itself"

        told = run(world, "codebase_server", "doctor").stdout
        assert "does not prove to be that server" in told
        run(world, "workflow_server", "doctor")
        sent = stranger.was_sent()
    assert b"GET /proof?challenge=" in sent, "it was asked"
    assert token.encode() not in sent
    assert b"authenticate" not in sent
    assert b"POST" not in sent


@pytest.mark.skipif(os.name == "nt", reason="kills as POSIX does")
@pytest.mark.parametrize("how", ["nothing", "good"])
def test_who_took_the_port_of_a_killed_board_is_neither_told_the_token_nor_is_anybody_sent_there(
    world: World, how: str
) -> None:
    first = world.start_workflow()
    kill_and_leave(first)
    with impostor(world, world.workflow_port, how) as stranger:
        again = run(world, "workflow_server", "web")
        assert again.returncode != 0
        assert "port_in_use" in again.stderr
        assert again.stdout == "", "a link there would lead to the stranger"
        told = run(world, "workflow_server", "doctor").stdout
        assert "does not prove to be that server" in told
        sent = stranger.was_sent()
    assert b"GET /proof?challenge=" in sent
    assert first.token.encode() not in sent


@pytest.mark.skipif(os.name == "nt", reason="kills as POSIX does")
def test_the_next_server_takes_the_killed_one_s_file_away_when_a_stranger_has_its_port(world: World) -> None:
    """Else whoever asks would go to the stranger again and again, though a server is there."""
    first = world.start_codebase()
    kill_and_leave(first)
    with impostor(world, world.codebase_port, "nothing") as stranger:
        world.start_codebase(file="codebase-endpoint.*.json")
        assert not (world.runtime / "codebase-endpoint.json").exists()
        added = run(world, "workflow_server", "add", "An item", "-r", "src/auth.py::authenticate", "--json")
        assert "not reachable" not in added.stdout, "it asked the server that is there"
        assert stranger.was_sent() == b""
