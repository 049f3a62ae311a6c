"""Every tool of both servers, given what no client should send: answered or refused, never broken.

The quick part of ``python -m bench.fuzz``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from bench.fuzz.calls import Tally, attack
from bench.fuzz.peer import peer
from bench.fuzz.tools import SERVERS, Outcome, assault, large_texts, world

pytestmark = pytest.mark.timeout(400)
CALLS = {"codebase_server": 60, "workflow_server": 60}


@pytest.mark.parametrize("server", SERVERS)
def test_no_argument_breaks_a_tool_or_changes_what_it_refused_to_change(tmp_path: Path, server: str) -> None:
    environment = world(tmp_path)
    data = Path(environment["CODEBASE_DATA_DIR" if server == "codebase_server" else "WORKFLOW_DATA_DIR"])
    with peer(server, environment, tmp_path / "repository") as running:
        outcome = assault(running, server, CALLS[server], data)
        assert outcome.calls > 300
        assert 0 < outcome.refused < outcome.calls, "some must get past the check and some must not"
        running.write(b"\xff\xfe\x00 no text at all")
        running.write(b"[" * 100_000)
        running.write(b'{"jsonrpc":"2.0","id":1e999,"method":"ping"}')
        assert "result" in running.ask("ping", {}), "and it still serves"


@pytest.mark.parametrize("server", SERVERS)
async def test_no_sequence_of_calls_breaks_a_server_or_stores_what_it_refuses(server: str) -> None:
    """Calls that know what exists, one after the other: the quick part of ``python -m bench.fuzz calls``."""
    tally = Tally(server)
    await attack(tally, 1_000, seed=int(os.environ.get("TANDEM_SEED", "1")))
    assert 0 < tally.refused < tally.calls == 1_000


@pytest.mark.parametrize("server", SERVERS)
def test_ten_million_characters_are_refused_in_few_words(tmp_path: Path, server: str) -> None:
    with peer(server, world(tmp_path), tmp_path / "repository") as running:
        large_texts(running, Outcome(server))
