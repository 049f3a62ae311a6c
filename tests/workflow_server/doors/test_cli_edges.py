"""Ends of the command line that are seldom met: versions, exports as JSON, cursors, installations."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.agreed.errors import TandemError
from workflow_server.doors.cli import installation
from workflow_server.doors.cli.group import main
from workflow_server.settings import load

from .web import environment

Ran = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ran:
    """Run a command in a world of its own: exit code, output, errors."""
    for name, value in (environment(tmp_path) | {"WORKFLOW_ACTOR": "ann"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("CLAUDE_PROJECT_DIR", raising=False)
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        told = capsys.readouterr()
        return code, told.out, told.err

    return command


def test_what_the_disk_refuses_is_told_with_its_place_and_what_to_do(ran: Ran, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    code, _, told = ran("--data-dir", str(tmp_path / "file"), "list")
    assert (code, str(tmp_path / "file") in told, "--data-dir" in told) == (1, True, True)
    assert "store_not_writable" in told
    code, _, told = ran("export", "--output", str(tmp_path / "file" / "out.jsonl"))
    assert (code, str(tmp_path / "file") in told) == (1, True)
    assert "give another path" in told


@pytest.mark.parametrize(
    ("command", "exit_code", "error"),
    [
        (("show", "wi_NONE0000", "--json"), 3, "work_item_not_found"),
        (("add", "--json"), 2, "invalid_arguments"),
        (("ad", "x", "--json"), 2, "invalid_arguments"),
        (("update", "wi_NONE0000", "--priority", "9", "--json"), 2, "invalid_arguments"),
        (("export", "--json", "-o", "file/out.jsonl"), 1, "system_refused"),
    ],
)
def test_a_program_that_asked_for_json_gets_its_errors_as_json(
    ran: Ran, tmp_path: Path, command: tuple[str, ...], exit_code: int, error: str
) -> None:
    ran("add", "One")
    (tmp_path / "file").write_text("in the way")
    code, out, told = ran(*command)
    body = json.loads(told)
    assert (code, out, body["error"]) == (exit_code, "", error)
    assert body["message"]
    assert body["see"] == f"docs/troubleshooting.md#{error}"


def test_json_after_two_dashes_is_a_title_and_no_option(ran: Ran) -> None:
    code, _, told = ran("show", "--", "--json")
    assert code
    assert told.startswith("workflow-server: ")


def test_a_port_that_another_program_holds_is_named_with_the_way_out(ran: Ran) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, _, told = ran("web", "--port", str(port))
    assert (code, f"Port {port} on 127.0.0.1 cannot be taken" in told) == (1, True)
    assert "--port (0 takes a free one)" in told


@pytest.mark.parametrize("command", [("add", "Deep", "--metadata"), ("plan",)])
def test_json_that_is_nested_without_end_is_refused(
    ran: Ran, tmp_path: Path, command: tuple[str, ...]
) -> None:
    deep = "[" * 100_000
    (tmp_path / "plan.json").write_text(deep)
    code, _, told = ran(*command, deep if command[0] == "add" else "plan.json")
    assert (code, "not JSON" in told) == (2, True)


def test_the_version_is_told_and_an_unknown_command_gets_the_nearest(ran: Ran) -> None:
    code, out, _ = ran("--version")
    assert (code, out.split()[0]) == (0, "workflow-server")
    code, _, err = ran("lst")
    assert (code, "Did you mean 'list'?" in err) == (2, True)
    code, _, err = ran("zzzzzz")
    assert code == 2
    assert "Commands: " in err


@pytest.mark.parametrize("form", ["jsonl", "csv", "mermaid"])
def test_an_export_as_json_says_where_it_is_or_holds_it(ran: Ran, tmp_path: Path, form: str) -> None:
    ran("add", "One")
    held = json.loads(ran("export", "--format", form, "--json")[1])
    assert held["format"] == form
    assert "One" in held["text"]
    kept = json.loads(ran("export", "--format", form, "-o", "out", "--json")[1])
    size = (tmp_path / "out").stat().st_size
    assert kept == {"format": form, "output": "out", "bytes": size}
    if form != "jsonl":
        assert (tmp_path / "out").read_text() == held["text"]
    told = ran("export", "--format", form, "-o", "out")
    assert told[1] == ""
    assert "bytes in out" in told[2]


def test_an_export_as_files_says_how_many(ran: Ran) -> None:
    ran("add", "One")
    assert json.loads(ran("export", "--format", "markdown", "-o", "folder", "--json")[1])["files"] == 1


def test_a_page_in_a_pipe_says_on_stderr_how_to_go_on_and_what_is_missing(ran: Ran) -> None:
    first = ran("add", "One")[1].strip()
    ran("add", "Two")
    code, out, err = ran("list", "--limit", "1")
    assert (code, out.count("\n")) == (0, 1)
    assert "more with --cursor " in err
    _, out, err = ran("show", first, "wi_aaaaaaa")
    assert "One" in out
    assert "wi_aaaaaaa" in out + err


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("WORKFLOW_LOG_LEVEL", "LOUD", "give one of"),
        ("WORKFLOW_PROJECT", "   ", "not empty"),
        ("BRIDGE", "perhaps", "give 1, true, yes, on"),
        ("WORKFLOW_HTTP_PORT", "70000", "give a whole number from 0 to 65535"),
    ],
)
def test_a_setting_that_cannot_be_is_named_with_what_could(
    tmp_path: Path, variable: str, value: str, words: str
) -> None:
    with pytest.raises(TandemError, match=words) as refused:
        load({}, {variable: value}, tmp_path / "none.toml")
    assert variable in refused.value.message


def test_a_level_is_read_in_any_letters(tmp_path: Path) -> None:
    assert load({}, {"WORKFLOW_LOG_LEVEL": "debug"}, tmp_path / "none.toml").log_level == "DEBUG"


def test_hosts_start_the_command_beside_this_python_or_on_the_path_or_the_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = tmp_path / "venv" / "bin"
    beside.mkdir(parents=True)
    monkeypatch.setattr(sys, "executable", str(beside / "python"))
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    module = installation.launch({"project": "p", "actor": None})
    assert (module.command, module.arguments) == (
        str(beside / "python"),
        ("-m", "workflow_server", "--project", "p"),
    )
    on_path = tmp_path / "path"
    on_path.mkdir()
    for folder in (on_path, beside):
        program = folder / "workflow-server"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(on_path))
        assert installation.launch().command == str(program)
