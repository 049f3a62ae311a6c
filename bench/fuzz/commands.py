"""Both command lines with hostile arguments, in one process: values that nobody means, options anywhere.

    python -m bench.fuzz commands [--scale N] [--seed N]

Commands that serve, write settings of hosts, or write to a place that an argument names are left out.
Each call must end with an exit code that the command documents, without a stack trace.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click

from bench.fuzz.calls import Tally
from bench.fuzz.drawing import Draw
from bench.fuzz.peer import NEVER, SLOW_S, Finding
from bench.fuzz.tools import world

_LEFT_OUT: Final = {
    "serve",
    "web",
    "setup",
    "start",
    "export",
    "backup",
    "restore",
    "doctor",
    "import",
    "completion",
}
_NOT_GIVEN: Final = {"data_dir", "help", "version"}
_CODES: Final = {"codebase_server": set(range(5)) | {130}, "workflow_server": set(range(7)) | {130}}
_WORDS: Final = (
    "--",
    "-",
    "--json",
    "--jsn",
    "-x",
    "--output=planted",
    "-o",
    "--limit=",
    "--limit=-1",
    "--=",
    "-\0",
    "@x",
    "=",
)


def attack(tally: Tally, calls: int, seed: int) -> None:
    """Run so many commands of the tally's server. Raises `Finding` with the one that shows one."""
    draw = Draw(seed)
    with tempfile.TemporaryDirectory(prefix="fuzz-commands-") as folder, _inside(Path(folder)):
        run, group = _program(tally.server)
        for _ in range(calls):
            words = _words(group, draw)
            tally.calls += 1
            _judge(tally, run, words)


def _judge(tally: Tally, run: Callable[[Sequence[str]], int], words: list[str]) -> None:
    said, processor = io.StringIO(), time.process_time()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = run(words)
    except BaseException as failure:  # whatever leaves the command is printed as a stack trace
        raise Finding(f"{tally.server} {words!r:.2000} raised {failure!r:.500}") from failure
    took = time.process_time() - processor
    told = said.getvalue()
    if code not in _CODES[tally.server] or any(sign in told for sign in NEVER):
        raise Finding(f"{tally.server} {words!r:.2000} ended with {code}:\n{told[:2000]}")
    if took > 3 * SLOW_S:
        raise Finding(f"{tally.server} {words!r:.2000} took {took:.1f} s of the processor")
    tally.refused += code != 0


def _words(group: click.Group, draw: Draw) -> list[str]:
    name = draw.one(*(each for each in group.commands_known if each not in _LEFT_OUT))  # type: ignore[attr-defined]  # set below
    command = group.get_command(click.Context(group), name)
    assert command is not None
    words = [name]
    if isinstance(command, click.Group):
        inner = draw.one(*command.commands)
        words.append(inner)
        command = command.commands[inner]
    for parameter in command.params:
        if parameter.name in _NOT_GIVEN:
            continue
        if isinstance(parameter, click.Argument):
            words += [
                _value(draw, parameter) for _ in range(draw.one(1, 1, 1, 2) if parameter.nargs == -1 else 1)
            ]
        elif draw.random.random() < 0.12:
            words.append(draw.one(*parameter.opts))
            if not getattr(parameter, "is_flag", False):
                words.append(_value(draw, parameter))
    if draw.random.random() < 0.2:
        words.insert(draw.random.randint(1, len(words)), draw.one(*_WORDS))
    # no system passes a program a NUL or half of a surrogate pair in an argument
    return [word.replace("\0", "0") for word in words]


def _value(draw: Draw, parameter: click.Parameter) -> str:
    kind = parameter.type
    if isinstance(kind, click.Choice) and draw.random.random() < 0.8:
        return str(draw.one(*kind.choices))
    if isinstance(kind, click.types.IntParamType) and draw.random.random() < 0.7:
        return str(draw.one(0, 1, 2, 10, -1, 10**30))
    if draw.random.random() < 0.6:
        return str(
            draw.one(
                "main", "src/main.py", "src/main.py:1", "wi_aaaaaaa", "c_aaaaaaaaaaaa", "task", "p", "A title"
            )
        )
    return draw.text()[:20_000]


def _program(server: str) -> tuple[Callable[[Sequence[str]], int], Any]:
    if server == "codebase_server":
        from codebase_server.doors.cli import group as codebase_group
        from codebase_server.doors.cli.run import run

        codebase_group.cli.commands_known = list(codebase_group.COMMANDS)  # type: ignore[attr-defined]
        with contextlib.redirect_stdout(io.StringIO()):
            run(["index"])
        return run, codebase_group.cli
    from workflow_server.doors.cli import group as workflow_group

    workflow_group.cli.commands_known = list(workflow_group.COMMANDS)  # type: ignore[attr-defined]
    with contextlib.redirect_stdout(io.StringIO()):
        workflow_group.main(["add", "first"])
    return lambda words: workflow_group.main(list(words)), workflow_group.cli


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """In a repository of its own, with nothing of this user's, and nobody at the keyboard."""
    kept, here, keyboard = dict(os.environ), Path.cwd(), sys.stdin
    os.environ.clear()
    os.environ.update(world(folder))
    os.chdir(folder / "repository")
    try:
        with Path(os.devnull).open(encoding="utf-8") as sys.stdin:
            yield
    finally:
        sys.stdin = keyboard
        os.chdir(here)
        os.environ.clear()
        os.environ.update(kept)
