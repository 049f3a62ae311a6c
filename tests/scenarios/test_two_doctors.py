"""Both doctors speak alike: one form of report, the same checks of the machine, and for each finding that
is not good a next step and a section of the troubleshooting page.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "troubleshooting.md"
SERVERS = {"codebase-server": "codebase_server", "workflow-server": "workflow_server"}
OF_THE_MACHINE = {
    "python",
    "mcp sdk",
    "sqlite",
    "git",
    "settings file",
    "data folder",
    "runtime folder",
    "log",
    "live handshake",
}


@pytest.fixture
def world(tmp_path: Path) -> dict[str, str]:
    """A home, a repository and folders of one's own."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "orders.py").write_text("def total():\n    return 1\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path / "shop", check=True)
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return kept | {
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "TANDEM_RUNTIME_DIR": str(tmp_path / "runtime"),
        "CODEBASE_HTTP_PORT": "0",
        "WORKFLOW_HTTP_PORT": "0",
        "WORKFLOW_PROJECT": "shop",
    }


def examined(server: str, world: dict[str, str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the report of a doctor, run in the repository."""
    done = subprocess.run(
        [sys.executable, "-m", SERVERS[server], "doctor", "--json", *arguments],
        cwd=Path(world["HOME"]) / "shop",
        env=world,
        capture_output=True,
        text=True,
        timeout=240,
    )
    return done.returncode, json.loads(done.stdout)


def not_good(report: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {one["name"]: one for one in report["findings"] if one["level"] != "ok"}


def anchors() -> set[str]:
    """The anchors of the troubleshooting page's headings, as MkDocs and GitHub make them."""
    headings = re.findall(r"^#+ (.+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    plain = [re.sub(r"[^\w\s-]", "", one.replace("`", "")).strip().lower() for one in headings]
    return {re.sub(r"[-\s]+", "-", one) for one in plain}


def test_both_reports_have_one_form_and_look_at_the_same_machine(world: dict[str, str]) -> None:
    reports = {server: examined(server, world)[1] for server in SERVERS}
    for server, report in reports.items():
        assert list(report) == ["program", "findings", "settings", "last_errors"]
        assert report["program"] == server
        names = [one["name"] for one in report["findings"]]
        assert set(names) >= OF_THE_MACHINE
        assert names[0] == server
        for one in report["findings"]:
            assert list(one) == ["level", "name", "detail", "next_step", "see"]
        for row in report["settings"]:
            assert list(row) == ["name", "value", "source"]
    alike = {"python", "mcp sdk", "sqlite", "git", "settings file"}
    told = [
        {one["name"]: one["detail"] for one in report["findings"] if one["name"] in alike}
        for report in reports.values()
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize("server", SERVERS)
def test_each_trouble_has_a_next_step_and_a_section_that_exists(server: str, world: dict[str, str]) -> None:
    """No git, a port that is held, a stale and a torn endpoint file, an error in the log, a host that cannot
    start it.
    """
    home = Path(world["HOME"])
    word = server.partition("-")[0]
    runtime = home / "runtime"
    runtime.mkdir()
    stale = {"url": "http://127.0.0.1:1", "token": "t", "pid": 2**22 - 1, "data_dir_id": "d", "roots": []}
    (runtime / f"{word}-endpoint.json").write_text(json.dumps(stale))
    (runtime / f"{word}-endpoint.7.json").write_text('{"url": ')
    log = home / "state" / "tandem" / "log" / f"{server}.log"
    log.parent.mkdir(parents=True)
    log.write_text("2026-01-01 10:00:00,000 ERROR 1 - somewhere: something broke\n")
    cursor = home / ".cursor" / "mcp.json"
    cursor.parent.mkdir()
    cursor.write_text(json.dumps({"mcpServers": {word: {"command": "/gone/server"}}}))
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        troubled = {
            **world,
            "PATH": str(home),
            "CODEBASE_HTTP_PORT": port,
            "WORKFLOW_HTTP_PORT": port,
        }
        code, report = examined(server, troubled, "--no-live")
    assert code != 0
    found = not_good(report)
    assert {
        "git",
        f"{word}-endpoint.json",
        f"{word}-endpoint.7.json",
        f"port {port}",
        "log",
        "Cursor",
    } <= set(found)
    assert report["last_errors"] == ["2026-01-01 10:00:00,000 ERROR 1 - somewhere: something broke"]
    known = anchors()
    for one in found.values():
        assert one["next_step"], one
        page, _, section = one["see"].partition("#")
        assert page == "docs/troubleshooting.md"
        assert section in known, one


@pytest.mark.parametrize("server", SERVERS)
def test_where_the_data_folder_is_a_file_the_other_checks_still_run(
    server: str, world: dict[str, str]
) -> None:
    """And the live handshake, a real start, says how far the server comes."""
    data = Path(world["HOME"]) / "elsewhere"
    data.write_text("a file where a folder should be")
    variable = f"{server.partition('-')[0].upper()}_DATA_DIR"
    code, report = examined(server, {**world, variable: str(data)})
    assert code != 0
    found = not_good(report)
    assert "is no folder" in found["data folder"]["detail"]
    assert {"log", "hosts", "live handshake"} <= {one["name"] for one in report["findings"]}


@pytest.mark.parametrize("server", SERVERS)
def test_the_file_to_attach_holds_the_report_and_the_log_and_nobodys_name(
    server: str, world: dict[str, str]
) -> None:
    home = Path(world["HOME"])
    log = home / "state" / "tandem" / "log" / f"{server}.log"
    log.parent.mkdir(parents=True)
    log.write_text(f"2026-01-01 10:00:00,000 INFO 1 - in {home}/shop\n")
    examined(server, world, "--no-live", "--bundle", "report.json")
    text = (home / "shop" / "report.json").read_text("utf-8")
    assert str(home) not in text
    report = json.loads(text)
    assert "INFO 1 - in " in report["log"][0]
    assert {one["name"] for one in report["findings"]} > {"python", "git"}
