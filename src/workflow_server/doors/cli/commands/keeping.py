"""Commands that keep the data safe: backup, restore, doctor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from workflow_server.doors.cli import REFUSED
from workflow_server.doors.cli.output import emit, json_option
from workflow_server.doors.cli.session import with_service
from workflow_server.service import Call, WorkflowService


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
    "--name", required=True, help="Project to make of it; an existing one's file is set aside, not lost."
)
@json_option
@click.pass_context
def restore_command(ctx: click.Context, backup: Path, name: str, as_json: bool) -> None:
    """Make a project from a backup."""

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        return await service.restore_backup(call, backup, name=name)

    emit(with_service(ctx, work), as_json, _where)


def _where(answer: Mapping[str, Any]) -> str:
    return f"{answer['items']} items, {answer['size_bytes']:,} bytes: {answer['file']}"


@click.command("doctor")
@click.option(
    "--bundle", type=click.Path(path_type=Path), help="Write a report without names, paths or contents."
)
@json_option
@click.pass_context
def doctor_command(ctx: click.Context, bundle: Path | None, as_json: bool) -> int:
    """Check everything that can be wrong: programs, settings, files, ports, the codebase server, a live
    handshake.

    Exit code 1 when something is; each finding says what to do.
    """
    from workflow_server.doors.cli import doctor

    report = doctor.examine(ctx)
    emit(report, as_json, doctor.as_text)
    if bundle is not None:
        doctor.write_bundle(report, bundle)
        click.echo(f"report without names, paths or contents: {bundle}", err=True)
    return REFUSED if report["findings"] else 0
