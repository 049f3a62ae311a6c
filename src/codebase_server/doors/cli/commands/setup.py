"""``codebase-server setup``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from bridge.hosts import setup
from bridge.hosts.known import Launch, this_machine
from codebase_server.doors.cli import FAILED, FOUND
from codebase_server.doors.cli.group import settings_of, settings_options
from codebase_server.doors.cli.installation import TRIAL, program
from codebase_server.service.roots import checked, repository_around
from codebase_server.settings import Settings

SERVER_NAME = "codebase"


@click.command("setup")
@setup.options
@settings_options("root", "data_dir")
@click.pass_context
def command(ctx: click.Context, /, hosts: tuple[str, ...], **flags: bool) -> None:
    """Write this server into the settings of HOST, or of every host found on this machine.

    Hosts: claude-desktop, claude-code, cursor, vscode, windsurf, zed, codex,
    gemini. The exact change is shown first, and the file is kept beside it
    with the ending .before-tandem.
    """
    wanted = setup.Wanted(**flags)
    settings = settings_of(ctx)
    project = _project(settings)
    if not wanted.remove:
        checked(project)  # an entry for a folder that the server refuses would only fail later, in the host
    around = this_machine(os.environ, project)
    launch = _launch(settings, project)
    well = setup.run(setup.chosen(hosts, around), lambda _: launch, around, wanted, trial=TRIAL)
    ctx.exit(FOUND if well else FAILED)


def _project(settings: Settings) -> Path:
    if settings.root:
        return settings.root[0].absolute()
    return repository_around(Path.cwd()) or Path.cwd()


def _launch(settings: Settings, project: Path) -> Launch:
    arguments = ["--root", str(project)]
    if settings.sources.get("data_dir", "default") != "default":
        arguments += ["--data-dir", str(settings.data_dir)]
    return Launch(SERVER_NAME, program("codebase-server"), tuple(arguments))
