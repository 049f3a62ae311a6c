"""Commands that make the server available: web, setup, completion."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.agreed.errors import TandemError
from bridge.hosting import completion
from workflow_server.doors.cli import DONE, REFUSED
from workflow_server.doors.cli.group import flags_of, setting_option
from workflow_server.doors.cli.output import say, warn
from workflow_server.doors.cli.session import with_service
from workflow_server.service import Call, WorkflowService
from workflow_server.settings import load

if TYPE_CHECKING:
    from bridge.hosts import setup


@click.command("web")
@setting_option("--port", metavar="N", help="Default 8010; 0 takes a free one. [WORKFLOW_HTTP_PORT]")
@setting_option(
    "--no-token", is_flag=True, default=None, help="For a machine of one's own. [WORKFLOW_NO_TOKEN=1]"
)
@click.option("--open", "open_browser", is_flag=True, help="Open the board in the browser.")
@click.option("--json", "as_json", is_flag=True, help="Print the link and the process within a JSON object.")
@click.pass_context
def web_command(ctx: click.Context, open_browser: bool, as_json: bool) -> int:
    """Serve the board, REST and MCP at 127.0.0.1 until stopped with Ctrl-C.

    The link that is printed opens the board once; the browser stays signed in with a cookie.
    """
    from workflow_server.doors.rest.serving import serve_web

    return serve_web(load(flags_of(ctx)), open_browser=open_browser, as_json=as_json)


@click.command("completion")
@click.argument("shell", type=click.Choice(completion.SHELLS))
@click.option("--json", "as_json", is_flag=True, help="Print the script within a JSON object.")
@click.pass_context
def completion_command(ctx: click.Context, shell: str, as_json: bool) -> None:
    """Print the completion script of SHELL.

    bash: workflow-server completion bash >> ~/.bashrc; zsh alike into ~/.zshrc;
    fish: workflow-server completion fish > ~/.config/fish/completions/workflow-server.fish;
    PowerShell: workflow-server completion powershell >> $PROFILE
    """
    say(completion.said(shell, "workflow-server", ctx.find_root().command, as_json=as_json))


@click.command("setup")
@click.argument("hosts", nargs=-1, metavar="[HOST...]")
@click.option("--print", "only_print", is_flag=True, help="Show the change and write nothing.")
@click.option("--remove", is_flag=True, help="Take the server out of the settings again.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@click.option(
    "--verify/--no-verify", default=True, help="Launch the server as the host will, and call a tool."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON; with --yes or --print.")
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
    from bridge.hosts import known, setup
    from workflow_server.doors.cli.installation import FIRST_CALL, launch

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
