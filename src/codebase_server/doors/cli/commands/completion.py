"""``codebase-server completion``."""

from __future__ import annotations

import click

from bridge.hosting import completion
from codebase_server.doors.cli.screen import Screen


@click.command("completion")
@click.argument("shell", type=click.Choice(completion.SHELLS))
@click.option("--json", "as_json", is_flag=True, help="Print the script within a JSON object.")
@click.pass_context
def command(ctx: click.Context, shell: str, as_json: bool) -> None:
    """Print the completion script of SHELL.

    bash: codebase-server completion bash >> ~/.bashrc; zsh alike into ~/.zshrc;
    fish: codebase-server completion fish > ~/.config/fish/completions/codebase-server.fish;
    PowerShell: codebase-server completion powershell >> $PROFILE
    """
    Screen().line(completion.said(shell, "codebase-server", ctx.find_root().command, as_json=as_json))
