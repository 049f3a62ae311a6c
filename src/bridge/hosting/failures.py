"""What a command line prints of a failure: lines for a person, or an object where JSON was asked for.

The object is that of an HTTP error, on standard error: standard output holds an answer or nothing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bridge.agreed.errors import TandemError

if TYPE_CHECKING:
    import click


def asks_for_json(arguments: Sequence[str]) -> bool:
    """Whether ``--json`` stands among the options; what stands after ``--`` is a value."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in options


def show(problem: TandemError, lines: str, arguments: Sequence[str], worded: Callable[[str], str]) -> None:
    """Print `lines` on standard error, or the body of `problem` where `arguments` ask for JSON.

    `worded` says in the words of the command line what the service says in those of its tools.
    """
    if not asks_for_json(arguments):
        sys.stderr.write(f"{lines}\n")
        return
    body = {**problem.body, "message": worded(problem.message), "hint": worded(problem.hint)}
    sys.stderr.write(json.dumps(body, ensure_ascii=False, indent=2, default=str) + "\n")


def show_misuse(error: click.ClickException, arguments: Sequence[str]) -> None:
    """Tell what was wrong with the arguments, with the usage of the command."""
    if not asks_for_json(arguments):
        error.show()
        return
    context = getattr(error, "ctx", None)
    usage = context.get_usage() if context is not None else ""
    show(TandemError("invalid_arguments", error.format_message(), usage), "", arguments, str)


def of_the_system(error: OSError) -> TandemError:
    """What the operating system refused, with the file it is about."""
    place = f"{error.filename}: " if error.filename else ""
    hint = "Check what stands there and its permissions, or give another path." if place else ""
    message = f"{place}{error.strerror or error}."
    if isinstance(error, FileNotFoundError):
        return TandemError("file_not_found", message, hint)
    return TandemError("system_refused", message, hint)


def unforeseen(told: str) -> TandemError:
    """A failure of ours; `told` says where its stack trace is kept."""
    return TandemError("internal_error", told)
