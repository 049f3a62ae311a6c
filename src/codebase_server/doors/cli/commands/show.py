"""``codebase-server show``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bridge.agreed.states import FOUND as FOUND_STATES
from bridge.hosting.standing import reference_from
from codebase_server.doors.cli import FOUND, NOTHING, running
from codebase_server.doors.cli.group import reading_options, settings_of
from codebase_server.doors.cli.opening import answered
from codebase_server.doors.cli.screen import Screen
from codebase_server.service.answers import ChunkEntry


@click.command("show")
@click.argument("chunk_ids", nargs=-1, required=True, metavar="CHUNK_ID...")
@click.option(
    "-C", "--context", "context_lines", default=0, type=click.IntRange(0, 200), help="Lines around each."
)
@click.option("--history", is_flag=True, help="List earlier versions.")
@click.option("--diff-from", metavar="HASH", help="Diff against the version with this content hash.")
@reading_options
@click.pass_context
def command(
    ctx: click.Context,
    chunk_ids: tuple[str, ...],
    context_lines: int,
    history: bool,
    diff_from: str | None,
    as_json: bool,
) -> None:
    """Show chunks by id, or what became of them."""
    screen = Screen()
    root = running.root(settings_of(ctx))
    chunk_ids = tuple(reference_from(one, root, Path.cwd()) for one in chunk_ids)
    wanted: dict[str, Any] = {"context_lines": context_lines, "history": history, "diff_from": diff_from}
    answer = answered(
        ctx,
        "/mcp/chunks",
        {"chunk_ids": list(chunk_ids), **wanted},
        lambda service: service.get_chunks(list(chunk_ids), **wanted),
    )
    if as_json:
        screen.json(answer)
    else:
        for entry in answer["chunks"]:
            _show(screen, answer["index"]["root"], entry)
        screen.warnings(answer["warnings"])
    ctx.exit(FOUND if any(entry["state"] in FOUND_STATES for entry in answer["chunks"]) else NOTHING)


def _show(screen: Screen, root: str, entry: ChunkEntry) -> None:
    if entry["state"] not in FOUND_STATES:
        _show_lost(screen, root, entry)
        return
    place = screen.place(root, entry["file_path"], entry["start_line"], entry["end_line"])
    screen.line(f"{place}  {screen.styled(entry['symbol'], 'name')}  {entry['chunk_id']}  {entry['state']}")
    screen.code(entry["content"], entry["language"], entry["first_line"])
    if entry.get("diff"):
        screen.line()
        screen.code(entry["diff"], "diff", 1)
    for version in entry.get("history", []):
        mark = "now" if version["current"] else "was"
        screen.line(
            f"{mark} {version['content_hash']} {version['file_path']} generation {version['generation']}"
        )
    screen.line()


def _show_lost(screen: Screen, root: str, entry: ChunkEntry) -> None:
    screen.line(
        f"{screen.styled(entry['ref'], 'bold')}  {screen.styled(entry['state'], 'bad')}  {entry['reason']}"
    )
    was = entry["was"]
    if was:
        screen.line(
            f"last seen as {was.get('symbol', '')} in "
            f"{was.get('file_path', '')}:{was.get('start_line', 0)}-{was.get('end_line', 0)}"
        )
        if was.get("content"):
            screen.code(was["content"], "text", was.get("start_line", 1))
    for candidate in entry["candidates"]:
        place = screen.place(root, candidate["file_path"], candidate["start_line"], candidate["end_line"])
        screen.line(
            f"perhaps {place}  {candidate['symbol']}  {candidate['score']:.2f}  {candidate['chunk_id']}"
        )
