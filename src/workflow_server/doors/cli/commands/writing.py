"""Commands that make items: add, plan."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import click

from bridge.agreed.errors import TandemError
from workflow_server.doors.cli.output import emit, json_option
from workflow_server.doors.cli.session import given, with_service
from workflow_server.doors.cli.standing import seen_from_here
from workflow_server.doors.text.answers import planned
from workflow_server.doors.text.items import reference_line
from workflow_server.items.model import STATUSES
from workflow_server.records import Call, NewItem
from workflow_server.service import WorkflowService


@click.command("add")
@click.argument("title")
@click.option("--type", "item_type", metavar="TYPE", help="task, project, research, … or a type of your own.")
@click.option("--description", "-d")
@click.option("--status", "-s", type=click.Choice(STATUSES))
@click.option("--priority", "-P", type=click.IntRange(0, 4), help="0 is most urgent; default 2.")
@click.option("--parent", "parent_id", metavar="ID")
@click.option("--label", "-l", "labels", multiple=True)
@click.option("--assignee", "-a")
@click.option("--blocked-by", "-b", multiple=True, metavar="ID", help="It waits for this one.")
@click.option(
    "--reference",
    "-r",
    "entity_references",
    multiple=True,
    metavar="REF",
    help="path::Symbol, path:line, …; the path from here or from the root.",
)
@click.option(
    "--criterion",
    "-c",
    "acceptance_criteria",
    multiple=True,
    metavar="TEXT",
    help="What must hold when done.",
)
@click.option("--due", metavar="DATE")
@click.option("--defer-until", metavar="DATE")
@click.option("--metadata", metavar="JSON")
@json_option
@click.pass_context
def add_command(ctx: click.Context, /, as_json: bool, metadata: str | None, **fields: Any) -> None:
    """Add a work item and print its id."""
    item = given(**fields)
    if references := item.get("entity_references"):
        item["entity_references"] = seen_from_here(references)
    if metadata is not None:
        item["metadata"] = _json_object(metadata)

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        return await service.create_work_item(call, cast("NewItem", item))

    answer = with_service(ctx, work)
    emit(answer, as_json, _added)


def _added(answer: Mapping[str, Any]) -> str:
    item = answer["item"]
    return "\n".join([item["id"], *(reference_line(detail) for detail in item["reference_details"])])


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint="--metadata") from error
    if not isinstance(value, dict):
        raise click.BadParameter("not a JSON object", param_hint="--metadata")
    return value


@click.command("plan")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Say what would be made; store nothing.")
@json_option
@click.pass_context
def plan_command(ctx: click.Context, file: Path, dry_run: bool, as_json: bool) -> None:
    """Add a plan of up to 200 items in one transaction.

    FILE (or - for stdin) is JSON: a list of items, or {"items": [...]}, each with the arguments of
    create_work_item and a `key` that `parent_id` and `blocked_by` of the others may name.
    """
    text = sys.stdin.read() if str(file) == "-" else _read(file)
    items = _plan_items(text, str(file))

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        return await service.create_work_items(call, items, dry_run=dry_run)

    emit(with_service(ctx, work), as_json, planned)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise TandemError("file_not_found", f"{file} does not exist.") from error


def _plan_items(text: str, name: str) -> list[NewItem]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TandemError(
            "invalid_arguments",
            f"{name} is not JSON: {error}.",
            "A check-list in Markdown, a table, or another tracker's file is read by "
            f"`workflow-server import {'FILE' if name == '-' else name}`.",
        ) from error
    items = value.get("items") if isinstance(value, dict) else value
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise TandemError("invalid_arguments", f"{name} holds no list of items.", 'Give [{"title": "…"}, …].')
    return cast("list[NewItem]", items)
