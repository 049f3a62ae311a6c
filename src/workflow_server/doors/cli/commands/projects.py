"""Commands about projects and item types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from bridge.agreed.errors import TandemError, did_you_mean
from workflow_server.doors.cli.output import emit, json_option, on_terminal
from workflow_server.doors.cli.session import given, with_service
from workflow_server.doors.text.answers import projects as projects_text
from workflow_server.records import Call
from workflow_server.service import WorkflowService


@click.group("project", invoke_without_command=True)
@json_option
@click.pass_context
def project_command(ctx: click.Context, as_json: bool) -> None:
    """List projects; create or archive one. `--project NAME` before any command chooses one."""
    if ctx.invoked_subcommand is None:
        _list(ctx, as_json)


@project_command.command("list")
@json_option
@click.pass_context
def project_list(ctx: click.Context, as_json: bool) -> None:
    """List all projects; the one in use is marked."""
    _list(ctx, as_json)


def _list(ctx: click.Context, as_json: bool) -> None:
    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        return await service.list_projects(call)

    emit(with_service(ctx, work), as_json, _projects_text)


def _projects_text(answer: Mapping[str, Any]) -> str:
    if on_terminal():
        return projects_text(answer)
    return "\n".join(
        f"{each['name']}\t{each['open'] if each['open'] is not None else ''}\t"
        f"{each['total'] if each['total'] is not None else ''}\t{'archived' if each['archived'] else 'open'}"
        for each in answer["projects"]
    )


@project_command.command("create")
@click.argument("name")
@json_option
@click.pass_context
def project_create(ctx: click.Context, name: str, as_json: bool) -> None:
    """Create a project."""

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        return await service.create_project(call, name)

    emit(with_service(ctx, work), as_json, lambda project: str(project["name"]))


@project_command.command("archive")
@click.argument("name")
@click.option("--restore", is_flag=True, help="Take it back from the archive.")
@json_option
@click.pass_context
def project_archive(ctx: click.Context, name: str, restore: bool, as_json: bool) -> None:
    """Make a project read-only and list it last."""

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        return await service.archive_project(call, name, restore=restore)

    emit(with_service(ctx, work), as_json, lambda project: str(project["name"]))


@click.command("type")
@click.argument("name", required=False)
@click.option("--schema", type=click.File(encoding="utf-8"), help="JSON Schema of the metadata, a file or -.")
@click.option("--description")
@click.option("--allow-breaking", is_flag=True)
@click.option("--defaults", metavar="JSON", help="For items that lack a field now required.")
@json_option
@click.pass_context
def type_command(
    ctx: click.Context,
    name: str | None,
    schema: Any,
    description: str | None,
    allow_breaking: bool,
    defaults: str | None,
    as_json: bool,
) -> None:
    """List item types; with NAME show one with its schema, with NAME and --schema define it."""
    fields = given(
        schema=_json_of("--schema", schema.read()) if schema else None,
        description=description,
        defaults=_json_of("--defaults", defaults) if defaults else None,
    )
    if fields and not name:
        raise click.UsageError("give the NAME of the type to define")

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        if name and fields:
            return await service.define_item_type(call, name, allow_breaking=allow_breaking, **fields)
        types = await service.item_types(call)
        wanted = [each for each in types if name in (None, each["name"])]
        if not wanted:
            names = [each["name"] for each in types]
            raise TandemError(
                "invalid_argument",
                f"`NAME` is '{name}', which is no type of this project.",
                f"Types: {', '.join(names)}. Define another with --schema.{did_you_mean(str(name), names)}",
            )
        return {"types": wanted}

    emit(with_service(ctx, work), as_json, _one_type if name and not fields else _types_text)


def _one_type(answer: Mapping[str, Any]) -> str:
    schema = json.dumps(answer["types"][0]["schema"], ensure_ascii=False, indent=2)
    return f"{_types_text(answer)}\n{schema}"


def _json_of(option: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint=option) from error


def _types_text(answer: Mapping[str, Any]) -> str:
    if "item_type" in answer:
        kind = answer["item_type"]
        return "\n".join([f"{kind['name']} version {kind['version']}", *answer["breaking"]])
    return "\n".join(
        f"{kind['name']}\t{kind['version']}\t{kind['items']}\t{kind['description']}"
        for kind in answer["types"]
    )
