"""Commands that keep the data safe: backup, restore, doctor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from bridge import doctor
from bridge.agreed.wording import counted
from workflow_server.doors.cli import REFUSED
from workflow_server.doors.cli.output import emit, json_option
from workflow_server.doors.cli.session import with_service
from workflow_server.records import Call
from workflow_server.service import WorkflowService


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path), required=False)
@json_option
@click.pass_context
def backup_command(ctx: click.Context, target: Path | None, as_json: bool) -> None:
    """Copy the project into TARGET, or into the backups folder, while others use it."""

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        return await service.backup(call, target)

    emit(with_service(ctx, work), as_json, _where)


@click.command("restore")
@click.argument("backup", type=click.Path(path_type=Path))
@click.option(
    "--name",
    required=True,
    help="Project to make of it; what it holds now is first copied into the backups folder.",
)
@json_option
@click.pass_context
def restore_command(ctx: click.Context, backup: Path, name: str, as_json: bool) -> None:
    """Make a project from a backup."""

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        return await service.restore_backup(call, backup, name=name)

    emit(with_service(ctx, work), as_json, lambda answer: _restored(answer, backup))


def _restored(answer: Mapping[str, Any], backup: Path) -> str:
    return f"{counted(answer['items'], 'item')} in project {answer['project']}, restored from {backup}"


def _where(answer: Mapping[str, Any]) -> str:
    return f"{counted(answer['items'], 'item')}, {answer['size_bytes']:,} bytes: {answer['file']}"


@click.command("doctor")
@doctor.options
@click.pass_context
def doctor_command(ctx: click.Context, bundle: Path | None, live: bool, as_json: bool) -> int:
    """Find out why something does not work: each finding says what to do next.

    Looks at the interpreter, versions, folders, the project, ports, the way to the code, hosts and the log,
    and launches the server as a host does.
    """
    from workflow_server.doors.cli.doctor import begun, checks

    settings, report = begun(ctx)
    listed = checks(ctx, settings, report, live=live)
    return 0 if doctor.shown(report, listed, bundle=bundle, as_json=as_json) else REFUSED
