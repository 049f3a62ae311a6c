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
