"""Completion as a person has it: the script loaded into the real shell, the shell asked what it offers."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAMS = {"codebase-server": "codebase_server", "workflow-server": "workflow_server"}
OFFERED = {"codebase-server": ("se", {"search", "serve", "setup"}), "workflow-server": ("pro", {"project"})}
OPTIONS = {"codebase-server": ("search --li", "--limit"), "workflow-server": ("list --lab", "--label")}
CHOICES = {
    "codebase-server": ("search --kind te", "tests"),
    "workflow-server": ("list --status pl", "planned"),
}
SECONDS = 120.0

BASH = r"""
eval "$(PROGRAM completion bash)"
COMP_WORDS=(PROGRAM LINE); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE="PROGRAM LINE"
complete -p PROGRAM | sed -E 's/.*-F ([^ ]+).*/\1/' > function
"$(cat function)" PROGRAM
printf '%s\n' "${COMPREPLY[@]}"
"""

ZSH = r"""
PS1= ; LISTMAX=1000; unsetopt beep zle_bracketed_paste; autoload -Uz compinit && compinit -u -D
eval "$(PROGRAM completion zsh)"; print -r -- rea""dy
"""
"""zsh completes only in its line editor, so it gets a terminal, and the Tab key twice."""


@pytest.fixture
def world(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A folder with both programs on the PATH, and an environment with nothing of the user's own."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, module in PROGRAMS.items():
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        program.chmod(0o755)
    kept = {name: os.environ[name] for name in ("LANG", "TERM") if name in os.environ}
    path = os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)])
    return tmp_path, {
        **kept,
        "PATH": path,
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }


def offered(shell: str, program: str, line: str, world: tuple[Path, dict[str, str]]) -> set[str]:
    """What `shell` offers for ``program line`` with the cursor at its end."""
    folder, environment = world
    if shell == "zsh":
        return offered_by_zsh(program, line, world)
    if shell == "bash":
        script = BASH.replace("PROGRAM", program).replace("LINE", line)
        command = ["bash", "--norc", "-c", script]
    else:
        script = f"{program} completion fish | source; complete -C '{program} {line}'"
        command = ["fish", "--no-config", "-c", script]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    return {one.split("\t")[0] for one in done.stdout.splitlines()}


def offered_by_zsh(program: str, line: str, world: tuple[Path, dict[str, str]]) -> set[str]:
    """The words on zsh's screen after Tab, its control sequences taken out."""
    import pty

    folder, environment = world
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover - another process
        os.chdir(folder)
        os.execvpe("zsh", ["zsh", "-f", "-i"], {**environment, "TERM": "dumb"})
    try:
        for script in ZSH.replace("PROGRAM", program).strip().splitlines():
            os.write(terminal, script.encode() + b"\n")
        _read_until(terminal, lambda seen: b"\nready" in seen)
        os.write(terminal, f"{program} {line}\t\t".encode())
        begun = line.split()[-1].encode()
        seen = _read_until(
            terminal, lambda seen: len(re.findall(rb"(?<![\w-])" + begun + rb"[\w-]", seen)) > 0
        )
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)
    return set(re.findall(r"[\w-]+", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", " ", seen.decode(errors="replace"))))


def _read_until(terminal: int, enough: Callable[[bytes], bool]) -> bytes:
    """What a terminal shows until it is `enough` and then quiet for a second."""
    deadline = time.monotonic() + SECONDS
    seen = b""
    while time.monotonic() < deadline:
        ready, _, _ = select.select([terminal], [], [], 1.0)
        if ready:
            seen += os.read(terminal, 65536)
        elif enough(seen):
            return seen
    raise AssertionError(f"the shell did not come so far: {seen[-500:]!r}")


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_offers_commands_options_and_choices(
    shell: str, program: str, world: tuple[Path, dict[str, str]]
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    begun, expected = OFFERED[program]
    assert expected <= offered(shell, program, begun, world)
    for begun, wanted in (OPTIONS[program], CHOICES[program]):
        assert wanted in offered(shell, program, begun, world)
