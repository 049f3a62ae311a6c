"""An error that nobody foresaw ends a command with a code and a sentence; its stack trace is for the log."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from bridge.agreed import places
from codebase_server.doors.cli import group as codebase_group
from codebase_server.doors.cli.run import run as codebase
from workflow_server.doors.cli import group as workflow_group
from workflow_server.doors.cli.run import run as workflow


@pytest.mark.parametrize(
    ("run", "group"), [(codebase, codebase_group.cli), (workflow, workflow_group.cli)], ids=["code", "work"]
)
def test_a_person_reads_where_the_stack_trace_is(
    run: object, group: click.Group, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of somebody's code")

    monkeypatch.setattr(places, "log_folder", lambda: tmp_path)
    monkeypatch.setattr(group, "main", fails)
    assert callable(run)
    assert run(["status"]) == 70
    told = capsys.readouterr().err
    assert "Traceback" not in told
    assert "of somebody's code" not in told
    (log,) = tmp_path.glob("*.log")
    assert str(log) in told
    assert "ZeroDivisionError" in log.read_text()
