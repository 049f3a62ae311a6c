"""Git, asked safely: nothing that a repository brings along is ever run.

Listing files needs no hook, filter, monitor, pager, editor, helper or network;
each is switched off all the same, because the configuration of a repository
may come from whoever made it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

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

TIMEOUT_SECONDS = 60.0


class GitError(Exception):
    """Git is not there, failed, or took too long."""


def safe_environment() -> dict[str, str]:
    """This process's environment without what would redirect or instruct git."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in _KEPT_VARIABLES
    }
    return kept | _FORCED_VARIABLES


def run_git(folder: Path, arguments: Sequence[str], timeout: float = TIMEOUT_SECONDS) -> tuple[bytes, str]:
    """Standard output (bytes) and standard error (text) of a git command run in ``folder``.

    Raises `GitError` when git is missing, exits with an error, or takes longer than ``timeout`` seconds.
    """
    command = ["git", *_SAFE_OPTIONS, *arguments]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=safe_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise GitError(f"git could not be run in '{folder}': {error}") from error
    complaint = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode != 0:
        raise GitError(f"git {arguments[0]} failed in '{folder}' ({done.returncode}): {complaint[:500]}")
    return done.stdout, complaint
