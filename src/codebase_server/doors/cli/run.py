"""Runs the command line and turns every end of it into an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

from bridge.agreed.errors import TandemError, how_to_read
from bridge.hosting import console, failures
from codebase_server.doors.cli import FAILED, INTERNAL, INTERRUPTED, NO_ROOT, NOTHING, USAGE
from codebase_server.doors.cli.wording import of_the_shell
from codebase_server.runtime.collecting import collect_rarely

_COMPLETING: Final = "_CODEBASE_SERVER_COMPLETE"
"""Set by the shell's completion script, which calls without arguments."""

_OF_A_CLIENT: Final = "; the client offered no MCP roots"
"""What is looked at last for a root; a command line has no client."""

_EXIT_CODES: Final = {
    "root_needed": NO_ROOT,
    "root_ambiguous": NO_ROOT,
    "root_unknown": NO_ROOT,
    "root_refused": NO_ROOT,
    "root_not_found": NO_ROOT,
    "root_not_a_folder": NO_ROOT,
    "root_unreadable": NO_ROOT,
    "invalid_arguments": USAGE,
    "host_not_found": USAGE,
    "invalid_setting": USAGE,
    "invalid_settings": USAGE,
    "path_outside_root": USAGE,
    "path_not_found": NOTHING,
    "chunk_not_found": NOTHING,
    "cancelled": INTERRUPTED,
}


def run(arguments: Sequence[str]) -> int:
    """Run ``codebase-server`` with `arguments` and return its exit code."""
    try:
        # Launched by a host without arguments there is nothing to parse, so no parser is imported.
        return _run_commands(arguments) if arguments or _COMPLETING in os.environ else _serve_stdio()
    except TandemError as problem:
        lines = (
            f"Error: {of_the_shell(problem.message.replace(_OF_A_CLIENT, ''))}",
            _next_step(problem),
            f"More: {how_to_read('codebase-server', problem.code)}",
        )
        failures.show(problem, "\n".join(filter(None, lines)), arguments, of_the_shell)
        return _EXIT_CODES.get(problem.code, FAILED)
    except (BrokenPipeError, console.ReaderGoneError):
        # The reader (head, less) went away: not our failure, and nothing must be flushed to it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as problem:
        failures.show(failures.of_the_system(problem), f"Error: {problem}", arguments, of_the_shell)
        return FAILED
    except Exception:
        return _unforeseen(arguments)


def _next_step(problem: TandemError) -> str:
    """The hint of an error; the roots that it lists stand one on a line, all of them."""
    rows = problem.details.get("roots", [])
    if not rows:
        return of_the_shell(problem.hint)
    listed = [f"  {row['root']} ({row['repository']})" for row in rows]
    head, _, behind = problem.hint.partition(": ")
    after = behind.partition(". ")[2]
    return "\n".join(filter(None, [f"{of_the_shell(head)}:", *listed, of_the_shell(after)]))


def _unforeseen(arguments: Sequence[str]) -> int:
    from bridge.hosting import logs
    from codebase_server.settings import APPLICATION

    told = f"unforeseen; the stack trace is in {logs.keep_unforeseen(APPLICATION)}"
    failures.show(failures.unforeseen(told), f"Error: {told}", arguments, of_the_shell)
    return INTERNAL


def _run_commands(arguments: Sequence[str]) -> int:
    import click

    from codebase_server.doors.cli.group import cli

    console.prepare()

    collect_rarely()  # put off while the imports were made
    try:
        code = cli.main(list(arguments), prog_name="codebase-server", standalone_mode=False)
        sys.stdout.flush()  # here, where a reader that went away is nothing
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as problem:
        failures.show_misuse(problem, arguments)
        return USAGE
    except click.Abort:
        return INTERRUPTED


def _serve_stdio() -> int:
    from codebase_server.processes.stdio import serve_stdio
    from codebase_server.settings import load

    return serve_stdio(load)
