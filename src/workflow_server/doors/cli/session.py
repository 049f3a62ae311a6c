"""One command's work with the service: open, call, close, in an event loop of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import click

from workflow_server.doors.application import Application
from workflow_server.doors.cli.group import flags_of
from workflow_server.doors.persons import person
from workflow_server.doors.version import version
from workflow_server.records import Actor, Call
from workflow_server.service import WorkflowService
from workflow_server.settings import load

Answer = TypeVar("Answer")
Work = Callable[[WorkflowService, Call], Awaitable[Answer]]


def with_service(ctx: click.Context, work: Work[Answer], *, changes: bool = True) -> Answer:
    """Run `work` against the project of this invocation and return what it returns.

    :param changes: whether the work can enter the history; the person's name, for which git is started, is
        asked only then.
    """
    settings = load(flags_of(ctx))
    application = Application(settings)
    name = settings.actor or (person() if changes else "")

    async def run() -> Answer:
        call = application.call(Actor(name, f"workflow-server {version()}", "cli"))
        try:
            return await work(application.service, call)
        finally:
            await application.service.close()

    return asyncio.run(run())


def given(**values: Any) -> dict[str, Any]:
    """The options that were given: click's None and empty tuples are left out, tuples become lists."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value is not None and value != ()
    }
