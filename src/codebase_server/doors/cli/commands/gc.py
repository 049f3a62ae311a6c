"""``codebase-server gc``."""

from __future__ import annotations

import click

from codebase_server.doors.cli.group import settings_options
from codebase_server.doors.cli.opening import opened
from codebase_server.doors.cli.screen import Screen


@click.command("gc")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@settings_options("data_dir", "tombstone_days")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Remove roots whose folder is gone, old tombstones, and what nothing refers to."""
    screen = Screen()
    with opened(ctx) as service:
        done = service.gc()
    if as_json:
        screen.json(done)
        return
    for root in done["removed_roots"]:
        screen.line(f"Removed {root}: its folder is gone.")
    screen.line(
        f"{done['removed_tombstones']:,} tombstones and "
        f"{done['removed_versions']:,} old versions removed, {done['freed_bytes'] / 1e6:.1f} MB freed."
    )
