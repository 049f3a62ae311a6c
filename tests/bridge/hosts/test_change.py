"""A change is shown, backed up, written whole, and undone."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from bridge.agreed.errors import TandemError
from bridge.hosts import change
from bridge.hosts.known import HOSTS, Host, Launch, Platform, Surroundings, installed

LAUNCH = Launch("codebase", "/opt/venv/bin/codebase-server", ("--root", "/p"))


def around(folder: Path, platform: Platform = "linux") -> Surroundings:
    return Surroundings(folder / "home", platform, {}, folder / "project")


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.key)
@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_every_host_is_set_up_once_and_undone(host: Host, platform: Platform, tmp_path: Path) -> None:
    here = around(tmp_path, platform)
    first = change.adding(host, LAUNCH, here)
    assert first.needed
    assert LAUNCH.command in first.diff()
    assert first.write() is None, "there was nothing to back up"
    written = first.file.read_text()
    held = tomllib.loads(written) if host.syntax == "toml" else json.loads(written)
    for name in host.section:
        held = held[name]
    assert held["codebase"]["command"] == LAUNCH.command
    assert held["codebase"]["args"] == ["--root", "/p"]

    assert not change.adding(host, LAUNCH, here).needed, "the second time there is nothing to do"
    change.removing(host, "codebase", here).write()
    assert "codebase-server" not in first.file.read_text()


def test_what_stood_there_first_is_kept_as_the_backup(tmp_path: Path) -> None:
    here = around(tmp_path)
    host = HOSTS[0]
    file = host.file(here)
    file.parent.mkdir(parents=True)
    file.write_text('{"mine": true}')
    backup = change.adding(host, LAUNCH, here).write()
    assert backup is not None
    assert backup.read_text() == '{"mine": true}'
    change.removing(host, "codebase", here).write()
    assert backup.read_text() == '{"mine": true}', "a later change must not overwrite the first backup"


def test_a_file_changed_meanwhile_is_not_written(tmp_path: Path) -> None:
    here = around(tmp_path)
    host = HOSTS[0]
    intended = change.adding(host, LAUNCH, here)
    intended.file.parent.mkdir(parents=True)
    intended.file.write_text("{}")
    with pytest.raises(TandemError, match="nothing was written"):
        intended.write()
    assert intended.file.read_text() == "{}"


def test_a_broken_settings_file_is_named_and_left_alone(tmp_path: Path) -> None:
    here = around(tmp_path)
    host = HOSTS[0]
    file = host.file(here)
    file.parent.mkdir(parents=True)
    file.write_text("{broken")
    with pytest.raises(TandemError, match=r"claude_desktop_config\.json.*cannot be edited"):
        change.adding(host, LAUNCH, here)
    assert file.read_text() == "{broken"


def test_only_hosts_that_are_there_are_offered(tmp_path: Path) -> None:
    here = around(tmp_path)
    assert installed(here) == []
    (here.home / ".cursor").mkdir(parents=True)
    assert [host.key for host in installed(here)] == ["cursor"]
