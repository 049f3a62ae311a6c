"""Commands that change items: claim, update, done, note, link, delete, undo."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, cast

import click

from bridge.agreed.errors import TandemError
from workflow_server.doors.cli import CONFLICT
from workflow_server.doors.cli.output import emit, json_option, on_terminal, say
from workflow_server.doors.cli.session import given, with_service
from workflow_server.doors.cli.standing import seen_from_here
from workflow_server.doors.cli.wording import of_the_shell
from workflow_server.doors.text.answers import claimed, deleted, undone, updated
from workflow_server.items.evidence import is_code
from workflow_server.items.model import LINK_KINDS, STATUSES
from workflow_server.records import Call, ClaimAction, ItemChanges, ItemQuery
from workflow_server.service import WorkflowService


def _claimed(answer: Mapping[str, Any]) -> str:
    item = answer["item"]
    if item is not None:
        details = [
            {**one, "left_out": of_the_shell(one["left_out"])} if "left_out" in one else one
            for one in item["reference_details"]
        ]
        item = {**item, "reference_details": details}
    return claimed({**answer, "item": item, "reason": of_the_shell(answer["reason"] or "") or None})


@click.command("claim")
@click.argument("item_id", metavar="[ID]", required=False)
@click.option("--renew", "action", flag_value="renew", help="Prolong the lease.")
@click.option("--release", "action", flag_value="release", help="Give it back.")
@click.option(
    "--token", "claim_token", help="The claim's token: needed by every process but the one that won."
)
@click.option(
    "--lease", "lease_minutes", type=float, metavar="MINUTES", help="The claim expires then; else never."
)
@click.option("--avoid-overlap", is_flag=True, help="Nothing that touches code of claimed items.")
@click.option("--type", "item_type", multiple=True, metavar="TYPE")
@click.option("--label", "-l", multiple=True)
@click.option("--parent", "parent_id", metavar="ID")
@json_option
@click.pass_context
def claim_command(
    ctx: click.Context,
    /,
    item_id: str | None,
    action: str | None,
    claim_token: str | None,
    lease_minutes: float | None,
    avoid_overlap: bool,
    as_json: bool,
    **filters: Any,
) -> int:
    """Claim the item ID, or the best ready one, and print all that is needed to start. Exit code 4: held by
    another.
    """
    wanted = given(**filters)

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        return await service.claim_work_item(
            call,
            id=item_id,
            filters=cast("ItemQuery", wanted) if wanted else None,
            action=cast("ClaimAction", action or "claim"),
            claim_token=claim_token,
            lease_minutes=lease_minutes,
            avoid_overlap=avoid_overlap,
        )

    answer = with_service(ctx, work)
    if on_terminal() and not as_json and answer["claimed"] and answer["item"]:
        from workflow_server.doors.cli.item_view import print_item

        say(f"claim token: {answer['claim_token']}")
        print_item(answer["item"])
    else:
        emit(answer, as_json, _claimed)
    return 0 if answer["claimed"] or action == "release" else CONFLICT


def _change(
    ctx: click.Context, ids: Sequence[str], changes: Mapping[str, Any], as_json: bool, **guards: Any
) -> None:
    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        return await service.update_work_items(call, ids, cast("ItemChanges", changes), **given(**guards))

    emit(with_service(ctx, work), as_json, updated)


def _guards(command: Any) -> Any:
    command = click.option("--token", "claim_token", help="Of the claim you hold.")(command)
    return click.option("--because", "override_reason", metavar="REASON", help="Override what is open.")(
        command
    )


@click.command("update")
@click.argument("ids", nargs=-1, required=True)
@click.option("--title")
@click.option("--type", "item_type", metavar="TYPE")
@click.option("--description", "-d")
@click.option("--status", "-s", type=click.Choice(STATUSES))
@click.option("--reason", "status_reason", help="Why it is blocked or closed.")
@click.option("--priority", "-P", type=click.IntRange(0, 4))
@click.option("--parent", "parent_id", metavar="ID", help="Move below this one; empty for the top.")
@click.option("--assignee", "-a", help="Empty for nobody.")
@click.option("--add-label", "add_labels", multiple=True)
@click.option("--remove-label", "remove_labels", multiple=True)
@click.option("--add-reference", "add_entity_references", multiple=True, metavar="REF")
@click.option("--remove-reference", "remove_entity_references", multiple=True, metavar="REF")
@click.option("--add-criterion", "criterion", multiple=True, metavar="TEXT")
@click.option("--due", metavar="DATE")
@click.option("--defer-until", metavar="DATE")
@click.option("--expected-version", type=int, metavar="N", help="Refuse if it has changed since.")
@click.option("--to-project", metavar="NAME", help="Move into another project.")
@_guards
@json_option
@click.pass_context
def update_command(
    ctx: click.Context,
    /,
    ids: tuple[str, ...],
    as_json: bool,
    expected_version: int | None,
    to_project: str | None,
    claim_token: str | None,
    override_reason: str | None,
    criterion: tuple[str, ...],
    **fields: Any,
) -> None:
    """Change fields of one or more items, in one transaction. An empty text empties a field."""
    emptied = ("parent_id", "assignee", "due", "defer_until", "status_reason")
    changes = {
        name: None if value == "" and name in emptied else value for name, value in given(**fields).items()
    }
    if references := changes.get("add_entity_references"):
        changes["add_entity_references"] = seen_from_here(references)
    guards = {
        "expected_version": expected_version,
        "to_project": to_project,
        "claim_token": claim_token,
        "override_reason": override_reason,
    }

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        if criterion:
            held = await service.get_work_items(call, ids[:1])
            count = len(held["items"][0]["acceptance_criteria"])
            changes["criteria"] = [
                {"index": index, "text": text} for index, text in enumerate(criterion, start=count)
            ]
        return await service.update_work_items(call, ids, cast("ItemChanges", changes), **given(**guards))

    if criterion and len(ids) > 1:
        raise click.UsageError("--add-criterion takes one item")
    emit(with_service(ctx, work), as_json, updated)


@click.command("done")
@click.argument("ids", nargs=-1, required=True)
@click.option(
    "--evidence", "-e", multiple=True, metavar="INDEX=TEXT", help="Tick criterion INDEX with this evidence."
)
@click.option("--note", "-m")
@_guards
@json_option
@click.pass_context
def done_command(
    ctx: click.Context,
    ids: tuple[str, ...],
    evidence: tuple[str, ...],
    note: str | None,
    claim_token: str | None,
    override_reason: str | None,
    as_json: bool,
) -> None:
    """Complete items. Open blockers, children or criteria are listed and refuse it, unless --because is
    given.
    """
    changes: dict[str, Any] = {"status": "completed", **given(note=note)}
    if evidence:
        changes["criteria"] = [_tick(entry) for entry in evidence]
    _change(ctx, ids, changes, as_json, claim_token=claim_token, override_reason=override_reason)


def _tick(entry: str) -> dict[str, Any]:
    index, separator, text = entry.partition("=")
    if not index.strip().isdecimal():
        raise click.BadParameter(
            f"{entry!r} does not begin with a criterion's number", param_hint="--evidence"
        )
    told = {"evidence": seen_from_here([text])[0] if is_code(text) else text} if separator else {}
    return {"index": int(index), "done": True, **told}


@click.command("note")
@click.argument("item_id", metavar="ID")
@click.argument("text")
@click.option("--token", "claim_token")
@json_option
@click.pass_context
def note_command(ctx: click.Context, item_id: str, text: str, claim_token: str | None, as_json: bool) -> None:
    """Append a note to an item; - reads it from stdin."""
    told = sys.stdin.read() if text == "-" else text
    _change(ctx, [item_id], {"note": told}, as_json, claim_token=claim_token)


@click.command("link")
@click.argument("item_id", metavar="ID")
@click.option("--blocked-by", "-b", multiple=True, metavar="ID", help="ID waits for this one.")
@click.option("--kind", "-k", type=click.Choice(LINK_KINDS), default="relates_to", show_default=True)
@click.option("--to", "others", multiple=True, metavar="ID")
@click.option("--remove", is_flag=True, help="Take the links away instead.")
@json_option
@click.pass_context
def link_command(
    ctx: click.Context,
    item_id: str,
    blocked_by: tuple[str, ...],
    kind: str,
    others: tuple[str, ...],
    remove: bool,
    as_json: bool,
) -> None:
    """Say what an item waits for, or how it relates to others."""
    if not blocked_by and not others:
        raise TandemError("invalid_arguments", "Nothing to link.", "Give --blocked-by ID or --to ID.")
    verb = "remove" if remove else "add"
    changes: dict[str, Any] = {}
    if blocked_by:
        changes[f"{verb}_blocked_by"] = list(blocked_by)
    if others:
        changes[f"{verb}_links"] = [{"kind": kind, "id": other} for other in others]
    _change(ctx, [item_id], changes, as_json)


@click.command("delete")
@click.argument("item_id", metavar="ID")
@click.option("--restore", is_flag=True, help="Bring it back with what went with it.")
@click.option("--token", "claim_token")
@json_option
@click.pass_context
def delete_command(
    ctx: click.Context, item_id: str, restore: bool, claim_token: str | None, as_json: bool
) -> None:
    """Delete an item with all below it. Nothing is lost: --restore or `undo` brings it back."""

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        return await service.delete_work_item(
            call, item_id, restore=restore, **given(claim_token=claim_token)
        )

    emit(with_service(ctx, work), as_json, lambda answer: of_the_shell(deleted(answer)))


@click.command("undo")
@click.argument("what", metavar="ID-OR-EVENT")
@click.option("--force", is_flag=True, help="Delete also items that were worked on since they were made.")
@json_option
@click.pass_context
def undo_command(ctx: click.Context, what: str, force: bool, as_json: bool) -> None:
    """Take back the last change of an item (wi_…), or a named event (ev_…). Undo again to have it back."""

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        named = {"event": what} if what.startswith("ev_") else {"id": what}
        return await service.undo(call, force=force, **named)

    emit(with_service(ctx, work), as_json, undone)
