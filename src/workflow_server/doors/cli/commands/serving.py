"""Commands that make the server available: web, setup, completion."""

from __future__ import annotations

import click

from workflow_server.doors.cli.group import flags_of, setting_option
from workflow_server.doors.cli.output import say
from workflow_server.settings import load


@click.command("web")
@setting_option("--port", metavar="N", help="Default 8010; 0 takes a free one. [WORKFLOW_HTTP_PORT]")
@setting_option(
    "--no-token", is_flag=True, default=None, help="For a machine of one's own. [WORKFLOW_NO_TOKEN=1]"
)
@click.option("--open", "open_browser", is_flag=True, help="Open the board in the browser.")
@click.pass_context
def web_command(ctx: click.Context, open_browser: bool) -> int:
    """Serve the board, REST and MCP at 127.0.0.1 until stopped with Ctrl-C.

    The link that is printed opens the board once; the browser stays signed in with a cookie.
    """
    from workflow_server.doors.rest.serving import serve_web

    return serve_web(load(flags_of(ctx)), open_browser=open_browser)


_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName workflow-server -ScriptBlock {
    param($word, $ast, $position)
    $env:_WORKFLOW_SERVER_COMPLETE = 'bash_complete'
    $env:COMP_WORDS = $ast.ToString()
    $env:COMP_CWORD = $ast.CommandElements.Count - [int]($word -ne '')
    workflow-server | ForEach-Object {
        $value = ($_ -split ',', 2)[1]
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $value)
    }
    Remove-Item Env:_WORKFLOW_SERVER_COMPLETE, Env:COMP_WORDS, Env:COMP_CWORD
}
"""


@click.command("completion")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish", "powershell")))
@click.pass_context
def completion_command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of SHELL, to be added to its start-up file."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is None:
        say(_POWERSHELL)
        return
    say(found(ctx.find_root().command, {}, "workflow-server", "_WORKFLOW_SERVER_COMPLETE").source())


@click.command("setup")
@click.argument("hosts", nargs=-1, metavar="[HOST...]")
@click.option("--print", "only_print", is_flag=True, help="Show the change; write nothing.")
@click.option("--remove", is_flag=True, help="Take the server out again.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def setup_command(
    ctx: click.Context, hosts: tuple[str, ...], only_print: bool, remove: bool, yes: bool
) -> int:
    """Write this server into the settings of HOST, or of every host found on this machine.

    Hosts: claude-desktop, claude-code, cursor, vscode, windsurf, zed, codex, gemini.

    The exact change is shown first, and no file is touched without a yes; what stood there is kept beside
    it with the ending .before-tandem. Then the server is launched as the host will, and a tool is called.
    """
    from workflow_server.doors.cli import installation

    return installation.run(hosts, flags_of(ctx), only_print=only_print, remove=remove, yes=yes)
