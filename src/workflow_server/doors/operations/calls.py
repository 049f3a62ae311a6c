"""From checked arguments to the service: one function an operation.

Nothing is decided here. Arguments are split into what names the things, what changes them and what guards the
call; an empty text empties a field that can be empty.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from bridge.agreed.errors import TandemError
from workflow_server.records import Call, ItemChanges, ItemQuery, NewItem
from workflow_server.service import WorkflowService
from workflow_server.service.claiming import FILTERS

Arguments = dict[str, Any]

EMPTIABLE = frozenset({"parent_id", "assignee", "due", "defer_until", "status_reason"})
EMPTIED = {
    **dict.fromkeys(sorted(EMPTIABLE), ""),
    "description": "",
    **{name: [] for name in ("labels", "blocked_by", "links", "entity_references", "acceptance_criteria")},
}
"""What empties a field of an item in an update."""
_GUARDS = ("expected_version", "claim_token", "override_reason", "to_project")
_FILTER_LISTS = ("item_type", "label")


async def create(service: WorkflowService, call: Call, arguments: Arguments) -> Mapping[str, Any]:
    """create_work_item."""
    return await service.create_work_item(call, _new(arguments))


async def plan(service: WorkflowService, call: Call, arguments: Arguments) -> Mapping[str, Any]:
    """create_work_items."""
    items = [_new(item) for item in arguments["items"]]
    given = {name: arguments[name] for name in ("dry_run", "idempotency_key") if name in arguments}
    return await service.create_work_items(call, items, **given)


async def get(service: WorkflowService, call: Call, arguments: Arguments) -> Mapping[str, Any]:
    """get_work_item."""
    return await service.get_work_items(call, arguments["ids"], include=arguments.get("include", ()))


async def list_items(service: WorkflowService, call: Call, arguments: Arguments) -> Mapping[str, Any]:
    """list_work_items; `max_tokens` is the door's business."""
    return await service.list_work_items(call, query(arguments))


async def update(service: WorkflowService, call: Call, arguments: Arguments) -> Mapping[str, Any]:
    """update_work_item."""
    changes = {name: value for name, value in arguments.items() if name not in ("ids", *_GUARDS)}
    guards = {name: arguments[name] for name in _GUARDS if name in arguments}
    return await service.update_work_items(
        call, arguments["ids"], cast("ItemChanges", _emptied(changes)), **guards
    )


async def claim(service: WorkflowService, call: Call, arguments: Arguments) -> Mapping[str, Any]:
    """claim_work_item."""
    filters = query({name: arguments[name] for name in FILTERS if name in arguments})
    rest = {name: value for name, value in arguments.items() if name not in FILTERS}
    if filters and "id" in rest:
        raise TandemError(
            "invalid_arguments",
            f"`id` names one item, and {', '.join(filters)} choose among the ready ones.",
            "Give `id` alone, or filters alone.",
        )
    return await service.claim_work_item(call, filters=filters or None, **rest)


async def delete(service: WorkflowService, call: Call, arguments: Arguments) -> Mapping[str, Any]:
    """delete_work_item."""
    return await service.delete_work_item(call, **arguments)


async def undo(service: WorkflowService, call: Call, arguments: Arguments) -> Mapping[str, Any]:
    """undo."""
    return await service.undo(call, **arguments)


async def check(service: WorkflowService, call: Call, arguments: Arguments) -> Mapping[str, Any]:
    """check_references."""
    return await service.check_references(call, **arguments)


async def define_type(service: WorkflowService, call: Call, arguments: Arguments) -> Mapping[str, Any]:
    """define_item_type."""
    return await service.define_item_type(call, **arguments)


async def projects(service: WorkflowService, call: Call, arguments: Arguments) -> Mapping[str, Any]:
    """manage_projects. `name` is the project of the action; `statistics` without it are the call's own."""
    action, name = arguments.get("action", "list"), arguments.get("name")
    if arguments.get("restore") and action != "archive":
        raise TandemError(
            "invalid_arguments",
            f"`restore` takes a project back from the archive; {action} has no use for it.",
        )
    if action == "list":
        return await service.list_projects(call)
    if action == "statistics":
        told = await service.project_statistics(_about(call, name))
        return {"project": told["project"], "warnings": told["warnings"], "statistics": told}
    if not name:
        raise TandemError("invalid_arguments", f"Argument `name` is missing: {action} which project?")
    if action == "archive":
        project = await service.archive_project(call, name, restore=arguments.get("restore", False))
    else:
        acts = {"create": service.create_project, "select": service.select_project}
        project = await acts[action](call, name)
    return {"project": name, "warnings": [], "projects": [project], "action": action}


def query(arguments: Mapping[str, Any]) -> ItemQuery:
    """The filters of a call as the service takes them: one type or label is a list of one."""
    filters = {name: value for name, value in arguments.items() if name != "max_tokens"}
    for name in _FILTER_LISTS:
        if isinstance(filters.get(name), str):
            filters[name] = [filters[name]]
    return cast("ItemQuery", filters)


def _about(call: Call, name: str | None) -> Call:
    return replace(call, project=name) if name else call


def _new(item: Mapping[str, Any]) -> NewItem:
    return cast("NewItem", _emptied(item))


def _emptied(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: None if value == "" and name in EMPTIABLE else value for name, value in fields.items()}
