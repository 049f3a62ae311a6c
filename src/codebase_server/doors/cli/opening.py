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
def opened(ctx: click.Context, *, plain_folder: bool = False) -> Iterator[CodebaseService]:
    """The service with this invocation's settings.

    :param plain_folder: take the working directory itself when it is no git
        repository: only for commands by which a person asks to index it.
    """
    from codebase_server.service import CodebaseService

    service = CodebaseService(settings_of(ctx), accept_plain_folder=plain_folder)
    try:
        yield service
    finally:
        service.close()
