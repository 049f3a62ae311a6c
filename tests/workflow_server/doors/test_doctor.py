"""`workflow-server doctor` where something is wrong: each finding says what to do about it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bridge.agreed import places
from workflow_server.doors.cli.group import main

from .web import environment

Report = dict[str, Any]
Examined = Callable[..., Report]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the commands' own; nothing of the user's."""
    for name in ("CODEBASE_URL", "CLAUDE_PROJECT_DIR", "WORKFLOW_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def examined(world: Path, capsys: pytest.CaptureFixture[str]) -> Examined:
    """What is not well in words, what was seen by its name, the last errors, and how the command ended."""

    def command(*arguments: str) -> Report:
        code = main([*arguments, "doctor", "--json"])
        report: Report = json.loads(capsys.readouterr().out)
        return {
            "code": code,
            "seen": {one["name"]: one["detail"] for one in report["findings"]},
            "findings": [
                f"{one['detail']} {one['next_step']}" for one in report["findings"] if one["level"] != "ok"
            ],
            "last_errors": report["last_errors"],
        }

    return command


def test_all_is_well_where_nothing_is_wrong(examined: Examined) -> None:
    report = examined()
    assert (report["code"], report["findings"], report["last_errors"]) == (0, [], [])
    assert "answered with 11 tools" in report["seen"]["live handshake"]


def test_what_hosts_were_told_of_a_server_that_is_gone_is_found(examined: Examined, world: Path) -> None:
    cursor = world / "home" / ".cursor" / "mcp.json"
    cursor.parent.mkdir(parents=True)
    cursor.write_text(json.dumps({"mcpServers": {"workflow": {"command": "/gone/workflow-server"}}}))
    report = examined()
    assert report["code"] != 0
    assert any("not there any more" in one for one in report["findings"])
    assert "not there any more" in report["seen"]["Cursor"]


def test_an_endpoint_file_that_is_none_is_found_and_a_good_one_told(examined: Examined, world: Path) -> None:
    folder = places.private_folder(places.runtime_folder())
    (folder / "workflow-endpoint.1.json").write_text("{")
    record = {"url": "http://127.0.0.1:1", "pid": os.getpid(), "started_at": "2031-01-01T00:00:00Z"}
    (folder / "workflow-endpoint.json").write_text(json.dumps(record))
    report = examined()
    assert any(one.startswith("half-written, or no endpoint file Remove ") for one in report["findings"])
    assert report["seen"]["workflow-endpoint.json"] == f"http://127.0.0.1:1 by process {os.getpid()}"


def test_the_last_errors_of_the_log_are_shown_and_no_other_line(
    examined: Examined, world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = places.log_folder() / "workflow-server.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"2031 ERROR 1 - x: broke {number}" for number in range(7)]
    log.write_text("\n".join(["2031 WARNING 1 - x: careful", *lines, "2031 INFO 1 - x: done"]))
    report = examined()
    assert report["last_errors"] == lines[-5:]
    assert main(["doctor"]) == 0
    told = capsys.readouterr().out
    assert "broke 6" in told
    assert "careful" not in told


def test_scarce_space_and_a_folder_that_cannot_be_written_are_found(
    examined: Examined, small_disk: Path
) -> None:
    report = examined("--data-dir", str(small_disk))
    assert any("0.0 GB free Free some disk space" in one for one in report["findings"])
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    report = examined("--data-dir", str(small_disk))
    assert report["code"] != 0
    assert any("cannot be written Correct its owner and mode" in one for one in report["findings"])


def test_a_server_that_no_host_can_start_is_found(
    examined: Examined, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The settings that the command overrides with a flag are wrong for the host's server."""
    monkeypatch.setenv("BRIDGE_TIMEOUT_MS", "soon")
    report = examined("--bridge-timeout", "300")
    assert report["code"] != 0
    assert any("Start it by hand and read what it says" in one for one in report["findings"])


def test_problems_of_the_project_are_findings(
    examined: Examined, world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["add", "One"]) == 0
    capsys.readouterr()
    (file,) = (world / "data" / "projects").glob("*.sqlite3")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE item SET version = version + 7")
        connection.commit()
    report = examined()
    assert report["code"] != 0
    assert any("is at version 8, its history ends at 1" in one for one in report["findings"])


def test_a_file_that_is_none_is_found_and_the_rest_is_looked_at(
    examined: Examined, world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["add", "One"]) == 0
    capsys.readouterr()
    (file,) = (world / "data" / "projects").glob("*.sqlite3")
    for log in file.parent.glob(f"{file.name}-*"):
        log.unlink()
    file.write_bytes(b"not a database, and longer than a header of one is." * 40)
    report = examined()
    assert report["code"] != 0
    assert "file is not a database" in report["seen"]["project"]
    assert "set aside as" in report["seen"]["project"]
    assert "answered with 11 tools" in report["seen"]["live handshake"]


def test_a_project_that_was_misspelt_is_told_with_the_one_that_was_meant(
    examined: Examined, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--project", "warehouse", "add", "One"]) == 0
    capsys.readouterr()
    report = examined("--project", "warehose")
    assert any("warehouse" in one and "--project NAME" in one for one in report["findings"])


def test_a_codebase_server_that_does_not_answer_is_told_and_one_that_is_not_wanted_is_not_asked(
    examined: Examined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEBASE_URL", "http://127.0.0.1:1")
    assert "switched off" in examined()["seen"]["codebase-server"]
    monkeypatch.delenv("BRIDGE")
    report = examined()
    told = "refused: nobody listens at http://127.0.0.1:1"
    assert report["seen"]["codebase-server"] == told
    # the server tried before may have been ended by the system, and its door be told as well
    (found,) = [one for one in report["findings"] if one.startswith(told)]
    assert len(found) > len(f"{told} "), "with what to do"
