"""``codebase-server purge``."""

from __future__ import annotations

import click

from codebase_server.doors.cli import FOUND, NOTHING
from codebase_server.doors.cli.group import settings_options
from codebase_server.doors.cli.opening import opened
from codebase_server.doors.cli.screen import Screen


@click.command("purge")
@click.argument("what")
@click.option("--yes", is_flag=True, help="Do not ask.")
@settings_options("data_dir")
@click.pass_context
def command(ctx: click.Context, what: str, yes: bool) -> None:
    """Remove WHAT, a chunk id or a text such as a leaked key, from every index and its history.

    The text is not searched for in your files: take it out there first, or it
    is indexed again.
    """
    screen = Screen()
    if not yes and not click.confirm("Remove it everywhere, for good?", default=False):
        screen.line("Nothing done.")
        return
    with opened(ctx) as service:
        done = service.purge(what)
    screen.line(
        f"{done['removed_versions']:,} stored versions removed from {done['repositories']:,} repositories."
    )
    ctx.exit(FOUND if done["removed_versions"] else NOTHING)
