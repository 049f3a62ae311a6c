"""The command that writes this server into the settings of MCP hosts."""

from __future__ import annotations

import os
from pathlib import Path

import click

from bridge.agreed.errors import TandemError
from bridge.hosts import known, setup
from workflow_server.doors.cli import DONE, REFUSED
from workflow_server.doors.cli.group import flags_of, setting_option
from workflow_server.doors.cli.installation import FIRST_CALL, launch
from workflow_server.doors.cli.output import warn
from workflow_server.doors.cli.session import with_service
from workflow_server.records import Call
from workflow_server.service import WorkflowService
from workflow_server.settings import load


@click.command("setup")
@setup.options
@setting_option("--project", "-p", metavar="NAME", help="Default: the project of the repository you are in.")
@click.pass_context
def setup_command(ctx: click.Context, /, hosts: tuple[str, ...], **flags: bool) -> int:
    """Write this server into the settings of HOST, or of every host found on this machine.

    Hosts: claude-desktop, claude-code, cursor, vscode, windsurf, zed, codex, gemini.

    Settings that serve every folder name a project, that of the repository you stand in unless --project
    names another. Claude Code's stand in the project's own folder, whose repository names it.

    The exact change is shown first, and no file is touched without a yes; what stood there is kept beside
    it with the ending .before-tandem. Then the server is launched as the host will, and a tool is called.
    """
    wanted = setup.Wanted(**flags)
    around = known.this_machine(os.environ, Path.cwd())
    found = setup.chosen(hosts, around)
    given = flags_of(ctx)
    named = _project_of_all(ctx, wanted) if any(host.everywhere for host in found) else {}
    launches = {True: launch({**given, **named}), False: launch(given)}

    def made() -> None:
        if named and not load(given).project:
            _project_here(ctx, make=True)  # the repository's own, before the name makes one of nobody's

    well = setup.run(
        found, lambda host: launches[host.everywhere], around, wanted, trial=FIRST_CALL, written=made
    )
    return DONE if well else REFUSED


def _project_of_all(ctx: click.Context, wanted: setup.Wanted) -> dict[str, str]:
    """The project for hosts that start a server in no folder of anybody's; a server without one could
    answer nothing there.
    """
    if wanted.remove:
        return {}
    try:
        return {"project": _project_here(ctx, make=False)}
    except TandemError as error:
        if error.code != "project_unresolved":
            raise
        if wanted.only_print:
            warn([error.text])
            return {}
        raise


def _project_here(ctx: click.Context, *, make: bool) -> str:
    async def work(service: WorkflowService, call: Call) -> str:
        return await service.resolve_project(call, writing=make)

    return with_service(ctx, work, changes=False)
