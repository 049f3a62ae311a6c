"""``codebase-server outline``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bridge.agreed.wording import counted
from bridge.hosting.standing import path_from
from codebase_server.doors.cli import FOUND, NOTHING, running
from codebase_server.doors.cli.group import reading_options, settings_of
from codebase_server.doors.cli.opening import answered
from codebase_server.doors.cli.screen import Screen
from codebase_server.service.answers import OutlineAnswer


@click.command("outline")
@click.argument("path", default="")
@click.option(
    "--depth", type=click.IntRange(1, 20), help="Levels of symbols [1 for a folder, all for a file]."
)
@click.option("--max-tokens", type=click.IntRange(100, 200_000), help="Fit the outline into this size.")
@reading_options
@click.pass_context
def command(ctx: click.Context, path: str, depth: int | None, max_tokens: int | None, as_json: bool) -> None:
    """List the symbols of the file PATH, or map the folder PATH [the whole root]."""
    screen = Screen()
    path = path_from(path, running.root(settings_of(ctx)), Path.cwd())
    wanted: dict[str, Any] = {"depth": depth, "max_tokens": max_tokens}
    answer = answered(
        ctx, "/mcp/outline", {"path": path, **wanted}, lambda service: service.outline(path, **wanted)
    )
    if as_json:
        screen.json(answer)
    else:
        _show(screen, answer)
    ctx.exit(FOUND if answer["entries"] else NOTHING)


def _show(screen: Screen, answer: OutlineAnswer) -> None:
    file_path = ""
    for entry in answer["entries"]:
        if not screen.terminal:
            place = f"{entry['file_path']}:{entry['start_line']}-{entry['end_line']}"
            screen.row(place, entry["symbol_kind"], entry["symbol"], entry["chunk_id"], entry["signature"])
            continue
        if entry["file_path"] != file_path:
            file_path = entry["file_path"]
            screen.line(
                screen.place(answer["index"]["root"], file_path, entry["start_line"], entry["end_line"])
            )
        if entry["symbol"]:
            lines = screen.styled(f"{entry['start_line']:>5}", "dim")
            indent = "  " * entry["depth"]
            screen.line(f"{lines} {indent}{entry['signature'] or entry['symbol']}")
    if screen.terminal:
        screen.line(
            screen.styled(f"{len(answer['entries'])} of {counted(answer['total_count'], 'symbol')}", "dim")
        )
    screen.warnings(answer["warnings"])
