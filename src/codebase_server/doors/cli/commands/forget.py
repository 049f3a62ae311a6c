"""``codebase-server forget``."""

from __future__ import annotations

import click

from codebase_server.doors.cli.group import asked_for_json, settings_options
from codebase_server.doors.cli.opening import opened
from codebase_server.doors.cli.screen import Screen


@click.command("forget")
@click.argument("root")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON; with --yes.")
@settings_options("data_dir")
@click.pass_context
def command(ctx: click.Context, root: str, yes: bool, as_json: bool) -> None:
    """Drop ROOT, a folder or a repository identity, from the indexes. Your files stay untouched."""
    screen = Screen()
    asked_for_json(as_json, yes)
    with opened(ctx) as service:
        folder = service.root_to_forget(root)
        if not yes and not click.confirm(f"Drop the index of {folder}?", default=False):
            screen.line("Nothing done.")
            return
        done = service.forget(root)
    if as_json:
        screen.json(done)
        return
    screen.line(f"Forgot {done['root']}: {done['freed_bytes'] / 1e6:.1f} MB freed.")
