"""The command line as a person and a script meet it: a real process, its output, its exit code."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workflow_server.doors.cli.group import COMMANDS

from .web import environment

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run one command line in a world of its own; its output is piped."""

    def command(
        *arguments: str, given: str = "", cwd: str = "", **more: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "workflow_server", *arguments],
            cwd=cwd or tmp_path,
            env=environment(tmp_path, **{"WORKFLOW_ACTOR": "ann", **more}),
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return command


def told(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(told(done))


def test_an_item_from_add_to_done(run: Run) -> None:
    item_id = told(run("add", "Write it", "-P", "1", "-l", "docs", "-c", "it reads well")).strip()
    assert told(run("list")) == f"{item_id}\tplanned\t1\ttask\tWrite it\n"
    shown = told(run("show", item_id))
    assert "Write it" in shown
    assert "[ ] 0 it reads well" in shown
    claimed = answer(run("claim", item_id, "--json"))
    assert claimed["claimed"]
    token = claimed["claim_token"]
    assert run("claim", item_id).returncode == 4
    assert run("done", item_id, "--token", token).returncode == 1
    told(run("done", item_id, "-e", "0=read aloud", "--token", token))
    assert told(run("list", "-s", "completed")).startswith(item_id)
    assert "ann" in told(run("history", item_id))
    told(run("undo", item_id))
    assert told(run("list", "-s", "active")).startswith(item_id)


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for git is a shell script")
def test_only_what_enters_the_history_asks_git_who_the_person_is(run: Run, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text(f'#!/bin/sh\necho "$@" >> {asked}\necho Ann Example\n')
    git.chmod(0o755)
    alone = {"PATH": f"{git.parent}:/usr/bin:/bin", "WORKFLOW_ACTOR": ""}
    item_id = told(run("add", "Write it", **alone)).strip()
    assert asked.read_text() == "config user.name\n"
    assert "Ann Example" in told(run("history", item_id, **alone))
    for command in (("list",), ("ready",), ("show", item_id), ("stats",)):
        told(run(*command, **alone))
    assert asked.read_text() == "config user.name\n", "a start of git is time that a reader waits"


COLLECTS = """
import atexit, gc, os, sys
from workflow_server.__main__ import main
def tell():
    print(f"collecting: {gc.isenabled()}", end="", file=sys.stderr, flush=True)
leave = os._exit  # by which a server over stdio ends, without the interpreter's own farewell
os._exit = lambda code: (tell(), leave(code))
atexit.register(tell)
sys.argv = ["workflow-server", *sys.argv[1:]]
main()
"""


@pytest.mark.parametrize("typed", [[], ["--project", "demo"], ["list"]], ids=" ".join)
def test_what_is_put_off_while_importing_is_taken_up_again(tmp_path: Path, typed: list[str]) -> None:
    """A server lives for days: without collecting, every cycle that a call leaves would stay."""
    done = subprocess.run(
        [sys.executable, "-c", COLLECTS, *typed],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr.endswith("collecting: True"), done.stderr


def test_without_a_command_and_without_a_host_it_ends_quietly(run: Run) -> None:
    """Serving MCP on a closed stdin is over at once; nothing is written to stdout."""
    done = run()
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("lst",), 2, "Did you mean 'list'?"),
        (("serach",), 2, "Did you mean 'list'?"),
        (("type", "taks"), 1, "Did you mean `task`?"),
        (("list", "--status", "done"), 2, "completed"),
        (("show",), 2, "IDS"),
        (("show", "wi_aaaaaaa"), 3, "wi_aaaaaaa"),
        (("list", "--projekt", "nowhere"), 2, "--project"),
        (("add", ""), 1, "title"),
        (("link", "wi_aaaaaaa"), 2, "--blocked-by"),
        (("import", "nothing.jsonl"), 3, "nothing.jsonl"),
        (("web", "--port", "eighty"), 2, "port"),
        (("check", "--fail-on", "rotten"), 2, "stale"),
    ],
)
def test_what_is_wrong_is_said_on_stderr_with_an_exit_code(
    run: Run, arguments: tuple[str, ...], code: int, words: str
) -> None:
    told(run("add", "So that the project is there"))
    done = run(*arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_every_command_has_help_and_json_where_it_answers(run: Run) -> None:
    whole = told(run("--help"))
    for name in COMMANDS:
        assert name in whole
    for name in ("add", "list", "claim", "check", "history", "stats", "doctor"):
        assert "--json" in told(run(name, "--help"))


def test_links_notes_and_ready(run: Run) -> None:
    first = told(run("add", "First")).strip()
    second = told(run("add", "Second", "-b", first)).strip()
    assert [line.split("\t")[0] for line in told(run("ready")).splitlines()] == [first]
    told(run("link", second, "-b", first, "--remove"))
    assert len(told(run("ready")).splitlines()) == 2
    told(run("link", second, "--to", first, "--kind", "duplicates"))
    told(run("note", second, "-", given="from a pipe"))
    shown = told(run("show", second))
    assert f"duplicates {first}" in shown
    assert "from a pipe" in shown


def test_update_sets_and_an_empty_text_empties(run: Run) -> None:
    item_id = told(run("add", "Mine", "-a", "ann")).strip()
    told(run("update", item_id, "--assignee", "", "--title", "Ours", "--add-criterion", "agreed"))
    item = answer(run("show", item_id, "--json"))["items"][0]
    assert (item["assignee"], item["title"]) == (None, "Ours")
    assert [each["text"] for each in item["acceptance_criteria"]] == ["agreed"]


def test_a_plan_from_stdin_can_be_rehearsed(run: Run) -> None:
    plan = json.dumps([{"key": "a", "title": "A"}, {"title": "B", "parent_id": "a"}])
    assert "would create 2" in told(run("plan", "-", "--dry-run", given=plan))
    assert told(run("list")) == ""
    assert "created 2" in told(run("plan", "-", given=plan))
    assert len(told(run("list")).splitlines()) == 2


def test_piped_output_carries_no_colour_and_a_terminal_may_refuse_it(run: Run) -> None:
    told(run("add", "Plain"))
    assert "\x1b" not in told(run("list", FORCE_COLOR="", TERM="xterm-256color"))
    assert "\x1b" not in told(run("stats", NO_COLOR="1"))


def test_exports_and_a_backup(run: Run, tmp_path: Path) -> None:
    item_id = told(run("add", '=cmd|"x"', "-d", "Text\nof two lines", "-l", "a,b")).strip()
    (row,) = csv.DictReader(io.StringIO(told(run("export", "--format", "csv"))))
    assert row["id"] == item_id
    assert row["title"].startswith("'="), "a spreadsheet must not run it"
    assert f"{item_id}[" in told(run("export", "--format", "mermaid"))
    told(run("export", "--format", "markdown", "--output", str(tmp_path / "md")))
    (written,) = (tmp_path / "md").glob(f"{item_id}*.md")
    assert "Text\nof two lines" in written.read_text()
    target = tmp_path / "kept.sqlite3"
    told(run("backup", str(target)))
    told(run("restore", str(target), "--name", "again"))
    assert told(run("--project", "again", "list")).startswith(item_id)


def test_a_full_circle_through_an_export(run: Run, tmp_path: Path) -> None:
    told(run("add", "Carried", "-c", "whole"))
    told(run("export", "-o", str(tmp_path / "all.jsonl")))
    told(run("project", "create", "copy"))
    report = answer(run("--project", "copy", "import", "all.jsonl", "--json"))
    assert (report["created"], report["conflicts"]) == (1, [])
    again = answer(run("--project", "copy", "import", "all.jsonl", "--json"))
    assert (again["created"], again["unchanged"]) == (0, 1)


def test_setup_prints_the_change_and_touches_nothing(run: Run, tmp_path: Path) -> None:
    settings = tmp_path / "home" / ".cursor" / "mcp.json"
    done = told(run("setup", "cursor", "--print", "--project", "demo"))
    assert '"workflow"' in done
    assert '"--project",' in done
    assert not settings.exists()
    assert run("setup", "no-such-host", "--print").returncode == 3


def test_setup_writes_to_several_hosts_and_tries_the_server_once(run: Run, tmp_path: Path) -> None:
    done = told(run("--project", "demo", "setup", "cursor", "codex", "--yes"))
    assert done.count("and one call of them") == 1
    cursor = json.loads((tmp_path / "home" / ".cursor" / "mcp.json").read_text())
    assert cursor["mcpServers"]["workflow"]["args"] == ["--project", "demo"]
    assert "[mcp_servers.workflow]" in (tmp_path / "home" / ".codex" / "config.toml").read_text()
    again = told(run("--project", "demo", "setup", "cursor", "codex", "--yes"))
    assert again.count("nothing to change") == 2
    assert "tried" not in again
    told(run("setup", "cursor", "codex", "--remove", "--yes"))
    assert not (tmp_path / "home" / ".codex" / "config.toml").exists(), "there was none before"


def test_a_host_for_every_folder_is_told_the_project_of_the_repository(run: Run, tmp_path: Path) -> None:
    """Claude Desktop starts servers in `/`: what is written must work from there."""
    shop = tmp_path / "shop"
    shop.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=shop, check=True)
    refused = run("setup", "claude-desktop", "--yes", WORKFLOW_PROJECT="")
    assert not list((tmp_path / "home").rglob("claude_desktop_config.json"))
    assert refused.returncode == 1
    assert "--project NAME" in refused.stderr
    in_shop = {"cwd": str(shop), "WORKFLOW_PROJECT": ""}
    told(run("setup", "claude-desktop", "--yes", **in_shop))
    (file,) = (tmp_path / "home").rglob("claude_desktop_config.json")
    entry = json.loads(file.read_text())["mcpServers"]["workflow"]
    assert entry["args"] == ["--project", "shop"]
    assert answer(run("list", "--json", **in_shop))["project"] == "shop"
    from_nowhere = [*entry["args"], "add", "From the desktop"]
    told(run(*from_nowhere, cwd="/", WORKFLOW_PROJECT=""))
    assert "From the desktop" in told(run("list", **in_shop)), "both mean one project"
    told(run("setup", "claude-code", "--yes", **in_shop))
    assert json.loads((shop / ".mcp.json").read_text())["mcpServers"]["workflow"]["args"] == []


def test_the_project_can_be_named_after_the_command_too(run: Run) -> None:
    told(run("add", "One", "--project", "side"))
    assert "One" in told(run("list", "-p", "side"))


def test_a_rehearsed_import_and_reads_of_a_slip_make_no_project(run: Run, tmp_path: Path) -> None:
    told(run("--project", "shop", "add", "One"))
    archive = told(run("--project", "shop", "export"))
    (tmp_path / "work.jsonl").write_text(archive)
    (tmp_path / "todo.md").write_text("- [ ] one\n")
    for file in ("work.jsonl", "todo.md"):
        assert "1 would be created" in told(run("import", file, "--dry-run", "--project", "copy"))
    for read in (("list",), ("check",), ("export",), ("stats",), ("history",)):
        done = run("--project", "shp", *read)
        assert done.returncode == 0
        assert "Did you mean `shop`?" in done.stderr, read
    assert [line.split("\t")[0] for line in told(run("project")).splitlines()] == ["shop"]


def test_doctor_finds_nothing_wrong_and_a_bundle_hides_the_user(run: Run, tmp_path: Path) -> None:
    told(run("add", "Kept"))
    done = run("doctor", "--bundle", "report.json")
    assert done.returncode == 0, done.stdout
    assert "Nothing wrong was found." in done.stdout
    assert "answered with 11 tools" in done.stdout
    bundle = (tmp_path / "report.json").read_text()
    assert str(tmp_path / "home") not in bundle
    assert {one["level"] for one in json.loads(bundle)["findings"]} == {"ok"}


def test_doctor_says_what_to_do_about_a_damaged_project(run: Run, tmp_path: Path) -> None:
    told(run("add", "Lost"))
    (file,) = (tmp_path / "data" / "projects").glob("*.sqlite3")
    file.write_bytes(b"no database at all, " * 500)
    for beside in file.parent.glob(f"{file.name}-*"):
        beside.unlink()
    done = run("doctor")
    assert done.returncode == 1
    assert "tests" in done.stdout


def test_the_shell_is_told_commands_not_tools(run: Run) -> None:
    item_id = told(run("add", "Careful", "-c", "it works")).strip()
    refused = run("done", item_id)
    assert "--evidence INDEX[=TEXT]" in refused.stderr
    assert "--because REASON" in refused.stderr
    hinted = told(run("add", "Hinted", "-c", "it works")).strip()
    told(run("done", hinted, "--because", "the hint names an option that there is"))
    ticked = told(run("add", "Ticked", "-c", "it works")).strip()
    told(run("done", ticked, "--evidence", "0=seen"))
    told(run("claim", item_id))
    nothing = run("claim")
    assert "not claimed" in nothing.stdout + nothing.stderr
    assert "list_work_items" not in nothing.stdout + nothing.stderr
    ready = run("ready")
    assert (ready.stdout, ready.returncode) == ("", 0)
    assert "0 ready, 0 blocked, 1 claimed" in ready.stderr
    told(run("note", item_id, "one"))
    newest = run("history", item_id, "-n", "1")
    assert newest.stdout.count("\n") == 1
    assert "the newest 1 of 3" in newest.stderr
    assert '"type": "object"' in told(run("type", "task"))


def test_the_history_says_what_to_ask_next(run: Run) -> None:
    one = told(run("-p", "demo", "add", "One")).strip()
    told(run("-p", "demo", "--actor", "bo", "add", "Two"))
    whole = run("-p", "demo", "history", "--since", "yesterday")
    assert len(whole.stdout.splitlines()) == 2
    assert "what comes after: history --since 2" in whole.stderr
    after = run("-p", "demo", "history", "--since", "1", "--by", "Bo")
    assert [line.split()[2] for line in told(after).splitlines()] == ["bo"]
    assert "history --since 2 --by Bo" in after.stderr
    assert f"history {one} --since " in run("-p", "demo", "history", one).stderr
    nothing = run("-p", "demo", "history", "--by", "zoe")
    assert (nothing.stdout.strip(), "nothing by zoe" in nothing.stderr) == ("", True)
    refused = run("-p", "demo", "history", "--since", "soon")
    assert refused.returncode != 0
    assert "yesterday, 2h, 3d" in refused.stderr
    assert [line.split("\t")[-1] for line in told(run("-p", "demo", "list", "--by", "bo")).splitlines()] == [
        "Two"
    ]


def test_a_references_path_is_meant_from_the_folder_one_stands_in(run: Run, tmp_path: Path) -> None:
    inner = tmp_path / "shop" / "src" / "till"
    inner.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(tmp_path / "shop")], check=True)
    (inner / "coin.py").write_text("def coin():\n    return 1\n")
    stand = str(inner)
    made = answer(
        run("add", "One", "-r", "coin.py::coin", "-r", "none.py", "-c", "shown", "--json", cwd=stand)
    )
    item_id = made["item"]["id"]
    assert made["item"]["entity_references"] == ["src/till/coin.py::coin", "none.py"]
    told(run("update", item_id, "--add-reference", "./coin.py:2", cwd=stand))
    told(run("done", item_id, "-e", "0=coin.py::coin", cwd=stand))
    item = answer(run("show", item_id, "--json", cwd=stand))["items"][0]
    assert item["entity_references"] == ["src/till/coin.py::coin", "none.py", "src/till/coin.py:2"]
    assert item["acceptance_criteria"][0]["evidence"] == "src/till/coin.py::coin"
    found = answer(run("list", "--reference", "coin.py", "--json", cwd=stand))
    assert [row["id"] for row in found["items"]] == [item_id]


def test_deletes_and_cycles_are_told_in_words_of_the_command_line(run: Run) -> None:
    first = told(run("add", "First")).strip()
    second = told(run("add", "Second", "-b", first)).strip()
    refused = run("link", first, "-b", second)
    assert refused.returncode != 0
    assert "remove_blocked_by" not in refused.stderr
    assert "workflow-server link ID --blocked-by OTHER --remove" in refused.stderr
    deleted = told(run("delete", second))
    assert "restore=true" not in deleted
    assert "workflow-server delete ID --restore" in deleted


def test_an_import_reads_the_standard_input(run: Run) -> None:
    told(run("add", "Kept"))
    export = told(run("export"))
    assert "1 created" in told(run("-p", "copy", "import", "-", given=export))
    table = "Key,Title\nA-1,From a table\n"
    assert "1 created" in told(run("-p", "copy", "import", "-", "--format", "csv", given=table))
    refused = run("-p", "copy", "import", "-", given=table)
    assert refused.returncode == 1
    assert "--format" in refused.stderr


def test_what_changed_in_another_trackers_file_is_told(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "issues.csv"
    file.write_text("Key,Title,Status\nA-1,First,open\n")
    told(run("import", str(file)))
    file.write_text("Key,Title,Status\nA-1,First,done\n")
    report = told(run("import", str(file)))
    assert report.startswith("0 created, 0 updated, 0 unchanged in ")
    assert "changed in the file, left as it is here: A-1 (wi_" in report
    assert 'status "planned" → "completed"' in report


def test_refusals_name_options_where_the_service_names_fields(run: Run) -> None:
    item_id = told(run("add", "Work", "-c", "reads")).strip()
    nothing = run("update", item_id)
    assert nothing.returncode == 1
    assert "`workflow-server update --help` lists the options" in nothing.stderr
    assert "add_blocked_by" not in nothing.stderr
    odd = run("done", item_id, "-e", "9=seen")
    assert "--evidence 9 names no criterion" in odd.stderr
    assert "criteria[" not in odd.stderr


def test_a_backup_makes_no_folders_of_a_slip(run: Run, tmp_path: Path) -> None:
    told(run("add", "Work"))
    refused = run("backup", str(tmp_path / "nosuch" / "deep" / "b.sqlite3"))
    assert refused.returncode == 3
    assert f"There is no folder {tmp_path / 'nosuch' / 'deep'}" in refused.stderr
    assert not (tmp_path / "nosuch").exists()
    assert "1 item" in told(run("backup", "here.sqlite3"))
