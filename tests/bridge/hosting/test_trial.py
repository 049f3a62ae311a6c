"""A server is tried as a host would start it, and whatever goes wrong is said in one sentence."""

from __future__ import annotations

import sys
from pathlib import Path

from bridge.hosting.trial import try_server


def test_a_server_that_does_not_start_is_quoted() -> None:
    script = "import sys; sys.exit('No module named codebase_server')"
    outcome = try_server([sys.executable, "-c", script], "index_status", {})
    assert not outcome.well
    assert "ended with code 1" in outcome.told
    assert "No module named codebase_server" in outcome.told


def test_a_command_that_is_not_there_is_said(tmp_path: Path) -> None:
    outcome = try_server([str(tmp_path / "codebase-server")], "index_status", {})
    assert not outcome.well
    assert tmp_path.name in outcome.told


def test_stdout_that_carries_something_else_is_shown() -> None:
    outcome = try_server([sys.executable, "-c", "print('Hello!', flush=True)"], "index_status", {})
    assert not outcome.well
    assert "not MCP: 'Hello!'" in outcome.told


def test_a_server_that_hangs_is_given_up_and_ended() -> None:
    script = "import time; time.sleep(60)"
    outcome = try_server([sys.executable, "-c", script], "index_status", {}, seconds=0.5)
    assert not outcome.well
    assert "no answer within" in outcome.told


HALF = """
import json, sys
def answer(number, result):
    print(json.dumps({"jsonrpc": "2.0", "id": number, "result": result}), flush=True)
print(json.dumps({"jsonrpc": "2.0", "method": "notifications/message", "params": {}}), flush=True)
answer(1, {"serverInfo": {"name": "half", "version": "1"}})
if "tools" in sys.argv:
    answer(2, {"tools": []})
if "fails" in sys.argv:
    answer(3, {"isError": True, "content": [{"type": "text", "text": "The disk is full.\\nFree some."}]})
sys.stderr.write("I have had enough\\n\\n")
"""


def tried(*what: str) -> str:
    """What is said of a server that answers only in part."""
    outcome = try_server([sys.executable, "-c", HALF, *what], "index_status", {})
    assert not outcome.well
    return outcome.told


def test_a_server_that_answers_in_part_is_told_how_far_it_came() -> None:
    assert tried() == "it answered initialize but not tools/list; it said: I have had enough"
    assert tried("tools") == "its tools are listed, but index_status failed: I have had enough"
    assert tried("tools", "fails") == "its tools are listed, but index_status failed: The disk is full."
