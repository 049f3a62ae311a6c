"""The scripts by which shells complete the words of a command line; each asks the program itself."""

from __future__ import annotations

import json
from typing import Final

import click

SHELLS: Final = ("bash", "zsh", "fish", "powershell")


def script(shell: str, program: str, group: click.Command) -> str:
    """The completion script of `shell` (one of `SHELLS`) for `program`, whose commands are `group`'s."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None, f"click knows no {shell}: it is older than pyproject.toml asks for"
    return found(group, {}, program, f"_{program.replace('-', '_').upper()}_COMPLETE").source()


def said(shell: str, program: str, group: click.Command, *, as_json: bool) -> str:
    """The script, or with `as_json` an object that holds it."""
    text = script(shell, program, group)
    return json.dumps({"program": program, "shell": shell, "script": text}) if as_json else text
