"""Git, asked safely: nothing that a repository brings along is ever run.

Listing files needs no hook, filter, monitor, pager, editor, helper or network;
each is switched off all the same, because the configuration of a repository
may come from whoever made it.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bridge.agreed import system
from bridge.agreed.programs import program

_KEPT_VARIABLES = frozenset(
    {"GIT_CEILING_DIRECTORIES", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM"}
)

_FORCED_VARIABLES = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_PAGER": "cat",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
}

_SAFE_OPTIONS = (
    "--no-pager",
    "-c", "core.fsmonitor=false",
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "core.quotePath=false",
    "-c", "core.untrackedCache=keep",
    "-c", "core.sshCommand=false",
    "-c", "core.askPass=",
    "-c", "credential.helper=",
    "-c", "protocol.allow=never",
    "-c", "diff.external=",
    "-c", "submodule.recurse=false",
    "-c", "gc.auto=0",
    "-c", "maintenance.auto=false",
)  # fmt: skip

TIMEOUT_SECONDS = 30.0

_OVER_ITS_TIME = getattr(signal, "SIGXCPU", 0)


_running: set[subprocess.Popen[bytes]] = set()
"""What was asked of git and is not answered yet."""


class GitError(Exception):
    """Git is not there, failed, or took too long."""


class GitSlowError(GitError):
    """Git took longer than it may: its own patterns (``*a*a*a*b``) can keep it busy for hours."""


def safe_environment() -> dict[str, str]:
    """This process's environment without what would redirect or instruct git."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in _KEPT_VARIABLES
    }
    return kept | _FORCED_VARIABLES


def run_git(folder: Path, arguments: Sequence[str]) -> tuple[bytes, str]:
    """Standard output (bytes) and standard error (text) of a git command run in ``folder``.

    Raises `GitError` when git is missing or exits with an error, `GitSlowError` when it takes longer than
    `TIMEOUT_SECONDS`. Where this process is killed, git ends after as many seconds of the processor.
    """
    try:
        process = subprocess.Popen(
            [program("git"), *_SAFE_OPTIONS, *arguments],
            cwd=folder,
            env=safe_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except (OSError, ValueError) as error:
        raise GitError(f"git could not be run in '{folder}': {error}") from error
    with process:
        _running.add(process)
        system.limit_processor_time(process.pid, TIMEOUT_SECONDS)
        try:
            output, errors = process.communicate(timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise GitSlowError(f"git took over {TIMEOUT_SECONDS:.0f} s in '{folder}'") from error
        finally:
            process.kill()  # nothing, where it has ended
            _running.discard(process)
    complaint = errors.decode("utf-8", "replace").strip()
    if process.returncode != 0:
        if process.returncode == -_OVER_ITS_TIME:
            raise GitSlowError(f"git took over {TIMEOUT_SECONDS:.0f} s of the processor in '{folder}'")
        raise GitError(f"git {arguments[0]} failed in '{folder}' ({process.returncode}): {complaint[:500]}")
    return output, complaint


def end_running() -> None:
    """End what git is doing for this process, which is about to end itself."""
    for process in list(_running):
        process.kill()
