"""``codebase-server purge``."""

from __future__ import annotations

import click

from codebase_server.doors.cli import FOUND, NOTHING
from codebase_server.doors.cli.group import asked_for_json, settings_options
from codebase_server.doors.cli.opening import opened
from codebase_server.doors.cli.screen import Screen


@click.command("purge")
@click.argument("what")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON; with --yes.")
@settings_options("data_dir")
@click.pass_context
def command(ctx: click.Context, what: str, yes: bool, as_json: bool) -> None:
    """Remove WHAT, a chunk id or a text such as a leaked key, from every index and its history.

    The text is not searched for in your files: take it out there first, or it
    is indexed again.
    """
    screen = Screen()
    asked_for_json(as_json, yes)
    if not yes and not click.confirm("Remove it everywhere, for good?", default=False):
        screen.line("Nothing done.")
        return
    with opened(ctx) as service:
        done = service.purge(what)
    if as_json:
        screen.json(done)
    else:
        screen.line(
            f"{done['removed_versions']:,} stored versions removed "
            f"from {done['repositories']:,} repositories."
        )
    ctx.exit(FOUND if done["removed_versions"] else NOTHING)
