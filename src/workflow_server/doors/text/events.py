"""What happened, as text: a line for each event."""

from collections.abc import Mapping, Sequence
from itertools import groupby, zip_longest
from typing import Any

from bridge.agreed.wording import first_of
from bridge.hosting.quotation import one_line
from workflow_server.doors.text.values import plain


def event_line(event: Mapping[str, Any]) -> str:
    """`ev_… 2026-01-02T… ann via mcp updated wi_…: status planned → active`."""
    return _line(event, f"{event['item_id']}{_told(event)}")


def event_lines(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each event. One that changed many items is one line, which tells what was done to each where
    that is the same, and names the first of them.
    """
    return [
        line
        for _, each in groupby(events, key=lambda event: event["event"])
        for line in _of_one_event(list(each))
    ]


def _of_one_event(changes: Sequence[Mapping[str, Any]]) -> list[str]:
    if len(changes) <= _MOST_ITEMS:
        return [event_line(change) for change in changes]
    told = {_told(change) for change in changes}
    same = told.pop() if len(told) == 1 else ""
    names = first_of([str(change["item_id"]) for change in changes], _MOST_ITEMS)
    return [_line(changes[0], f"{len(changes)} items ({names}){same}")]


def _line(event: Mapping[str, Any], what: str) -> str:
    undone = " (undone)" if event.get("undone_by") else ""
    reason = f" because {event['override_reason']}" if event.get("override_reason") else ""
    return one_line(
        f"{event['event']} {event['at']} {event['actor']} via {event['door']} {event['action']} "
        f"{what}{reason}{undone}"
    )


def _told(event: Mapping[str, Any]) -> str:
    """What changed of the item, behind a colon."""
    before, after = event.get("before") or {}, event.get("after") or {}
    names = [name for name in {**before, **after} if name not in _BESIDE_STATUS]
    shown = names if len(names) <= _MOST_FIELDS else [name for name in _TELLING if name in names]
    more = [f"and {len(names) - len(shown)} more fields"] if len(shown) < len(names) else []
    return f": {', '.join([*(_change(event, name) for name in shown), *more])}" if names else ""


_MOST_ITEMS = 3
"""Items of one event that are told on lines of their own."""


_MOST_FIELDS = 6
_TELLING = ("title", "item_type", "status", "priority", "assignee")
"""What is shown of a change of more fields than fit a line: of an imported item, say."""

_MOST_SHOWN = 40
"""Characters of a value, before or after a change."""

_BESIDE_STATUS = frozenset({"completed_at"})
"""What only repeats the time of the event."""


def _change(event: Mapping[str, Any], name: str) -> str:
    before, after = event.get("before") or {}, event.get("after") or {}
    was, is_now = before.get(name), after.get(name)
    if name == "note" and isinstance(is_now, dict):
        return f"note {is_now['id']}: {_short(is_now['text'])}"
    if name == "acceptance_criteria" and isinstance(is_now, list):
        return "; ".join(_criteria_changes(was or [], is_now)) or "criteria reordered"
    if name == "over_claim":
        return f"without the token of {_holder(is_now)}'s claim"
    if name == "claim":
        # a release keeps who gave the item back; the claim itself has ended
        return f"claim {_holder(was)} → {_holder(None if event['action'] == 'release' else is_now)}"
    if name == "entity_references" and was is not None and was == is_now:
        return "entity_references the same, with their code as it is now"
    if isinstance(was, list) and isinstance(is_now, list) and not _fits(was, is_now):
        return f"{name} {_list_changes(was, is_now)}"
    return f"{name} {_short(was)} → {_short(is_now)}" if before else f"{name}: {_short(is_now)}"


def _fits(*values: Any) -> bool:
    return all(len(plain(value)) <= _MOST_SHOWN for value in values)


def _list_changes(was: Sequence[Any], is_now: Sequence[Any]) -> str:
    """What came and what went, of lists too long to stand beside each other."""
    came = [f"+ {plain(one)}" for one in is_now if one not in was]
    went = [f"− {plain(one)}" for one in was if one not in is_now]
    told = [*went, *came] or ["in another order"]
    return first_of(told, _MOST_FIELDS)


def _criteria_changes(was: Sequence[Mapping[str, Any]], is_now: Sequence[Mapping[str, Any]]) -> list[str]:
    """What became of each criterion, in words."""
    told = []
    for index, (before, after) in enumerate(zip_longest(was, is_now)):
        if before is None or after is None:
            left, verb = after or before or {}, "added" if before is None else "removed"
            told.append(f"criterion {index} {verb}: {_short(left.get('text'))}")
            continue
        parts = [f"reworded: {_short(after['text'])}"] if before["text"] != after["text"] else []
        if before["done"] != after["done"]:
            parts.append("ticked" if after["done"] else "unticked")
        if before.get("evidence") != after.get("evidence"):
            parts.append(f"evidence {_short(after.get('evidence'))}")
        if parts:
            told.append(f"criterion {index} {', '.join(parts)}")
    return told


def _holder(claim: Any) -> str:
    if not claim:
        return "–"
    minutes = claim.get("lease_minutes")
    return f"{claim['by']} for {minutes:g} min" if minutes else str(claim["by"])


def _short(value: Any) -> str:
    text = plain(value)
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"
