"""What the commands show a person at a terminal, and what they say of input that is wrong."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from workflow_server.doors.cli.group import exit_code, main

from .web import environment

Command = Callable[..., str]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the commands' own: data, home, settings; nothing of the user's."""
    for name in ("CODEBASE_URL", "CLAUDE_PROJECT_DIR", "WORKFLOW_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (environment(tmp_path) | {"WORKFLOW_ACTOR": "ann", "COLUMNS": "160"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(world: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command that must succeed; its output."""

    def command(*arguments: str) -> str:
        code = main(list(arguments))
        told = capsys.readouterr()
        assert code == 0, told.err
        return told.out

    return command


@pytest.fixture
def refused(world: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run a command that must fail; its exit code and what it said."""

    def command(*arguments: str) -> tuple[int, str]:
        code = main(list(arguments))
        told = capsys.readouterr()
        assert told.out == ""
        assert "Traceback" not in told.err
        return code, told.err

    return command


@pytest.fixture
def terminal(run: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command as on a terminal without colours."""
    monkeypatch.setenv("TERM", "dumb")

    def command(*arguments: str) -> str:
        with monkeypatch.context() as patched:
            patched.setattr(sys.stdout, "isatty", lambda: True)
            return run(*arguments)

    return command


def test_an_item_at_a_terminal_shows_all_there_is_of_it(run: Command, terminal: Command) -> None:
    blocker = run("add", "Think").strip()
    item = run(
        "add", "Build **it**", "-d", "# Head\n\nSome *text*.", "-l", "red", "-a", "bo", "-b", blocker,
        "-c", "runs", "-r", "src/a.py::f", "--metadata", '{"size": 3}',
    ).split()[0]  # fmt: skip
    child = run("add", "Child", "--parent", item).strip()
    run("note", item, "first\nsecond")
    run("update", item, "--add-criterion", "is fast")
    shown = terminal("show", item)
    for words in ("Build **it**", "Head", "Some text.", "#red @bo", "☐ 0 runs", "☐ 1 is fast", "size=3"):
        assert words in shown, words
    for words in (blocker, child, "Child", "unchecked src/a.py::f", "first", "second", "ann"):
        assert words in shown, words
    assert "ann via cli update" in terminal("history", item)
    run("done", blocker)
    taken = terminal("claim", child)
    assert "claim token: ct_" in taken
    assert "active" in taken


def test_a_criterion_is_added_beside_those_that_have_evidence_in_code(run: Command) -> None:
    item = run("add", "Build", "-c", "runs").strip()
    run("done", item, "-e", "0=src/a.py::f")
    run("update", item, "--add-criterion", "is fast", "--add-criterion", "is small")
    held = json.loads(run("show", item, "--json"))["items"][0]["acceptance_criteria"]
    assert [(one["text"], one["done"], one["evidence"]) for one in held] == [
        ("runs", True, "src/a.py::f"),
        ("is fast", False, None),
        ("is small", False, None),
    ]


def test_lists_at_a_terminal_are_tables_with_a_count(run: Command, terminal: Command) -> None:
    first = run("add", "First", "-l", "red").strip()
    run("add", "Second", "-b", first, "-a", "bo")
    table = terminal("list")
    assert [word for word in table.splitlines()[0].split() if word] == [
        "id", "status", "P", "title", "who", "waits", "for",
    ]  # fmt: skip
    assert "First #red" in table
    assert (
        f"bo   {first}" in " ".join(table.split("Second")[1].split(" ")).replace("    ", "   ")
        or first in table
    )
    assert "2 of 2 in tests" in table
    more = terminal("list", "--limit", "1")
    assert "1 of 2 in tests; more with --cursor " in more
    assert "First" in terminal("ready")


def test_projects_and_types_are_listed_made_and_put_away(
    run: Command, terminal: Command, world: Path
) -> None:
    run("add", "So that it is there")
    run("project", "create", "other")
    assert [line.split("\t")[0] for line in run("project", "list").splitlines()] == ["other", "tests"]
    assert "tests 1 open of 1" in terminal("project")
    assert run("project", "archive", "other").strip() == "other"
    assert "archived" in terminal("project", "list")
    assert run("project", "archive", "other", "--restore").strip() == "other"
    (world / "schema.json").write_text(
        json.dumps({"type": "object", "properties": {"size": {"type": "integer"}}})
    )
    assert run("type", "box", "--schema", "schema.json", "--description", "A box") == "box version 1\n"
    assert "box" in run("type")
    assert json.loads(run("type", "box", "--json"))["types"][0]["description"] == "A box"
    (world / "schema.json").write_text(json.dumps({"type": "object", "required": ["size"]}))
    told = run("type", "box", "--schema", "schema.json", "--allow-breaking", "--defaults", '{"size": 1}')
    assert told.startswith("box version 2\n")
    assert "size" in told


def test_an_import_says_what_it_did_and_left_out(run: Command, world: Path) -> None:
    (world / "issues.jsonl").write_text(
        json.dumps({"id": "bd-1", "title": "One", "status": "open", "issue_type": "task", "odd": 1}) + "\n"
        + json.dumps({"id": "bd-2", "title": "Two", "status": "open",
                      "dependencies": [{"depends_on_id": "bd-9", "type": "blocks"}]}) + "\n"
    )  # fmt: skip
    rehearsed = run("import", "issues.jsonl", "--format", "beads", "--dry-run")
    assert "would be" in rehearsed
    told = run("import", "issues.jsonl", "--format", "beads")
    assert "2" in told.splitlines()[0]
    assert "left out: bd-2: waits for bd-9, which is not in the file" in told
    assert run("list").count("\n") == 2


def test_an_export_as_markdown_has_criteria_code_and_notes(run: Command, world: Path) -> None:
    item = run("add", "A [title]/with: signs", "-c", "runs", "-r", "src/a.py::f").split()[0]
    run("note", item, "done so far")
    token = json.loads(run("claim", item, "--json"))["claim_token"]
    run("done", item, "-e", "0=seen", "--token", token)
    run("export", "--format", "markdown", "-o", "out")
    (file,) = (world / "out").glob(f"{item} *.md")
    text = file.read_text("utf-8")
    assert "## Acceptance criteria\n\n- [x] runs — seen\n" in text
    assert "## Code\n\n- `src/a.py::f`\n" in text
    assert " ann\n\ndone so far\n" in text
    assert "- [x] [A \\[title\\]/with: signs](<" in (world / "out" / "index.md").read_text("utf-8")
    run("update", item, "--title", "Renamed")
    run("export", "--format", "markdown", "-o", "out")
    assert [found.name for found in (world / "out").glob(f"{item} *.md")] == [f"{item} Renamed.md"]


def test_what_is_deleted_can_be_brought_back(run: Command) -> None:
    item = run("add", "Gone").strip()
    assert run("delete", item) == f"deleted {item}; workflow-server delete ID --restore brings it back\n"
    assert run("list") == ""
    assert f"restored {item}" in run("delete", item, "--restore")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("add", "x", "--metadata", "{"), 2, "not JSON"),
        (("add", "x", "--metadata", "[1]"), 2, "not a JSON object"),
        (("plan", "none.json"), 3, "none.json does not exist."),
        (("plan", "broken.json"), 2, "broken.json is not JSON"),
        (("plan", "broken.json"), 2, "workflow-server import broken.json"),
        (("plan", "number.json"), 2, "holds no list of items. Give [{"),
        (("update", "wi_a", "wi_b", "--add-criterion", "x"), 2, "--add-criterion takes one item"),
        (("done", "wi_a", "-e", "evidence"), 2, "does not begin with a criterion's number"),
        (("export", "--format", "markdown"), 2, "give it with --output"),
        (("type", "box", "--schema", "broken.json"), 2, "--schema: not JSON"),
        (("type", "box", "--defaults", "{"), 2, "--defaults: not JSON"),
        (("type", "--description", "x"), 2, "give the NAME"),
        (("check", "--relink", "wi_a"), 2, "ID=REF"),
        (("touched", "no-such-branch.."), 1, "Run it in a repository."),
    ],
)
def test_wrong_input_is_named_with_what_was_expected(
    refused: Callable[..., tuple[int, str]], world: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    (world / "broken.json").write_text("{")
    (world / "number.json").write_text("3")
    found, told = refused(*arguments)
    assert words in told
    assert found == code


def test_a_reader_that_leaves_ends_a_command_without_a_complaint(
    run: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("add", "One")

    def gone(text: str) -> int:
        raise BrokenPipeError

    with monkeypatch.context() as patched:
        patched.setattr(sys.stdout, "write", gone)
        stdout = sys.stdout
        assert main(["list"]) == 0
        sys.stdout = stdout
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(os.name == "nt", reason="a file where the folder would be")
def test_a_data_folder_that_cannot_be_made_is_a_refusal_with_its_name(
    refused: Callable[..., tuple[int, str]], world: Path
) -> None:
    (world / "data").write_text("a file")
    code, told = refused("add", "x")
    assert code in (1, 3)
    assert str(world / "data") in told


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("internal_error", 70),
        ("invalid_setting", 2),
        ("invalid_arguments", 2),
        ("item_not_found", 3),
        ("claim_lost", 4),
        ("version_conflict", 4),
        ("project_exists", 4),
        ("not_ready", 1),
    ],
)
def test_a_script_tells_errors_apart_by_the_exit_code(code: str, number: int) -> None:
    assert exit_code(code) == number
