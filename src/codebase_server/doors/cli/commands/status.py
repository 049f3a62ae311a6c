"""``codebase-server status``."""

from __future__ import annotations

import click

from codebase_server.doors.cli.group import reading_options
from codebase_server.doors.cli.opening import answered, opened
from codebase_server.doors.cli.progress import show_skipped
from codebase_server.doors.cli.screen import Screen


@click.command("status")
@click.option("--skipped", is_flag=True, help="List every file that is left out, and why.")
@reading_options
@click.pass_context
def command(ctx: click.Context, skipped: bool, as_json: bool) -> None:
    """Say what is indexed of this repository, and how much of it."""
    screen = Screen()
    if skipped:
        _list_skipped(ctx, screen, as_json)
        return
    answer = answered(ctx, "/mcp/index", {}, lambda service: service.index_status(), method="GET")
    if as_json:
        screen.json(answer)
        return
    index = answer["index"]
    writer = "nobody" if answer["writer_pid"] is None else f"process {answer['writer_pid']}"
    screen.facts(
        [
            ("root", answer["root"]),
            ("repository", answer["repository"]),
            ("state", f"{answer['state']} ({answer['coverage']:.0%} of the files)"),
            ("generation", answer["generation"]),
            ("files", f"{index['files']:,} ({index['pending_files']:,} pending)"),
            ("chunks", f"{index['chunks']:,} ({index['pending_vectors']:,} vectors pending)"),
            ("languages", ", ".join(f"{name} {count:,}" for name, count in answer["languages"].items())),
            ("embedder", answer["embedder"]),
            ("database", f"{answer['database_bytes'] / 1e6:.1f} MB"),
            ("writer", writer),
        ]
    )
    show_skipped(screen, answer["skipped"])
    if answer["last_error"]:
        screen.line(f"{screen.styled('last error', 'bad')} {answer['last_error']}")
    screen.warnings(answer["warnings"])


def _list_skipped(ctx: click.Context, screen: Screen, as_json: bool) -> None:
    with opened(ctx) as service:
        files = service.skipped_files()
    if as_json:
        screen.json({"skipped": [{"file_path": path, "reason": reason} for path, reason in files]})
        return
    for path, reason in files:
        screen.row(reason, path)
