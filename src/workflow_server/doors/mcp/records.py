"""The service's answers made small for a model: ids, versions, states and warnings; bodies only where asked
for.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from workflow_server.doors.text import budget
from workflow_server.doors.text.answers import FEW_UNDONE
from workflow_server.doors.text.parts import with_lists_cut

Record = Mapping[str, Any]

_REFERENCE_PARTS = (
    "ref", "role", "state", "chunk_id", "file_path", "symbol", "start_line", "end_line",
    "candidates", "reason",
)  # fmt: skip
_ROW_DEFAULTS: dict[str, Any] = {"item_type": "task"}
_ROW_LEFT_OUT = ("updated_at",)
_FEW_OWNERS = 20
_FEW_WARNINGS = 20
_MOST = {"claim_work_item": budget.MOST_TOKENS // 2}
"""Of a claim what is needed to start: each begins with one, and the whole of a long item is a call away."""
WHERE = "the whole is at workflow://item/<id>"


def as_record(operation: str, answer: Record) -> dict[str, Any]:
    """What the MCP door answers: fits the operation's output schema and the most that an answer may cost."""
    rest = _REST.get(operation, _elsewhere)
    most = _MOST.get(operation, budget.MOST_TOKENS)
    return budget.fitted(whole_record(operation, answer), WHERE, rest, most, within=_WITHIN.get(operation))


def whole_record(operation: str, answer: Record) -> dict[str, Any]:
    """The same before anything of it is left out."""
    record = _SHAPES[operation](answer)
    record["project"] = answer["project"]
    record["warnings"] = _all_warnings(answer)
    if (
        operation == "create_work_items"
        and len(record["warnings"]) > _FEW_WARNINGS
        and not budget.fits(record)
    ):
        left = len(record["warnings"]) - _FEW_WARNINGS
        record["warnings"] = [*record["warnings"][:_FEW_WARNINGS], f"{left} more warnings are left out."]
    return record


def _within_item(item: Record, fits: Callable[[Any], bool]) -> tuple[dict[str, Any], str]:
    return with_lists_cut(item, fits, WHERE)


def _elsewhere(name: str, _: Sequence[Any]) -> str:
    return f"Of the other {name}, {WHERE}."


def _other_items(name: str, left: Sequence[Any]) -> str:
    """The ids to ask for next, where whole items were asked for."""
    if name != "items":
        return _elsewhere(name, left)
    return f"Ask for the others by their ids in another call: {', '.join(one['id'] for one in left)}."


def _other_references(name: str, left: Sequence[Any]) -> str:
    """References are listed worst first, and a call can ask for one state, or for some items."""
    if name != "references":
        return _elsewhere(name, left)
    states = ", ".join(f"{number} {state}" for state, number in Counter(one["state"] for one in left).items())
    owners = list(dict.fromkeys(one["id"] for one in left))
    named = ", ".join(owners[:_FEW_OWNERS]) + (", …" if len(owners) > _FEW_OWNERS else "")
    return f"Left out: {states}, of {named}. Narrow the call with ids or state; {WHERE}."


def _created(answer: Record) -> dict[str, Any]:
    item = answer["item"]
    record = {
        "id": item["id"],
        "version": item["version"],
        "status": item["status"],
        "created": answer["created"],
    }
    if item["blocked_by"]:
        record["blocked_by"] = item["blocked_by"]
    if item["reference_details"]:
        record["references"] = [_reference(detail) for detail in item["reference_details"]]
    return record


def _reference(detail: Record) -> dict[str, Any]:
    kept = {name: detail[name] for name in _REFERENCE_PARTS if detail.get(name) not in (None, "", [])}
    if kept.get("role") == "about":
        del kept["role"]
    return kept


def _planned(answer: Record) -> dict[str, Any]:
    items = []
    for item in answer["items"]:
        told = {"key": item["key"]} if item.get("key") else {"title": item["title"]}
        if item["id"]:
            told |= {"id": item["id"], "version": item["version"]}
        told["status"] = item["status"]
        told |= {name: item[name] for name in ("blocked_by", "warnings") if item.get(name)}
        items.append(told)
    if not budget.fits(items):  # the ids are what nobody can say again: the warnings go first
        items = [{name: value for name, value in told.items() if name != "warnings"} for told in items]
    counts = {"created": answer["created"]} | ({"found": answer["found"]} if answer["found"] else {})
    return {"items": items, "dry_run": answer["dry_run"], "event": answer["event"]} | counts


def _got(answer: Record) -> dict[str, Any]:
    return {"items": list(answer["items"]), "missing": list(answer["missing"])}


def _listed(answer: Record) -> dict[str, Any]:
    rows = [
        {
            name: value
            for name, value in row.items()
            if name not in _ROW_LEFT_OUT and _ROW_DEFAULTS.get(name) != value
        }
        for row in answer["items"]
    ]
    return {"items": rows, "total_count": answer["total_count"], "next_cursor": answer["next_cursor"]}


def _changed(item: Record) -> dict[str, Any]:
    record = {"id": item["id"], "version": item["version"], "status": item["status"]}
    if "blocked_by" in item.get("changed", ()) and "item" in item:
        record["blocked_by"] = item["item"]["blocked_by"]
    if item.get("references"):
        record["references"] = [_reference(detail) for detail in item["references"]]
    return record | {name: item[name] for name in ("changed", "now_ready", "warnings") if item.get(name)}


def _updated(answer: Record) -> dict[str, Any]:
    return {"items": [_changed(item) for item in answer["items"]], "event": answer["event"]}


def _claimed(answer: Record) -> dict[str, Any]:
    record = {name: answer[name] for name in ("claimed", "claim_token", "item", "reason")}
    return record | {name: answer[name] for name in ("unblocked_by", "lease_until") if answer.get(name)}


def _deleted(answer: Record) -> dict[str, Any]:
    return {name: answer[name] for name in ("deleted", "restored", "touches", "event")}


def _undone(answer: Record) -> dict[str, Any]:
    items = [_changed(item) for item in answer["items"]] if len(answer["items"]) <= FEW_UNDONE else []
    return {name: answer[name] for name in ("undone", "event", "told")} | {"items": items}


def _checked(answer: Record) -> dict[str, Any]:
    return {name: answer[name] for name in ("counts", "references", "relinked")}


def _defined(answer: Record) -> dict[str, Any]:
    kind = answer["item_type"]
    return {
        "name": kind["name"],
        "version": kind["version"],
        "breaking": answer["breaking"],
        "migrated": answer["migrated"],
    }


def _projects(answer: Record) -> dict[str, Any]:
    if "statistics" in answer:
        figures = {
            name: value for name, value in answer["statistics"].items() if name not in ("project", "warnings")
        }
        return {"statistics": figures}
    kept = ("name", "open", "total", "archived", "selected", "problem")
    empty = (None, False, "")  # 0 open items is a figure, not nothing (and 0 == False: compared by identity)
    return {
        "projects": [
            {name: each[name] for name in kept if not any(each.get(name) is one for one in empty)}
            for each in answer["projects"]
        ]
    }


def _all_warnings(answer: Record) -> list[str]:
    """Warnings of the call, and of the one item that it is about, each once."""
    own: Iterable[str] = answer.get("warnings") or ()
    item: Iterable[str] = (answer.get("item") or {}).get("warnings") or ()
    return list(dict.fromkeys([*own, *item]))


_REST: dict[str, budget.Rest] = {
    "get_work_item": _other_items,
    "check_references": _other_references,
}

_WITHIN: dict[str, budget.Within] = dict.fromkeys(
    ("get_work_item", "list_work_items", "claim_work_item"), _within_item
)

_SHAPES: dict[str, Callable[[Record], dict[str, Any]]] = {
    "create_work_item": _created,
    "create_work_items": _planned,
    "get_work_item": _got,
    "list_work_items": _listed,
    "update_work_item": _updated,
    "claim_work_item": _claimed,
    "delete_work_item": _deleted,
    "undo": _undone,
    "check_references": _checked,
    "define_item_type": _defined,
    "manage_projects": _projects,
}
