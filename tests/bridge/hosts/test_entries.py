"""A host that was told of a server can start it, or what stands in its way is said."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.hosts.entries import Entry, entries
from bridge.hosts.known import Surroundings


def around(home: Path) -> Surroundings:
    return Surroundings(home, "linux", {}, home / "project")


def cursor(home: Path, entry: Any) -> list[Entry]:
    file = home / ".cursor" / "mcp.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"mcpServers": {"codebase": entry}}))
    return list(entries("codebase", around(home)))


def test_a_good_entry_has_no_problem(tmp_path: Path) -> None:
    (found,) = cursor(tmp_path, {"command": sys.executable, "args": []})
    assert (found.host, found.command, found.problem) == ("Cursor", sys.executable, "")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"command": "codebase-server"}, "no absolute path"),
        ({"command": "/nowhere/bin/codebase-server"}, "not there any more"),
        ({"args": []}, "names no command"),
        ("codebase-server", "names no command"),
    ],
)
def test_what_stands_in_the_way_is_said_with_a_remedy(tmp_path: Path, entry: Any, problem: str) -> None:
    (found,) = cursor(tmp_path, entry)
    assert problem in found.problem
    assert "setup" in found.remedy


def test_settings_that_are_broken_are_a_finding(tmp_path: Path) -> None:
    file = tmp_path / ".codex" / "config.toml"
    file.parent.mkdir()
    file.write_text("[mcp_servers\n")
    (found,) = entries("codebase", around(tmp_path))
    assert "cannot be read" in found.problem
    assert str(file) in found.remedy


def test_hosts_that_were_told_nothing_are_no_finding(tmp_path: Path) -> None:
    (tmp_path / ".cursor").mkdir()
    assert list(entries("codebase", around(tmp_path))) == []


def test_zed_s_older_form_and_an_entry_of_null_are_understood(tmp_path: Path) -> None:
    (found,) = cursor(tmp_path, {"command": {"path": sys.executable, "args": []}})
    assert (found.command, found.problem) == (sys.executable, "")
    file = tmp_path / ".cursor" / "mcp.json"
    file.write_text('{"mcpServers": {"codebase": null, "other": {"command": "x"}}}')
    assert list(entries("codebase", around(tmp_path))) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names there")
@pytest.mark.timeout(20)
def test_settings_that_are_no_file_are_said_to_be_none_and_not_waited_for(tmp_path: Path) -> None:
    """Those of a project come with its repository."""
    (tmp_path / ".cursor").mkdir()
    os.mkfifo(tmp_path / ".cursor" / "mcp.json")
    (found,) = entries("codebase", around(tmp_path))
    assert "is no regular file" in found.problem
