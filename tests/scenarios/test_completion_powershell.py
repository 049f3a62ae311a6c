"""Completion for PowerShell, which no machine of the tests has: its script is held by its form, and by doing
step by step what it tells PowerShell to do.

bash, zsh and fish are tried in the shells themselves: `test_completions`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.hosting import completion
from codebase_server.doors.cli.group import cli as codebase_cli
from workflow_server.doors.cli.group import cli as workflow_cli

GROUPS = {"codebase-server": codebase_cli, "workflow-server": workflow_cli}
MODULES = {"codebase-server": "codebase_server", "workflow-server": "workflow_server"}
TYPED = [
    ("codebase-server", "se", {"search", "serve", "setup"}),
    ("codebase-server", "search --li", {"--limit"}),
    ("codebase-server", "search --kind ", {"code", "tests", "docs", "config", "any"}),
    ("workflow-server", "pro", {"project"}),
    ("workflow-server", "list --status pl", {"planned"}),
    ("workflow-server", "project ", {"list", "create", "archive"}),
    ("workflow-server", "restore ", set()),
]
"""What stands behind the program's name, and what is offered; a file is left to PowerShell."""


def script(program: str) -> str:
    return completion.script("powershell", program, GROUPS[program])


def asked(program: str, line: str) -> set[str]:
    """What the program answers to the variables that the script would set for ``program line``, read as
    the script reads it: three lines for each, its kind, the word, and a help.
    """
    text = script(program)
    assert "$env:COMP_WORDS = $commandAst.ToString()" in text
    assert "$env:COMP_CWORD = $commandAst.CommandElements.Count - 1" in text
    elements = [program, *line.split()]  # PowerShell's command elements
    word = "" if line.endswith(" ") else elements[-1]
    environment = {
        "PATH": os.environ["PATH"],
        f"_{program.replace('-', '_').upper()}_COMPLETE": "powershell_complete",
        "COMP_WORDS": f"{program} {line}".rstrip(),
        "COMP_CWORD": str(len(elements) - int(word != "")),
    }
    done = subprocess.run(
        [sys.executable, "-m", MODULES[program]],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    answered = done.stdout.splitlines()
    assert len(answered) % 3 == 0
    return {value for kind, value in zip(answered[::3], answered[1::3], strict=True) if kind == "plain"}


@pytest.mark.parametrize("program", GROUPS)
def test_the_script_is_one_well_formed_registration(program: str) -> None:
    text = script(program)
    assert text.count("Register-ArgumentCompleter") == 1
    assert f"-Native -CommandName {program} -ScriptBlock {{" in text
    assert text.count("'") % 2 == 0
    assert text.count('"') % 2 == 0
    depth = 0
    for sign in re.sub(r"'[^']*'|\"[^\"]*\"|#.*", "", text):
        depth += {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0


@pytest.mark.parametrize("program", GROUPS)
def test_what_is_set_is_taken_back_whatever_happens(program: str) -> None:
    """A variable that stayed would turn the next start of the program into an answer for a shell."""
    before, _, after = script(program).partition("} finally {")
    changed = set(re.findall(r"^\s*\$env:(\w+) = ", before, re.MULTILINE))
    assert changed == {f"_{program.replace('-', '_').upper()}_COMPLETE", "COMP_WORDS", "COMP_CWORD"}
    kept = dict(re.findall(r"^\s*(\$prev_\w+) = \$env:(\w+)$", before, re.MULTILINE))
    restored = dict(re.findall(r"^\s*\$env:(\w+) = (\$prev_\w+)$", after, re.MULTILINE))
    assert {name: kept[variable] for name, variable in restored.items()} == {name: name for name in changed}


@pytest.mark.parametrize(("program", "line", "offered"), TYPED)
def test_the_program_answers_what_the_script_asks(program: str, line: str, offered: set[str]) -> None:
    answered = asked(program, line)
    assert offered <= answered
    assert bool(offered) == bool(answered)


def test_the_command_prints_the_script(tmp_path: Path) -> None:
    for program, module in MODULES.items():
        done = subprocess.run(
            [sys.executable, "-m", module, "completion", "powershell"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.rstrip() == script(program).rstrip()
