"""What an update makes of an item: a pure function from state and changes to state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from workflow_server.items.checks import invalid
from workflow_server.items.model import CLOSED_STATUSES, Item

REOPENS_TO = ("planned", "active")
GIVEN_BACK = (*CLOSED_STATUSES, "planned")


def changed(item: Item, changes: dict[str, Any], now: str) -> Item:
    """``item`` with checked ``changes`` applied; version and times stay for the writer to set.

    References in ``changes`` are stored records already. Raises
    ``invalid_argument`` for a status that may not follow, and for a criterion
    that is not there.
    """
    after = replace(
        item,
        **{
            name: changes[name]
            for name in (
                "title", "item_type", "description", "status", "status_reason", "priority", "parent_id",
                "labels", "assignee", "blocked_by", "links", "entity_references", "due", "defer_until",
            )
            if name in changes
        },
    )  # fmt: skip
    for name in ("labels", "blocked_by", "links"):
        after = _with_list(after, name, changes)
    after = _with_references(after, changes)
    if "metadata" in changes:
        after = replace(after, metadata=merged_metadata(item.metadata, changes["metadata"]))
    if "acceptance_criteria" in changes:
        after = replace(after, acceptance_criteria=_kept_criteria(item, changes["acceptance_criteria"]))
    if changes.get("criteria"):
        after = replace(after, acceptance_criteria=_with_criteria(after, changes["criteria"]))
    return _with_status(item, after, changes, now)


def merged_metadata(before: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """``patch`` laid over ``before`` key by key; null removes a key."""
    together = {**before, **patch}
    return {key: value for key, value in together.items() if not (key in patch and value is None)}


def _with_list(item: Item, name: str, changes: dict[str, Any]) -> Item:
    remove = changes.get(f"remove_{name}", ())
    kept = tuple(value for value in getattr(item, name) if value not in remove)
    come = tuple(value for value in changes.get(f"add_{name}", ()) if value not in kept)
    values: dict[str, Any] = {name: kept + come}
    return replace(item, **values) if remove or come else item


def _with_references(item: Item, changes: dict[str, Any]) -> Item:
    remove = {
        given if isinstance(given, str) else given.get("ref") or given["chunk_id"]
        for given in changes.get("remove_entity_references", ())
    }
    unknown = remove - {record["ref"] for record in item.entity_references}
    if unknown:
        held = ", ".join(record["ref"] for record in item.entity_references) or "none"
        raise invalid(
            "remove_entity_references", f"names {', '.join(sorted(unknown))}, which {item.id} does not have.",
            f"It has: {held}.",
        )  # fmt: skip
    kept = tuple(record for record in item.entity_references if record["ref"] not in remove)
    have = {record["ref"] for record in kept}
    come = tuple(record for record in changes.get("add_entity_references", ()) if record["ref"] not in have)
    return replace(item, entity_references=kept + come) if remove or come else item


def _kept_criteria(item: Item, given: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """The given criteria. One that says only its text is the one that the item has of that text, with what is
    done of it and its evidence: whoever gives the list to add to it does not mean to take them back.
    """
    held = list(item.acceptance_criteria)
    criteria = []
    for criterion in given:
        same = next((one for one in held if one["text"] == criterion["text"]), None)
        if same is not None:
            held.remove(same)
        kept = {name: entry for name, entry in (same or {}).items() if name != "reference"}
        whole = {"done": False, "evidence": None, **kept, **criterion}
        if same is not None and "reference" in same and "evidence" not in criterion:
            whole["reference"] = same["reference"]
        criteria.append(whole)
    return tuple(criteria)


def _with_criteria(item: Item, changes: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    criteria = [dict(criterion) for criterion in item.acceptance_criteria]
    for place, change in enumerate(changes):
        index = change["index"]
        patch = {name: value for name, value in change.items() if name != "index"}
        if index < len(criteria):
            if "evidence" in patch:
                criteria[index].pop("reference", None)
            criteria[index].update(patch)
        elif index == len(criteria) and "text" in patch:
            criteria.append({"text": "", "done": False, "evidence": None} | patch)
        else:
            listed = "; ".join(f"{n}: {criterion['text'][:60]}" for n, criterion in enumerate(criteria))
            raise invalid(
                f"criteria[{place}].index",
                f"is {index}, but {item.id} has {len(criteria)} criteria.",
                f"They are: {listed}." if listed else "Add one with index 0 and a text.",
            )
    return tuple(criteria)


def _with_status(before: Item, after: Item, changes: dict[str, Any], now: str) -> Item:
    """A closed item is nobody's, and so is one put back among the planned: else the claim of a holder
    who is gone and took no lease would stand for ever.
    """
    if changes.get("status") in GIVEN_BACK:
        after = replace(after, claim=None)
    if before.status == after.status:
        return after
    if before.status in CLOSED_STATUSES and after.status == "blocked":
        raise invalid(
            "status",
            f"cannot go from {before.status} to blocked for {before.id}.",
            f"A closed item reopens to one of: {', '.join(REOPENS_TO)}.",
        )
    if "status_reason" not in changes:
        after = replace(after, status_reason=None)
    return replace(after, completed_at=now if after.status == "completed" else None)


def action_of(before: Item, after: Item) -> str:
    """The word history uses for this change."""
    if before.status == after.status:
        return "update"
    if after.status == "completed":
        return "complete"
    if after.status == "cancelled":
        return "cancel"
    return "reopen" if before.status in CLOSED_STATUSES else "update"
