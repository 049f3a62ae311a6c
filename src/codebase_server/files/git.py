"""Git, asked safely: nothing that a repository brings along is ever run.

Listing files needs no hook, filter, monitor, pager, editor, helper or network;
each is switched off all the same, because the configuration of a repository
may come from whoever made it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
import weakref
from collections.abc import Sequence
from pathlib import Path

from bridge.agreed import limits
from bridge.agreed.identity import git_would_wait, top_folder
from bridge.agreed.programs import GIT_MEMORY_BYTES, program

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

SLOW_SECONDS = 3.0
"""Git that had no answer after so long when it was ended was slow: a command ends it as it ends itself."""

_OVER_ITS_TIME = getattr(signal, "SIGXCPU", 0)


_running: dict[subprocess.Popen[bytes], Path] = {}
"""What was asked of git and is not answered yet, and in which folder."""

_ended: weakref.WeakSet[subprocess.Popen[bytes]] = weakref.WeakSet()
"""Of these, what this process ended."""


class GitError(Exception):
    """Git is not there, failed, or took too long."""


class GitSlowError(GitError):
    """Git took longer than it may: its own patterns (``*a*a*a*b``) can keep it busy for hours.

    :param seconds: how long it was waited for.
    """

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


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
    if git_would_wait(folder):
        raise GitError(f"git is not asked in '{folder}': something in the place of its files is no file")
    try:
        process = subprocess.Popen(
            [program("git"), *_SAFE_OPTIONS, *_in_its_own_checkout(folder), *arguments],
            cwd=folder,
            env=safe_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except (OSError, ValueError) as error:
        raise GitError(f"git could not be run in '{folder}': {error}") from error
    began = time.monotonic()
    with process:
        _running[process] = folder
        limits.limit_processor_time(process.pid, TIMEOUT_SECONDS)
        limits.limit_memory_of(process.pid, GIT_MEMORY_BYTES)
        try:
            output, errors = process.communicate(timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired as error:
            message = f"git took over {TIMEOUT_SECONDS:.0f} s in '{folder}'"
            raise GitSlowError(message, TIMEOUT_SECONDS) from error
        finally:
            process.kill()  # nothing, where it has ended
            _running.pop(process, None)
    complaint = errors.decode("utf-8", "replace").strip()
    if process.returncode != 0:
        if process.returncode == -_OVER_ITS_TIME:
            message = f"git took over {TIMEOUT_SECONDS:.0f} s of the processor in '{folder}'"
            raise GitSlowError(message, TIMEOUT_SECONDS)
        waited = time.monotonic() - began
        if process in _ended and waited >= SLOW_SECONDS:
            raise GitSlowError(f"git had not answered after {waited:.0f} s in '{folder}'", waited)
        raise GitError(f"git {arguments[0]} failed in '{folder}' ({process.returncode}): {complaint[:500]}")
    return output, complaint


def _in_its_own_checkout(folder: Path) -> list[str]:
    """Options that have git look at the files around it, wherever a repository's ``core.worktree`` leads."""
    try:
        top = top_folder(folder)
    except OSError:
        return []
    return [] if top is None else [f"--work-tree={top}"]


def end_running(root: Path) -> None:
    """End what git is doing for this process about a root, which nobody waits for any longer."""
    for process, folder in list(_running.items()):
        if folder == root or root in folder.parents:
            _ended.add(process)
            process.kill()
