"""What git tells a command of commits: asked without what a repository would have it run, and to an end."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from typing import Final

from bridge.agreed import limits
from bridge.agreed.errors import TandemError
from bridge.agreed.programs import GIT_MEMORY_BYTES, program
from workflow_server.references.touching import Commit

MOST_BYTES: Final = 64 * 1024 * 1024
"""Of all that git may tell in one command. A change of a million lines has less."""
MOST_SECONDS: Final = 120.0
"""For each question: a hook that runs the command is not held up for ever."""
MOST_COMMITS: Final = 200
"""Commits whose own diffs are looked at: of more, only the whole change is."""

_PLAIN: Final = ("--no-ext-diff", "--no-textconv", "--submodule=short")
"""The diff within a submodule would be made by a git of its own, which runs the programs that *its* settings
name and knows nothing of these options."""
_NOTHING_OF_THE_REPOSITORYS: Final = (
    "--no-pager",
    "-c", "core.quotePath=false",
    "-c", "diff.noprefix=false",
    "-c", "diff.mnemonicPrefix=false",
    "-c", "log.showSignature=false",
    "-c", "core.fsmonitor=false",
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "protocol.allow=never",
)  # fmt: skip
"""A repository's configuration can name programs to run, and how paths are written; neither counts here."""


def of_range(commits: str) -> tuple[str, list[Commit]]:
    """The diff of a range of commits (``main..``, ``A..B``, or one commit), and each of them.

    Raises `TandemError` ``invalid_arguments``, ``git_failed`` or ``change_too_large``.
    """
    if commits.startswith("-"):
        raise TandemError(
            "invalid_arguments", f'"{commits}" is no range of commits.', "Write main.. or A..B."
        )
    asked = _Asked()
    # a message can hold any character but NUL
    log = asked.told("log", "-z", "--format=%H%n%B", commits, "--")
    told = [entry.partition("\n")[::2] for entry in log.split("\0") if entry.strip()]
    each = len(told) <= MOST_COMMITS
    made = [
        Commit(commit, message, asked.told("show", "--format=", *_PLAIN, commit, "--") if each else "")
        for commit, message in told
    ]
    base, separator, end = commits.partition("..")
    wanted = f"{base}...{end.removeprefix('.')}" if separator else f"{commits}~...{commits}"
    return asked.told("diff", *_PLAIN, wanted, "--"), made


def too_large() -> TandemError:
    """What is said of a change that has more than `MOST_BYTES`."""
    return TandemError(
        "change_too_large",
        f"The change has more than {MOST_BYTES // 1024**2} MB.",
        "Name fewer commits, or pass the diff of some paths: "
        "git diff main.. -- src | workflow-server touched.",
    )


class _Asked:
    """Questions to git whose answers together have an end."""

    def __init__(self) -> None:
        self._left = MOST_BYTES

    def told(self, *arguments: str) -> str:
        environment = os.environ | {
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_TERMINAL_PROMPT": "0",
        }
        over = threading.Event()
        with tempfile.TemporaryFile() as complaints:
            try:
                git = subprocess.Popen(
                    [program("git"), *_NOTHING_OF_THE_REPOSITORYS, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=complaints,
                    env=environment,
                )
            except OSError as problem:
                raise TandemError("git_failed", f"git cannot be run: {problem}.", "Install it.") from problem

            def end() -> None:
                over.set()
                git.kill()

            clock = threading.Timer(MOST_SECONDS, end)
            clock.start()
            try:
                with git:
                    limits.limit_memory_of(git.pid, GIT_MEMORY_BYTES)
                    assert git.stdout is not None
                    answer = git.stdout.read(self._left + 1)
                    self._left -= len(answer)
                    if self._left < 0:
                        git.kill()
            finally:
                git.kill()  # nothing, where it has ended
                clock.cancel()
            complaints.seek(0)
            told = complaints.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
        if self._left < 0:
            raise too_large()
        if over.is_set():
            why, hint = f"took over {MOST_SECONDS:.0f} s and was ended", "Name fewer commits."
        else:
            why, hint = told[-1][:300] if told else "failed", "Run it in a repository."
        if git.returncode:
            raise TandemError("git_failed", f"git {arguments[0]}: {why}.", hint)
        return answer.decode("utf-8", "replace")
