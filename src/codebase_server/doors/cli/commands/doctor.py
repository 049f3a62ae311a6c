"""``codebase-server doctor``."""

from __future__ import annotations

from pathlib import Path

import click

from bridge import doctor
from codebase_server.doors.cli import FAILED, FOUND
from codebase_server.doors.cli.diagnosis import checks
from codebase_server.doors.cli.group import settings_of, settings_options
from codebase_server.service import CodebaseService
from codebase_server.settings import APPLICATION


@click.command("doctor")
@doctor.options
@settings_options()
@click.pass_context
def command(ctx: click.Context, bundle: Path | None, live: bool, as_json: bool) -> None:
    """Find out why something does not work: each finding says what to do next.

    Looks at the interpreter, versions, folders, indexes, ports, hosts and the log, and launches the server
    as a host does.
    """
    settings = settings_of(ctx)
    service = CodebaseService(settings)
    try:
        report = doctor.Report(APPLICATION, settings.rows())
        well = doctor.shown(report, checks(settings, service, live=live), bundle=bundle, as_json=as_json)
    finally:
        service.close()
    ctx.exit(FOUND if well else FAILED)
