"""Commands that make the server available: web, completion."""

from __future__ import annotations

import click

from bridge.hosting import completion
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
