"""``codebase-server index``."""

from __future__ import annotations

import click

from codebase_server.doors.cli.group import settings_options
from codebase_server.doors.cli.opening import opened
from codebase_server.doors.cli.progress import indexed, show_skipped, summary
from codebase_server.doors.cli.screen import Screen


@click.command("index")
@click.option("--force", is_flag=True, help="Read every file anew; ids are kept.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@settings_options("root", "data_dir", "embedder", "exclude", "max_file_bytes", "tombstone_days")
@click.pass_context
def command(ctx: click.Context, force: bool, as_json: bool) -> None:
    """Bring the index of the repository you stand in up to date."""
    screen = Screen()
    with opened(ctx) as service:
        answer = indexed(service, force=force)
    if as_json:
        screen.json(answer)
        return
    screen.line(summary(answer))
    show_skipped(screen, answer["skipped"])
    screen.warnings(answer["warnings"])
