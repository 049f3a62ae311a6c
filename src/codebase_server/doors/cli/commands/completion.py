"""``codebase-server completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from codebase_server.doors.cli.screen import Screen

_VARIABLE = "_CODEBASE_SERVER_COMPLETE"

_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName codebase-server -ScriptBlock {
    param($word, $ast, $position)
    $env:_CODEBASE_SERVER_COMPLETE = 'bash_complete'
    $env:COMP_WORDS = $ast.ToString()
    $env:COMP_CWORD = $ast.CommandElements.Count - [int]($word -ne '')
    codebase-server | ForEach-Object {
        $value = ($_ -split ',', 2)[1]
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $value)
    }
    Remove-Item Env:_CODEBASE_SERVER_COMPLETE, Env:COMP_WORDS, Env:COMP_CWORD
}
"""


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of SHELL.

    bash: codebase-server completion bash >> ~/.bashrc; zsh and fish alike;
    PowerShell: codebase-server completion powershell >> $PROFILE
    """
    screen = Screen()
    if shell == "powershell":
        screen.line(_POWERSHELL)
        return
    made = get_completion_class(shell)
    if made is None:  # pragma: no cover - click knows these three
        raise click.UsageError(f"No completion for {shell}.")
    program = ctx.find_root()
    screen.line(made(program.command, {}, "codebase-server", _VARIABLE).source())
