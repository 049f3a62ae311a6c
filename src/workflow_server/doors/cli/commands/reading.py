"""Commands that change nothing: list, ready, show, history, stats."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, cast

import click

from workflow_server.doors.cli.output import emit, json_option, lines, on_terminal, say, table, warn
from workflow_server.doors.cli.session import given, with_service
from workflow_server.doors.cli.standing import seen_from_here
from workflow_server.doors.text.answers import statistics
from workflow_server.doors.text.events import event_lines
from workflow_server.doors.text.items import item_text
from workflow_server.find.filters import SORTS, VIEWS
from workflow_server.items.model import STATUSES
from workflow_server.records import Call, ItemQuery
from workflow_server.service import WorkflowService


def _filters(command: Any) -> Any:
    for option in reversed(
        (
            click.argument("text", required=False),
            click.option("--status", "-s", multiple=True, type=click.Choice(STATUSES)),
            click.option("--type", "item_type", multiple=True, metavar="TYPE"),
            click.option("--label", "-l", multiple=True),
            click.option("--assignee", "-a", help="A name, or `none`."),
            click.option(
                "--parent", "parent_id", metavar="ID", help="Children of this item; `none` for the top."
            ),
            click.option("--reference", metavar="PATH", help="Items about this path or chunk."),
            click.option("--similar", "similar_to", metavar="ID-OR-TEXT", help="Likely duplicates."),
            click.option(
                "--since", "changed_since", metavar="WHEN", help="Changed since: yesterday, 2h, 3d, a day."
            ),
            click.option("--by", "changed_by", metavar="NAME", help="Changed by this person or program."),
            click.option("--sort", type=click.Choice(SORTS)),
            click.option("--limit", "-n", type=click.IntRange(1, 200)),
            click.option("--cursor", help="Go on after an earlier page."),
            json_option,
        )
    ):
        command = option(command)
    return command


@click.command("list")
@click.option("--view", type=click.Choice(VIEWS))
@click.option("--deleted", is_flag=True, help="What was deleted, and can be restored: --view deleted.")
@_filters
@click.pass_context
def list_command(ctx: click.Context, /, as_json: bool, deleted: bool, **filters: Any) -> None:
    """List items; TEXT is searched for in titles, descriptions, notes and criteria.

    Piped, each line is id, status, priority, type and title, separated by tabs.
    """
    if deleted and filters["view"] not in (None, "deleted"):
        raise click.UsageError(f"--deleted is a view of its own: leave out --view {filters['view']}")
    _list(ctx, as_json, given(**filters) | ({"view": "deleted"} if deleted else {}))


@click.command("ready")
@_filters
@click.pass_context
def ready_command(ctx: click.Context, /, as_json: bool, **filters: Any) -> None:
    """List what can be started now, best first."""
    _list(ctx, as_json, {**given(**filters), "view": "ready"})


def _list(ctx: click.Context, as_json: bool, filters: dict[str, Any]) -> None:
    if reference := filters.get("reference"):
        filters = {**filters, "reference": seen_from_here([reference])[0]}

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        return await service.list_work_items(call, cast("ItemQuery", filters))

    answer = with_service(ctx, work, changes=False)
    if filters.get("view") == "ready" and not answer["total_count"] and not as_json:
        click.echo(_none_ready(ctx, answer["project"]), err=True)
    if as_json or not on_terminal():
        emit(answer, as_json, lambda told: lines(told["items"]))
        if answer["next_cursor"] and not as_json:
            click.echo(f"more with --cursor {answer['next_cursor']}", err=True)
        return
    table(answer["items"])
    more = f"; more with --cursor {answer['next_cursor']}" if answer["next_cursor"] else ""
    say(f"{len(answer['items'])} of {answer['total_count']} in {answer['project']}{more}")
    warn(answer["warnings"])


def _none_ready(ctx: click.Context, project: str) -> str:
    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        return await service.project_statistics(call)

    figures = with_service(ctx, work, changes=False)
    told = ", ".join(f"{figures[name]} {name}" for name in ("ready", "blocked", "claimed"))
    return f"nothing to list; {project} has {told}"


@click.command("show")
@click.argument("ids", nargs=-1, required=True)
@click.option("--code", is_flag=True, help="With the code that each reference is about.")
@click.option("--history", is_flag=True, help="With everything that happened to it.")
@json_option
@click.pass_context
def show_command(ctx: click.Context, ids: tuple[str, ...], code: bool, history: bool, as_json: bool) -> None:
    """Show items whole: criteria, notes, children, and how the code they are about stands."""
    include: list[Any] = ["children", "notes"]
    include += ["code"] if code else []
    include += ["history"] if history else []

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        return await service.get_work_items(call, ids, include=include)

    answer = with_service(ctx, work, changes=False)
    if as_json or not on_terminal():
        emit(answer, as_json, _items_text)
        return
    from workflow_server.doors.cli.item_view import print_item

    for item in answer["items"]:
        print_item(item)
    for missing in answer["missing"]:
        click.echo(f"{missing['id']}: {missing['reason']}", err=True)
    warn(answer["warnings"])


def _items_text(answer: Mapping[str, Any]) -> str:
    parts = [item_text(item) for item in answer["items"]]
    return "\n\n".join(parts + [f"{each['id']}: {each['reason']}" for each in answer["missing"]])


@click.command("history")
@click.argument("item_id", metavar="[ID]", required=False)
@click.option(
    "--since",
    metavar="WHEN",
    help="From then on: today, yesterday, 2h, 3d, a day, a time; or behind the number of an earlier answer.",
)
@click.option("--by", "actor", metavar="NAME", help="Only what this person or program did.")
@click.option("--limit", "-n", type=click.IntRange(1, 500), default=100)
@json_option
@click.pass_context
def history_command(
    ctx: click.Context, item_id: str | None, since: str | None, actor: str | None, limit: int, as_json: bool
) -> None:
    """Show what happened to an item, or in the project: who, when, through which door; the newest last."""
    begin = int(since) if since is not None and since.isdecimal() else since

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        return await service.history(call, id=item_id, since=begin, actor=actor, limit=limit)

    answer = with_service(ctx, work, changes=False)
    emit(answer, as_json, lambda told: "\n".join(event_lines(told["events"])))
    if not as_json:
        click.echo(_further(answer, item_id, since, actor), err=True)


def _further(answer: Mapping[str, Any], item_id: str | None, since: str | None, actor: str | None) -> str:
    """How much of the history was shown, and how to have the rest and what comes after."""
    shown, total = len(answer["events"]), answer["total_count"]
    by = f" --by {shlex.quote(actor)}" if actor else ""
    if not shown:
        whose = f" by {actor}" if actor else ""
        return f"nothing{whose} {f'since {since}' if since else 'yet'} in {answer['project']}"
    begun = f"the newest {shown} of {total}; --limit shows more; " if since is None and shown < total else ""
    item = f" {item_id}" if item_id else ""
    return f"{begun}what comes after: history{item} --since {answer['next_cursor']}{by}"


@click.command("stats")
@json_option
@click.pass_context
def stats_command(ctx: click.Context, as_json: bool) -> None:
    """Show counts by status, throughput, cycle time, open items by age and blocked chains."""

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        return await service.project_statistics(call)

    emit(with_service(ctx, work, changes=False), as_json, statistics)
