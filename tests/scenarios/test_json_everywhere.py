"""Every command of both programs answers in JSON when asked with ``--json``: scripts need no second way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from codebase_server.doors.cli.group import cli as codebase_cli
from codebase_server.doors.cli.run import run as run_codebase
from workflow_server.doors.cli.group import cli as workflow_cli
from workflow_server.doors.cli.run import run as run_workflow

CODEBASE, WORKFLOW = "codebase-server", "workflow-server"
RUNS = {CODEBASE: run_codebase, WORKFLOW: run_workflow}
MODULES = {CODEBASE: "codebase_server", WORKFLOW: "workflow_server"}

TYPED: dict[str, str] = {
    f"{CODEBASE} start": "",
    f"{CODEBASE} search": "greeting",
    f"{CODEBASE} show": "CHUNK",
    f"{CODEBASE} symbol": "greet",
    f"{CODEBASE} outline": "hello.py",
    f"{CODEBASE} index": "",
    f"{CODEBASE} status": "",
    f"{CODEBASE} serve": "",
    f"{CODEBASE} setup": "cursor --print",
    f"{CODEBASE} doctor": "--no-live",
    f"{CODEBASE} forget": "ROOT --yes",
    f"{CODEBASE} gc": "",
    f"{CODEBASE} purge": "CHUNK --yes",
    f"{CODEBASE} completion": "bash",
    f"{WORKFLOW} add": "Another",
    f"{WORKFLOW} plan": "plan.json --dry-run",
    f"{WORKFLOW} list": "",
    f"{WORKFLOW} show": "ITEM",
    f"{WORKFLOW} ready": "",
    f"{WORKFLOW} claim": "ITEM",
    f"{WORKFLOW} update": "ITEM --priority 1",
    f"{WORKFLOW} done": "ITEM",
    f"{WORKFLOW} note": "ITEM noted",
    f"{WORKFLOW} link": "ITEM --to OTHER",
    f"{WORKFLOW} delete": "ITEM",
    f"{WORKFLOW} undo": "ITEM",
    f"{WORKFLOW} check": "",
    f"{WORKFLOW} touched": "HEAD~1..",
    f"{WORKFLOW} history": "ITEM",
    f"{WORKFLOW} stats": "",
    f"{WORKFLOW} type": "",
    f"{WORKFLOW} project": "",
    f"{WORKFLOW} project list": "",
    f"{WORKFLOW} project create": "second",
    f"{WORKFLOW} project archive": "first",
    f"{WORKFLOW} export": "",
    f"{WORKFLOW} import": "list.csv --dry-run",
    f"{WORKFLOW} backup": "copy.sqlite3",
    f"{WORKFLOW} restore": "kept.sqlite3 --name again",
    f"{WORKFLOW} doctor": "",
    f"{WORKFLOW} web": "",
    f"{WORKFLOW} setup": "cursor --print",
    f"{WORKFLOW} completion": "fish",
}
"""What is typed behind each command; words in capitals stand for what the test's world has."""
SERVING = (f"{CODEBASE} serve", f"{WORKFLOW} web")
"""Commands that run until they are stopped, and say first where they serve."""


def commands(group: click.Group, words: str) -> Iterator[tuple[str, click.Command]]:
    """The whole tree: each command with the words that reach it."""
    context = click.Context(group, info_name=words)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{words} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{words} {name}")


TREE = dict([*commands(codebase_cli, CODEBASE), *commands(workflow_cli, WORKFLOW)])


def test_the_table_above_is_the_whole_tree() -> None:
    assert set(TYPED) == set(TREE)


@pytest.mark.parametrize("words", TREE)
def test_every_command_offers_json(words: str) -> None:
    options = {flag for one in TREE[words].params for flag in one.opts}
    assert "--json" in options


@dataclass(frozen=True)
class World:
    """A repository of one file, its index, a project of two items; the folder is the working directory."""

    folder: Path
    known: dict[str, str]

    def typed(self, words: str) -> list[str]:
        return [self.known.get(word, word) for word in TYPED[words].split()]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> World:
    folder = tmp_path / "repository"
    folder.mkdir()
    settings = {
        "HOME": str(tmp_path),
        "USERPROFILE": str(tmp_path),
        "TANDEM_RUNTIME_DIR": str(tmp_path / "runtime"),
        "CODEBASE_DATA_DIR": str(tmp_path / "codebase"),
        "CODEBASE_HTTP_PORT": "0",
        "WORKFLOW_DATA_DIR": str(tmp_path / "workflow"),
        "WORKFLOW_HTTP_PORT": "0",
        "WORKFLOW_PROJECT": "first",
        "WORKFLOW_ACTOR": "ann",
        "BRIDGE": "off",
    }
    for name in [one for one in os.environ if one.startswith(("CODEBASE_", "WORKFLOW_", "XDG_"))]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)
    (folder / "hello.py").write_text('def greet(name):\n    """A greeting."""\n    return f"Hello {name}"\n')
    (folder / "plan.json").write_text('[{"title": "Planned"}]')
    (folder / "list.csv").write_text("title\nListed\n")
    identity = ["-c", "user.name=ann", "-c", "user.email=ann@localhost"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "One"]):
        subprocess.run(["git", *command], check=True)
    subprocess.run(["git", *identity, "commit", "-qm", "Two", "--allow-empty"], check=True)

    def said(program: str, *arguments: str) -> str:
        assert RUNS[program](list(arguments)) == 0
        return capsys.readouterr().out

    known = {"ROOT": str(folder)}
    said(CODEBASE, "index")
    known["CHUNK"] = said(CODEBASE, "symbol", "greet").split("\t")[3]
    known["ITEM"] = said(WORKFLOW, "add", "One").split()[0]
    known["OTHER"] = said(WORKFLOW, "add", "Two").split()[0]
    said(WORKFLOW, "backup", "kept.sqlite3")
    return World(folder, known)


@pytest.mark.parametrize("words", [one for one in TYPED if one not in SERVING])
def test_with_json_stdout_is_one_json_value(
    world: World, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    program, *command = words.split()
    code = RUNS[program]([*command, *world.typed(words), "--json"])
    captured = capsys.readouterr()
    assert isinstance(json.loads(captured.out), dict), captured.out
    assert code == 0, captured.err


@pytest.mark.parametrize("words", SERVING)
def test_a_server_says_in_one_json_line_where_it_serves(world: World, words: str) -> None:
    program, command = words.split()
    process = subprocess.Popen(
        [sys.executable, "-m", MODULES[program], command, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told["pid"] == process.pid
        assert told.get("url", told.get("link", "")).startswith("http://127.0.0.1:")
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.mark.parametrize(
    "words", [f"{CODEBASE} forget", f"{CODEBASE} purge", f"{CODEBASE} setup", f"{WORKFLOW} setup"]
)
def test_a_command_that_would_ask_refuses_to_do_so_in_json(
    world: World, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    program, *command = words.split()
    named = [one for one in world.typed(words) if not one.startswith("--")]
    assert RUNS[program]([*command, *named, "--json"]) != 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "add --yes" in captured.err.lower()
