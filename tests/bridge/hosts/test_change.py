"""A change is shown, backed up, written whole, and undone."""

from __future__ import annotations

import errno
import json
import os
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.agreed import system
from bridge.agreed.errors import TandemError
from bridge.hosts import change, setup
from bridge.hosts.known import HOSTS, Host, Launch, Platform, Surroundings, installed

LAUNCH = Launch("codebase", "/opt/venv/bin/codebase-server", ("--root", "/p"))
OTHER = Launch("workflow", "/opt/venv/bin/workflow-server", ("--project", "p"))

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
servers = st.dictionaries(st.sampled_from(["a", "b", "codebases", "Workflow"]), values, max_size=3)


@st.composite
def settings_files(draw: st.DrawFn, host: Host) -> str | None:
    """A settings file as people have them: none, empty, odd indents and line ends, servers or not."""
    form = draw(st.sampled_from(["none", "blank", "document"]))
    if form != "document":
        return None if form == "none" else draw(st.sampled_from(["", "\n", "  \n\n"]))
    end = draw(st.sampled_from(["", "\n", "\n\n", " \n"]))
    if host.syntax == "toml":
        tables = draw(st.lists(st.sampled_from(["a.b", "mcp_servers.x", "z"]), unique=True))
        comment = draw(st.sampled_from(["", "# mine\n", "model = 'x' # good\n\n"]))
        return comment + "\n".join(f"[{name}] # of {name}\nc = [1,\n 2]\n" for name in tables) + end
    document: dict[str, Any] = draw(st.dictionaries(st.text(max_size=6), values, max_size=3))
    if draw(st.booleans()):
        inner = document
        for name in host.section[:-1]:
            inner = inner.setdefault(name, {})
        inner[host.section[-1]] = draw(servers)
    indent = draw(st.sampled_from([None, 1, 2, 4, "\t"]))
    text = json.dumps(document, indent=indent, ensure_ascii=draw(st.booleans()))
    if not host.strict and draw(st.booleans()):
        text = text.replace("{", "{ // ours\n", 1)
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return text + end


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.key)
@given(data=st.data())
@settings(deadline=None, max_examples=30)
def test_what_setup_put_in_it_takes_out_to_the_byte(host: Host, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = around(Path(folder))
        file = host.file(here)
        file.parent.mkdir(parents=True)
        first = data.draw(settings_files(host))
        if first is not None:
            file.write_bytes(first.encode())
        put_in = data.draw(st.permutations([LAUNCH, OTHER]))[: data.draw(st.integers(1, 2))]
        for launch in put_in:
            change.adding(host, launch, here).write()
        for launch in data.draw(st.permutations(put_in)):
            change.removing(host, launch.name, here).write()
        assert (file.read_bytes().decode() if file.exists() else None) == first
        beside = [one.name for one in file.parent.iterdir() if one != file]
        assert not beside, "nothing of ours is left"


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
    assert not first.file.exists(), "there was no file before, so there is none afterwards"


def test_what_stood_there_first_is_kept_as_the_backup(tmp_path: Path) -> None:
    here = around(tmp_path)
    host = HOSTS[0]
    file = host.file(here)
    file.parent.mkdir(parents=True)
    file.write_text('{"mine": true}')
    backup = change.adding(host, LAUNCH, here).write()
    assert backup is not None
    assert backup.read_text() == '{"mine": true}'
    change.adding(host, OTHER, here).write()
    assert backup.read_text() == '{"mine": true}', "a later change must not overwrite the first backup"
    file.write_text(file.read_text() + "\n")
    change.removing(host, "codebase", here).write()
    assert backup.read_text() == '{"mine": true}', "what was changed by others since can be compared with it"


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


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.key)
def test_taking_out_what_was_never_there_changes_nothing(host: Host, tmp_path: Path) -> None:
    here = around(tmp_path)
    intended = change.removing(host, "codebase", here)
    assert not intended.needed
    assert intended.write() is None
    assert not intended.file.exists()


def test_a_broken_settings_file_is_left_alone_when_taking_out(tmp_path: Path) -> None:
    here = around(tmp_path)
    host = HOSTS[0]
    file = host.file(here)
    file.parent.mkdir(parents=True)
    file.write_text('{"mcpServers": {"codebase": {')
    with pytest.raises(TandemError, match="cannot be edited"):
        change.removing(host, "codebase", here)


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.key)
def test_an_environment_of_one_s_own_is_written_for_every_host(host: Host, tmp_path: Path) -> None:
    here = around(tmp_path)
    launch = Launch("codebase", "/opt/venv/bin/codebase-server", (), {"CODEBASE_EMBEDDER": "none"})
    change.adding(host, launch, here).write()
    assert "CODEBASE_EMBEDDER" in host.file(here).read_text()


def of_a_project(tmp_path: Path) -> tuple[Host, Surroundings, Path]:
    """A host whose settings lie in the project, and the project's settings file."""
    here = around(tmp_path)
    host = next(one for one in HOSTS if not one.everywhere)
    file = host.file(here)
    file.parent.mkdir(parents=True)
    return host, here, file


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_backup_that_a_repository_has_put_there_is_not_followed(tmp_path: Path) -> None:
    """Its settings file would be copied to wherever the link leads: into the user's start-up files, say."""
    host, here, file = of_a_project(tmp_path)
    file.write_text('{"curl evil.example":\n\n1}')
    victim = tmp_path / ".bash_profile"
    file.with_name(file.name + ".before-tandem").symlink_to(victim)
    with pytest.raises(TandemError, match="nothing was written") as refused:
        change.adding(host, LAUNCH, here).write()
    assert refused.value.code == "settings_unsafe"
    assert not victim.exists()
    assert "codebase" not in file.read_text()


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_settings_of_a_project_do_not_lead_out_of_it(tmp_path: Path) -> None:
    host, here, file = of_a_project(tmp_path)
    outside = tmp_path / "outside.json"
    outside.write_text("{}")
    file.symlink_to(outside)
    with pytest.raises(TandemError, match="leads out of the project"):
        change.adding(host, LAUNCH, here).write()
    assert outside.read_text() == "{}"


@pytest.mark.skipif(os.name == "nt", reason="no such files there")
@pytest.mark.timeout(20)
def test_a_pipe_in_the_place_of_settings_is_not_waited_for(tmp_path: Path) -> None:
    host, here, file = of_a_project(tmp_path)
    os.mkfifo(file)
    with pytest.raises(TandemError, match="is no regular file"):
        change.adding(host, LAUNCH, here)


@pytest.mark.skipif(os.name == "nt", reason="modes say nothing there")
def test_the_backup_of_settings_with_keys_is_as_private_as_they_were(tmp_path: Path) -> None:
    here = around(tmp_path)
    file = HOSTS[0].file(here)
    file.parent.mkdir(parents=True)
    file.write_text('{"key": "secret"}')
    file.chmod(0o600)
    backup = change.adding(HOSTS[0], LAUNCH, here).write()
    assert backup is not None
    assert (backup.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o600, 0o600)


@pytest.mark.parametrize("text", ['{"mcpServers": {},}', "{ // mine\n}", '{"a": [1,]}'])
def test_a_host_that_reads_strictly_is_given_no_entry_in_a_file_that_it_cannot_read(
    tmp_path: Path, text: str
) -> None:
    here = around(tmp_path)
    for host in HOSTS:
        if host.syntax == "toml":
            continue
        file = host.file(here)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        if not host.strict:
            assert change.adding(host, LAUNCH, here).needed
            continue
        with pytest.raises(TandemError, match="line 1: it has comments or trailing commas") as told:
            change.adding(host, LAUNCH, here)
        assert told.value.code == "settings_unreadable"
        assert file.read_text(encoding="utf-8") == text
    assert {host.key for host in HOSTS if host.strict} == {"claude-desktop", "claude-code"}


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no files from anybody")
def test_a_folder_that_cannot_be_written_is_told_with_the_next_step() -> None:
    here = around(Path("/proc/self"))
    for host in HOSTS:
        with pytest.raises(TandemError, match=r"cannot be written .*nothing was changed") as told:
            change.adding(host, LAUNCH, here).write()
        assert told.value.code == "settings_not_writable"
        assert "setup --print" in told.value.hint


def test_a_write_that_fails_half_way_leaves_nothing_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = around(tmp_path)
    host = HOSTS[0]

    def full(new: object, file: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(system, "put_in_place", full)
    with pytest.raises(TandemError, match="No space left on device") as told:
        change.adding(host, LAUNCH, here).write()
    assert told.value.hint.startswith("Free some space")
    assert not list(host.file(here).parent.iterdir())


def test_setup_says_what_to_do_after_each_and_what_is_to_know_of_a_project_s_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = around(tmp_path)
    code = next(host for host in HOSTS if host.key == "claude-code")
    for remove, said, unsaid in (
        (False, "approve the server", "until they end"),
        (True, "until they end", "approve the server"),
    ):
        wanted = setup.Wanted(yes=True, verify=False, remove=remove)
        setup.run([code], lambda host: LAUNCH, here, wanted, trial=("none", {}))
        told = capsys.readouterr().out
        assert said in told
        assert unsaid not in told
        assert ("usually committed" in told) == (not remove)
    assert not code.file(here).exists()
