"""Commands that make the server available: web, setup, completion."""

from __future__ import annotations

import os
from pathlib import Path

import click

from bridge.hosting import completion
from workflow_server.doors.cli import DONE, REFUSED
from workflow_server.doors.cli.group import flags_of, setting_option
from workflow_server.doors.cli.output import say
from workflow_server.settings import load


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
@click.pass_context
def setup_command(ctx: click.Context, /, hosts: tuple[str, ...], **flags: bool) -> int:
    """Write this server into the settings of HOST, or of every host found on this machine.

    Hosts: claude-desktop, claude-code, cursor, vscode, windsurf, zed, codex, gemini.

    The exact change is shown first, and no file is touched without a yes; what stood there is kept beside
    it with the ending .before-tandem. Then the server is launched as the host will, and a tool is called.
    """
    from bridge.hosts import known, setup
    from workflow_server.doors.cli.installation import TRIAL, launch

    wanted = setup.Wanted(**flags)
    around = known.this_machine(os.environ, Path.cwd())
    found = setup.chosen(hosts, around)
    well = setup.run(found, launch(flags_of(ctx)), around, wanted, trial=TRIAL)
    return DONE if well else REFUSED
