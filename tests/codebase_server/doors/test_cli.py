"""The command line: each tool's command, plain output for pipes, JSON, and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from codebase_server.doors.cli.group import COMMANDS
from codebase_server.doors.cli.run import run
from codebase_server.service import opened

from .conftest import server_environment
from .processes import endpoint, stdio_server


@pytest.fixture
def here(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in the repository, in a world of one's own."""
    for name, value in server_environment(tmp_path, repository).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("CODEBASE_ROOT")
    monkeypatch.chdir(repository)
    return repository


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_start_does_the_main_job_and_shows_what_to_paste(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = said(capsys, "start")
    assert code == 0
    assert "3 files" in out
    assert "codebase-server search" in out
    configuration = json.loads(out[out.index("{") : out.rindex("}") + 1])
    servers = configuration["mcpServers"]
    assert set(servers) == {"codebase", "workflow"}
    assert servers["codebase"]["args"] == ["--root", str(here)]
    assert Path(servers["codebase"]["command"]).is_absolute()


@pytest.mark.parametrize("command", ["start", "index"])
def test_a_folder_in_no_repository_is_indexed_only_when_it_is_named(
    here: Path,
    tmp_path: Path,
    command: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "letters.py").write_text("def letter():\n    return 1\n")
    monkeypatch.chdir(plain)
    code, out, err = said(capsys, command)
    assert (code, out) == (3, "")
    assert "is in no git repository" in err
    assert "MCP" not in err  # nobody stands behind a command line who could offer roots
    assert "--root ." in err
    assert said(capsys, command, "--root", ".")[0] == 0


@pytest.mark.parametrize(
    "command", [("search", "check a password"), ("symbol", "admit"), ("outline", "src"), ("outline",)]
)
def test_what_is_asked_first_of_a_repository_is_answered_from_a_whole_index(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setattr(opened, "FIRST_ANSWER_WAIT_S", 0.0)  # as if the repository were large
    code, out, err = said(capsys, *command)
    assert (code, err) == (0, "")
    assert "src/auth.py" in out
    assert json.loads(said(capsys, "status", "--json")[1])["index"]["state"] == "ready"


def test_search_prints_one_stable_line_a_result_into_a_pipe(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "index")[0] == 0
    code, out, _ = said(capsys, "search", "check", "a", "password", "--limit", "1")
    assert code == 0
    place, score, chunk_id, symbol = out.rstrip("\n").split("\t")
    assert place.startswith("src/auth.py:")
    assert 0 <= float(score) <= 1
    assert chunk_id.startswith("c_")
    assert symbol == "Guard.admit"
    assert "\x1b" not in out


def test_every_reading_command_speaks_json(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = json.loads(said(capsys, "index", "--json")[1])
    assert done["files"] == 3
    hit = json.loads(said(capsys, "search", "revoke_session", "--json")[1])["results"][0]
    shown = json.loads(said(capsys, "show", hit["chunk_id"], "--json")[1])
    assert shown["chunks"][0]["content"].startswith("def revoke_session(")
    assert json.loads(said(capsys, "symbol", "Guard", "--json")[1])["results"][0]["symbol"] == "Guard"
    assert json.loads(said(capsys, "outline", "src/auth.py", "--json")[1])["entries"]
    assert json.loads(said(capsys, "status", "--json")[1])["state"] == "ready"


def test_show_symbol_outline_and_status_for_a_reader(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "index")
    chunk_id = said(capsys, "search", "revoke_session")[1].split("\t")[2]
    assert "sessions.pop(session_id, None)" in said(capsys, "show", chunk_id)[1]
    assert "Guard.admit" in said(capsys, "symbol", "admit")[1]
    assert "usage" in said(capsys, "symbol", "stored", "--usages")[1]
    assert "revoke_session" in said(capsys, "outline", "src")[1]
    assert "python 1" in said(capsys, "status")[1]


def test_every_file_that_is_left_out_is_listed_with_its_reason(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(5):
        (here / f"lib{number}.min.js").write_text("x")
    (here / ".env").write_text("KEY=1")
    assert "(status --skipped lists all)" in said(capsys, "index")[1]
    lines = said(capsys, "status", "--skipped")[1].splitlines()
    assert lines == ["secret\t.env", *(f"minified\tlib{number}.min.js" for number in range(5))]
    told = json.loads(said(capsys, "status", "--skipped", "--json")[1])["skipped"]
    assert told[0] == {"file_path": ".env", "reason": "secret"}


def test_explain_shows_what_a_score_is_made_of(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "index")
    _, out, _ = said(capsys, "search", "revoke_session", "--explain", "--limit", "1")
    assert out.count("\t") == 4
    assert "+" in out.split("\t")[4]


def test_exit_codes_tell_found_nothing_usage_and_no_repository(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said(capsys, "index")
    assert said(capsys, "symbol", "no_such_name_anywhere")[0] == 1
    assert said(capsys, "show", "c_aaaaaaaaaaaa")[0] == 1
    assert said(capsys, "outline", "../..")[0] == 2
    assert said(capsys, "search")[0] == 2
    monkeypatch.chdir(tmp_path)
    code, _, err = said(capsys, "search", "x")
    assert code == 3
    assert "--root DIR" in err


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("outline", "../.."), "path_outside_root"),
        (("search",), "invalid_arguments"),
        (("serch", "x"), "invalid_arguments"),
        (("--port", "abc", "status"), "invalid_setting"),
        (("search", "x", "--root", "nowhere"), "root_not_found"),
    ],
)
def test_a_program_that_asked_for_json_gets_its_errors_as_json(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], error: str
) -> None:
    _, out, err = said(capsys, *arguments, "--json")
    body = json.loads(err)
    assert (out, body["error"], bool(body["message"])) == ("", error, True)


@pytest.mark.parametrize(
    ("word", "suggested"), [("serch", "search"), ("statsu", "status"), ("docter", "doctor")]
)
def test_a_wrong_word_suggests_the_right_one(
    word: str, suggested: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = said(capsys, word)
    assert code == 2
    assert f"Did you mean '{suggested}'?" in err


def test_a_bad_setting_is_a_usage_error_that_names_it(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = said(capsys, "--port", "abc", "status")
    assert code == 2
    assert "flag --port" in err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, name, "--help")
    assert code == 0
    assert f"Usage: codebase-server {name}" in out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_scripts_name_the_program(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "completion", shell)
    assert code == 0
    assert "codebase-server" in out
    assert "_CODEBASE_SERVER_COMPLETE" in out


def test_completion_completes_commands(here: Path) -> None:
    import os

    environment = os.environ | {
        "_CODEBASE_SERVER_COMPLETE": "bash_complete",
        "COMP_WORDS": "codebase-server se",
        "COMP_CWORD": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "codebase_server"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert {"plain,search", "plain,serve", "plain,setup"} <= set(done.stdout.split())


def test_forget_gc_and_purge(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "index")
    chunk_id = said(capsys, "search", "revoke_session")[1].split("\t")[2]
    file = here / "src" / "auth.py"
    file.write_text(file.read_text().split("def revoke_session")[0])
    assert said(capsys, "show", chunk_id)[0] == 1
    code, out, _ = said(capsys, "purge", "sessions.pop(session_id", "--yes")
    assert code == 0
    assert "from 1 repositories" in out
    assert "sessions.pop" not in said(capsys, "show", chunk_id)[1], "nothing of it is remembered"
    assert said(capsys, "purge", "sessions.pop(session_id", "--yes")[0] == 1
    assert said(capsys, "gc")[0] == 0
    code, out, _ = said(capsys, "forget", str(here), "--yes")
    assert code == 0
    assert str(here) in out


def test_setup_prints_writes_once_and_removes(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = here / ".mcp.json"
    code, out, _ = said(capsys, "setup", "claude-code", "--print")
    assert code == 0
    assert '+    "codebase": {' in out
    assert not file.exists()
    code, out, _ = said(capsys, "setup", "claude-code", "--yes")
    assert code == 0
    assert "Verified: codebase" in out
    entry = json.loads(file.read_text())["mcpServers"]["codebase"]
    assert entry["args"][:2] == ["--root", str(here)]
    assert "nothing to change" in said(capsys, "setup", "claude-code", "--yes")[1]
    assert said(capsys, "setup", "claude-code", "--remove", "--yes")[0] == 0
    assert not file.exists(), "there was none before"
    assert said(capsys, "setup", "claude-cod")[0] == 2


def test_setup_writes_no_root_that_the_server_would_refuse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    code, _, err = said(capsys, "--root", str(tmp_path), "setup", "cursor", "--yes")
    assert code != 0
    assert "is your home directory" in err
    assert not (tmp_path / ".cursor").exists()


def test_doctor_reports_settings_findings_and_a_live_handshake(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "index")
    bundle = tmp_path / "report.json"
    code, out, _ = said(capsys, "doctor", "--bundle", str(bundle))
    assert code == 0, out
    assert "live handshake: codebase" in out
    assert "environment CODEBASE_HTTP_PORT" in out
    report = json.loads(bundle.read_text("utf-8"))
    assert "python" in {one["name"] for one in report["findings"]}
    assert str(Path.home()) not in bundle.read_text("utf-8")


ASKED = {
    "search_code": ("search", "revoke_session"),
    "find_symbol": ("symbol", "revoke_session"),
    "get_chunks": ("show", "CHUNK"),
    "outline": ("outline", "src/auth.py"),
    "index_status": ("status",),
}
"""Operations and the commands that let a running server do them."""


def test_reading_commands_ask_a_running_server_of_the_same_data_folder(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "index")
    chunk_id = said(capsys, "search", "revoke_session")[1].split("\t")[2]
    typed = {name: [chunk_id if word == "CHUNK" else word for word in words] for name, words in ASKED.items()}
    alone = {name: said(capsys, *words)[1] for name, words in typed.items()}
    environment = server_environment(tmp_path, here)
    with stdio_server(environment, tmp_path) as server:
        server.initialize()
        server.record("index_status")
        for name, words in typed.items():
            counted = f'codebase_requests_total{{operation="{name}",outcome="ok"}}'
            before = metric(tmp_path, counted)
            told = said(capsys, *words)[1]
            assert same(told) == same(alone[name]), name
            assert metric(tmp_path, counted) == before + 1, f"{name}: the command did it itself"
        server.process.kill()
    for name, words in typed.items():
        assert same(said(capsys, *words)[1]) == same(alone[name]), "a dead server's file misleads nobody"


def same(text: str) -> list[str]:
    """What does not depend on who answers: all but the writer's process and whether the model is loaded."""
    return [line for line in text.splitlines() if not line.startswith(("writer", "embedder"))]


def metric(folder: Path, name: str) -> float:
    """One value of a running server's /metrics; 0 when it is not there yet."""
    told = endpoint(folder)
    request = urllib.request.Request(
        told["url"] + "/metrics", headers={"Authorization": f"Bearer {told['token']}"}
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        for line in response.read().decode().splitlines():
            if line.startswith(name):
                return float(line.rsplit(" ", 1)[1])
    return 0.0


def test_what_is_to_be_forgotten_must_be_there_before_anybody_is_asked(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a terminal a question would abort: the answer comes first."""
    code, out, err = said(capsys, "forget", "nosuch")
    assert code == 3
    assert "nosuch" in err
    assert "Drop" not in out


def test_the_roots_there_are_stand_one_on_a_line_the_nearest_first(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(12):
        folder = tmp_path / f"other{number}"
        folder.mkdir()
        assert run(["--root", str(folder), "index"]) == 0
    code, _, err = said(capsys, "forget", "othr7")
    assert code == 3
    lines = err.splitlines()
    first = lines.index("Known roots, the nearest first:") + 1
    assert lines[first].startswith(f"  {tmp_path / 'other7'} (")
    assert all(line.startswith(f"  {tmp_path}") for line in lines[first : first + 13])
    assert lines[first + 13].startswith("A new one is added on the command line")


def test_what_is_said_names_commands_and_options_not_tools(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "api.pb.go").write_text("// Code generated by protoc. DO NOT EDIT.\npackage a\n")
    (here / "many.py").write_text("def rung():\n    pass\n\n\n" + "rung()\nx = 1\n\n\n" * 3)
    said(capsys, "index")
    for arguments in (
        ("symbol", "nosuchname"),
        ("symbol", "*"),
        ("symbol", "src/auth.py"),
        ("symbol", "no*such"),
        ("symbol", "admit", "--kind", "class"),
        ("symbol", "rung", "--usages", "--limit", "1"),
        ("outline", "*.py"),
        ("search", "=>", "--path", "nowhere"),
    ):
        _, _, err = said(capsys, *arguments)
        assert err
        for tool in ("search_code", "find_symbol", "index_status", "get_chunks", "symbol_kind", "`"):
            assert tool not in err, (arguments, err)
    _, _, err = said(capsys, "symbol", "nosuchname")
    assert "codebase-server search looks for what it does" in err
    assert "codebase-server status --skipped lists them" in err


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("outline", "auth.py"), "src/auth.py"),
        (("outline", "."), "src/auth.py"),
        (("outline", "src/auth.py"), "src/auth.py"),
        (("search", "check a password", "--path", "auth.py"), "src/auth.py"),
        (("symbol", "admit", "--path", "auth.py"), "src/auth.py"),
        (("show", "auth.py:1"), "src/auth.py"),
        (("show", "auth.py::admit"), "admit"),
    ],
)
def test_a_path_is_meant_from_the_folder_one_stands_in(
    here: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    told: str,
) -> None:
    monkeypatch.chdir(here / "src")
    code, out, err = said(capsys, *command)
    assert (code, err) == (0, "")
    assert told in out


def test_an_index_of_nothing_says_so_and_why_whatever_is_asked(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty"
    subprocess.run(["git", "init", "-q", str(empty)], check=True)
    monkeypatch.chdir(empty)
    for command in (("search", "password"), ("symbol", "admit"), ("outline",)):
        code, out, err = said(capsys, *command)
        assert (code, out) == (1, "")
        assert f"Nothing is indexed: {empty} holds no files" in err
    assert "holds no files" in said(capsys, "index")[2]
    (empty / "picture.bin").write_bytes(b"\0\1")
    assert "its one file is skipped (1 binary)" in said(capsys, "index")[2]
    assert "its one file is skipped (1 binary)" in said(capsys, "search", "password")[2]
    findings = json.loads(said(capsys, "doctor", "--json")[1])["findings"]
    (told,) = [one for one in findings if one["name"] == "index of empty"]
    assert "its one file is skipped (1 binary)" in told["detail"]
    assert "codebase-server index" not in told["next_step"]


def test_a_star_before_the_end_of_a_name_is_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = said(capsys, "symbol", "*dmi*")
    assert code == 1
    assert "A * stands only at the end of a name" in err
    assert "A * stands" not in said(capsys, "symbol", "admi*")[2]
