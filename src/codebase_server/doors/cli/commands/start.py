"""``codebase-server start``: from nothing to a first answer and a host's configuration."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from pathlib import Path

import click

from codebase_server.doors.cli.group import settings_options
from codebase_server.doors.cli.installation import host_configuration, program
from codebase_server.doors.cli.opening import opened
from codebase_server.doors.cli.progress import indexed, show_skipped, summary
from codebase_server.doors.cli.screen import Screen
from codebase_server.service.answers import SearchAnswer


@click.command("start")
@click.option("--query", metavar="TEXT", help="The first search [made from the repository's own words].")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@settings_options("root", "data_dir", "embedder", "exclude", "max_file_bytes")
@click.pass_context
def command(ctx: click.Context, query: str | None, as_json: bool) -> None:
    """Index the repository you stand in, try a search, and show what to paste into your host."""
    screen = Screen()
    with opened(ctx) as service:
        answer = indexed(service)
        root = answer["index"]["root"]
        asked = query or service.sample_query()
        found = service.search_code(asked, limit=3, content="none") if asked else None
        if as_json:
            told = {"query": asked, "search": found, "configuration": host_configuration(root)}
            screen.json({"index": answer, **told})
            return
        screen.line(f"{screen.styled('Repository', 'bold')}  {root}")
        screen.line(f"{screen.styled('Indexed', 'bold')}     {summary(answer)}")
        show_skipped(screen, answer["skipped"])
        screen.warnings(answer["warnings"])
        if found is not None:
            _show_search(screen, asked, found)
    _show_configuration(screen, root)
    _show_next(screen, found)


def _show_search(screen: Screen, query: str, answer: SearchAnswer) -> None:
    screen.line()
    screen.line(f"$ codebase-server search {query!r}")
    for result in answer["results"]:
        place = screen.place(
            answer["index"]["root"], result["file_path"], result["start_line"], result["end_line"]
        )
        score = screen.styled(f"{result['similarity_score']:.2f}", "dim")
        screen.line(f"  {place}  {screen.styled(result['symbol'], 'name')}  {score}".rstrip())
    screen.line(screen.styled(f"  {answer['total_count']:,} matches in {answer['latency_ms']:.0f} ms", "dim"))


def _show_configuration(screen: Screen, root: str) -> None:
    screen.line()
    screen.line(
        "Paste into your host's configuration, for Claude Desktop claude_desktop_config.json, "
        "for Claude Code .mcp.json:"
    )
    screen.line()
    screen.line(json.dumps(host_configuration(root), indent=2))


def _show_next(screen: Screen, found: SearchAnswer | None) -> None:
    """What a person types next: commands that work as they stand, about code that was just found."""
    named = next((one for one in (found or {"results": []})["results"] if one["symbol"]), None)
    about = " --reference " + shlex.quote(f"{named['file_path']}::{named['symbol']}") if named else ""
    activate = Path(program("codebase-server")).with_name("activate")
    steps = [
        (
            "codebase-server setup && workflow-server setup",
            "or paste nothing: both write it for you, and ask first",
        ),
        ("codebase-server serve", "in a terminal of its own, as a host runs it: code can be asked about"),
        (f"workflow-server add 'My first item'{about}", "something to do, and the code it is about"),
        ("workflow-server web", "the board, in your browser"),
    ]
    if shutil.which("codebase-server") is None and activate.exists():
        sourced = str(activate) if os.name == "nt" else f". {shlex.quote(str(activate))}"
        steps.insert(0, (sourced, "so that this shell finds both commands"))
    screen.line()
    screen.line("What next:")
    for command, why in steps:
        screen.line(f"  {screen.styled(command, 'bold')}")
        screen.line(f"      {screen.styled(why, 'dim')}")
