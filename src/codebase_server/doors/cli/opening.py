"""Opens the service for one command and closes it again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from codebase_server.doors.cli.group import settings_of

if TYPE_CHECKING:
    from codebase_server.service import CodebaseService


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
