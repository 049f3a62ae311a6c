"""``codebase-server symbol``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bridge.agreed.wording import counted
from bridge.hosting.standing import glob_from
from codebase_server.doors.cli import FOUND, NOTHING, running
from codebase_server.doors.cli.group import reading_options, settings_of
from codebase_server.doors.cli.opening import answered
from codebase_server.doors.cli.screen import Screen
from codebase_server.service.answers import SymbolsAnswer


@click.command("symbol")
@click.argument("name")
@click.option("--kind", "symbol_kind", metavar="KIND", help="Only this kind, such as function or class.")
@click.option("--path", metavar="GLOB", help="Only files that match.")
@click.option("--usages", is_flag=True, help="Also the lines that mention it.")
@click.option("-n", "--limit", default=20, type=click.IntRange(1, 200), show_default=True)
@reading_options
@click.pass_context
def command(
    ctx: click.Context,
    name: str,
    symbol_kind: str | None,
    path: str | None,
    usages: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Find where NAME is defined: qualified or not, 'prefix*' too."""
    screen = Screen()
    path = path and glob_from(path, running.root(settings_of(ctx)), Path.cwd())
    wanted: dict[str, Any] = {"symbol_kind": symbol_kind, "path": path, "usages": usages, "limit": limit}
    answer = answered(
        ctx, "/mcp/symbols", {"name": name, **wanted}, lambda service: service.find_symbol(name, **wanted)
    )
    if as_json:
        screen.json(answer)
    else:
        _show(screen, answer)
    ctx.exit(FOUND if answer["results"] or answer.get("usages") else NOTHING)


def _show(screen: Screen, answer: SymbolsAnswer) -> None:
    root = answer["index"]["root"]
    for result in answer["results"]:
        place = screen.place(root, result["file_path"], result["start_line"], result["end_line"])
        if screen.terminal:
            screen.line(f"{place}  {screen.styled(result['symbol'], 'name')}  {result['symbol_kind']}")
            screen.line(f"  {result['signature']}")
        else:
            screen.row(
                place, result["symbol_kind"], result["symbol"], result["chunk_id"], result["signature"]
            )
    for usage in answer.get("usages", []):
        place = screen.place(root, usage["file_path"], usage["line"], usage["line"])
        if screen.terminal:
            screen.line(f"{place}  {usage['text'].strip()}")
        else:
            screen.row(place, "usage", usage["symbol"], usage["chunk_id"], usage["text"].strip())
    if screen.terminal:
        screen.line(
            screen.styled(
                f"{len(answer['results'])} of {counted(answer['total_count'], 'definition')}", "dim"
            )
        )
    screen.warnings(answer["warnings"])
