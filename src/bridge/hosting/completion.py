"""The scripts by which shells complete the words of a command line; each asks the program itself."""

from __future__ import annotations

import json
from typing import Final

import click

SHELLS: Final = ("bash", "zsh", "fish", "powershell")

_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName PROGRAM -ScriptBlock {
    param($word, $ast, $position)
    $env:VARIABLE = 'bash_complete'
    $env:COMP_WORDS = $ast.ToString()
    $env:COMP_CWORD = $ast.CommandElements.Count - [int]($word -ne '')
    PROGRAM | ForEach-Object {
        $value = ($_ -split ',', 2)[1]
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $value)
    }
    Remove-Item Env:VARIABLE, Env:COMP_WORDS, Env:COMP_CWORD
}
"""


def script(shell: str, program: str, group: click.Command) -> str:
    """The completion script of `shell` (one of `SHELLS`) for `program`, whose commands are `group`'s."""
    from click.shell_completion import get_completion_class

    variable = f"_{program.replace('-', '_').upper()}_COMPLETE"
    found = get_completion_class(shell)
    if found is None:
        return _POWERSHELL.replace("PROGRAM", program).replace("VARIABLE", variable)
    return found(group, {}, program, variable).source()


def said(shell: str, program: str, group: click.Command, *, as_json: bool) -> str:
    """The script, or with `as_json` an object that holds it."""
    text = script(shell, program, group)
    return json.dumps({"program": program, "shell": shell, "script": text}) if as_json else text
