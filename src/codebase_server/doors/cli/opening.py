"""Asks a running server for one command, or opens the service for it and closes it again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import click

from codebase_server.doors.cli import running
from codebase_server.doors.cli.group import settings_of

if TYPE_CHECKING:
    from codebase_server.service import CodebaseService

Answer = TypeVar("Answer")


@contextlib.contextmanager
def opened(ctx: click.Context) -> Iterator[CodebaseService]:
    """The service with this invocation's settings."""
    from codebase_server.service import CodebaseService

    service = CodebaseService(settings_of(ctx))
    try:
        yield service
    finally:
        service.close()


@contextlib.contextmanager
def reading(ctx: click.Context) -> Iterator[CodebaseService]:
    """The service, with a whole index: nobody would go on building it once this command has ended."""
    with opened(ctx) as service:
        if not service.is_built():
            from codebase_server.doors.cli.progress import indexed

            indexed(service)
        yield service


def answered(
    ctx: click.Context,
    path: str,
    arguments: dict[str, Any],
    itself: Callable[[CodebaseService], Answer],
    *,
    method: Literal["GET", "POST"] = "POST",
) -> Answer:
    """What a running server answers to ``path``; where none can be asked, what this process finds ``itself``
    in a whole index (for a ``GET``, in the index as it is).
    """
    told = running.answer(settings_of(ctx), path, arguments, method=method)
    if told is not None:
        return cast("Answer", told)
    with (opened if method == "GET" else reading)(ctx) as service:
        return itself(service)
