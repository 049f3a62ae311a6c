"""An item whole, as text: what it is, what it waits for, what is done of it, and how its code stands.

Descriptions and notes are quoted, code is fenced, and no value begins a line: what people wrote cannot pass
for a line of ours.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from bridge.agreed.states import PLAIN_REASONS
from bridge.agreed.wording import first_of
from bridge.hosting.quotation import fenced, one_line, quoted
from workflow_server.doors.text.rows import row


def item_text(item: Mapping[str, Any]) -> str:
    """The item as an agent or a person reads it; empty parts leave no line."""
    lines = [_head(item), *facts(item)]
    if item.get("description"):
        lines += quoted(item["description"].strip())
    lines += _criteria(item.get("acceptance_criteria") or ())
    lines += reference_lines(item.get("reference_details") or ())
    lines += _codes(item.get("reference_details") or ())
    if item.get("metadata"):
        told = ", ".join(f"{name}={_plain(value)}" for name, value in item["metadata"].items())
        lines.append(one_line(f"metadata: {told}"))
    if item.get("children"):
        lines += ["children:", *(f"  {row(child)}" for child in item["children"])]
    lines += _notes(item)
    if item.get("history"):
        lines += ["history:", *(f"  {event_line(event)}" for event in item["history"])]
    lines += [one_line(f"! {warning}") for warning in item.get("warnings") or ()]
    return "\n".join(lines)


def _head(item: Mapping[str, Any]) -> str:
    reason = f" ({item['status_reason']})" if item.get("status_reason") else ""
    return one_line(
        f"{item['id']} v{item['version']} {item['item_type']} {item['status']}{reason} P{item['priority']}: "
        f"{item['title']}"
    )


def facts(item: Mapping[str, Any]) -> list[str]:
    """Where it stands, what it waits for, who holds it: one sentence a line."""
    lines = []
    if item.get("deleted_at"):
        lines.append(f"deleted {item['deleted_at']}")
    if len(item.get("path") or ()) > 1:
        lines.append("in " + " > ".join(item["path"][:-1]))
    if item.get("why_blocked") and not item.get("claim"):
        lines += [f"not ready: {reason}" for reason in item["why_blocked"]]
    elif item.get("waits_for"):
        lines.append(f"waits for {', '.join(item['waits_for'])}")
    if done := [one for one in item.get("blocked_by") or () if one not in item.get("waits_for", ())]:
        lines.append(f"waited for {', '.join(done)}")
    if item.get("blocks"):
        waiting = item["blocks"]
        closed = item["status"] in ("completed", "cancelled")
        verb = "waited" if closed else "waits" if len(waiting) == 1 else "wait"
        lines.append(f"{', '.join(waiting)} {verb} for this")
    lines += [f"{link['kind']} {link['id']}" for link in item.get("links") or ()]
    lines += [f"{link['id']} {link['kind']} this" for link in item.get("linked_from") or ()]
    claim = item.get("claim")
    if claim:
        until = f" until {claim['lease_until']}" if claim.get("lease_until") else ""
        lines.append(f"claimed by {claim['by']}{until}")
    words = [f"#{label}" for label in item.get("labels") or ()]
    words += [f"@{item['assignee']}"] if item.get("assignee") else []
    words += [f"{'overdue' if item.get('overdue') else 'due'} {item['due']}"] if item.get("due") else []
    words += [f"defer_until {item['defer_until']}"] if item.get("defer_until") else []
    if words:
        lines.append(" ".join(words))
    return [one_line(line) for line in lines]


def _criteria(criteria: Iterable[Mapping[str, Any]]) -> list[str]:
    lines = []
    for index, criterion in enumerate(criteria):
        evidence = f" — {criterion['evidence']}" if criterion.get("evidence") else ""
        mark = "x" if criterion["done"] else " "
        lines.append(one_line(f"[{mark}] {index} {criterion['text']}{evidence}"))
    return lines


def reference_lines(details: Iterable[Mapping[str, Any]]) -> list[str]:
    """A line a reference; why several could not be checked stands with the first of them."""
    lines, told = [], set[str]()
    for detail in details:
        reason = str(detail.get("reason") or "")
        again = detail.get("state") == "unchecked" and reason in told
        lines.append(reference_line({**detail, "reason": "as above"} if again else detail))
        told.add(reason)
    return lines


def reference_line(detail: Mapping[str, Any]) -> str:
    """`stale src/auth.py::login (test): last at src/auth.py:10-20; candidates c_… 0.71`."""
    role = f" ({detail['role']})" if detail.get("role") not in (None, "about") else ""
    line = f"{detail.get('state', 'unresolved')} {detail['ref']}{role}"
    now, was = place(detail), place(detail.get("was") or {})
    state = detail.get("state")
    if state in ("valid", "changed"):
        now = _beyond(detail)
    if state == "moved" and now:
        line += f": now {now}" + (f", was {was}" if was else "")
    elif state == "stale" and (was or now):
        line += f": last at {was or now}"
    elif now and now != detail["ref"]:
        line += f": {now}"
    if detail.get("similarity") is not None and state == "changed":
        line += f", {min(detail['similarity'], 0.99):.0%} alike" + _renamed(detail)
    candidates = detail.get("candidates") or ()
    if state in ("stale", "unresolved") and candidates:
        line += "; candidates " + ", ".join(_candidate(each) for each in candidates[:3])
    if detail.get("reason") and not (now and detail["reason"] in PLAIN_REASONS):
        line += f"; {detail['reason']}"
    return one_line(line)


def _renamed(detail: Mapping[str, Any]) -> str:
    """That changed code has another name or file than it had."""
    was = detail.get("was") or {}
    before, now = str(was.get("symbol") or ""), str(detail.get("symbol") or "")
    if before and now and before != now:
        is_same_name = before.rsplit(".", 1)[-1] == now.rsplit(".", 1)[-1]
        return f", {'moved' if is_same_name else 'renamed'} from {before}"
    if was.get("file_path") and detail.get("file_path") and was["file_path"] != detail["file_path"]:
        return f", moved from {was['file_path']}"
    return ""


def _beyond(detail: Mapping[str, Any]) -> str:
    """The place of code as far as the reference does not say it: `lines 10-20` of `src/auth.py::login`."""
    path, _, rest = str(detail["ref"]).partition("::")
    whole, known = place(detail), str(detail.get("file_path") or "")
    if not known or not (path == known or path.startswith(f"{known}:")):
        return whole
    if path == known and not rest:
        return known
    if not detail.get("start_line"):
        return whole
    symbol = "" if rest == detail.get("symbol") or not detail.get("symbol") else f" {detail['symbol']}"
    return f"lines {detail['start_line']}-{detail['end_line']}{symbol}"


def place(detail: Mapping[str, Any]) -> str:
    """`src/auth.py:10-20 login`, as far as known."""
    path = detail.get("file_path")
    if not path:
        return ""
    lines = f":{detail['start_line']}-{detail['end_line']}" if detail.get("start_line") else ""
    symbol = f" {detail['symbol']}" if detail.get("symbol") else ""
    return f"{path}{lines}{symbol}"


def _candidate(candidate: Mapping[str, Any]) -> str:
    score = candidate.get("score", candidate.get("similarity"))
    shown = f" {score:.2f}" if isinstance(score, int | float) else ""
    return f"{candidate.get('chunk_id', '')} {place(candidate)}".strip() + shown


_AS_KEPT = {"stale": ", gone: as it was last known", "unchecked": ", not checked: as it was last known"}


def _codes(details: Iterable[Mapping[str, Any]]) -> list[str]:
    """Code that came along because it was asked for, and that it is what was kept where it is not there."""
    lines = []
    for detail in details:
        code = detail.get("content") or detail.get("code")
        if code:
            kept = "" if detail.get("content") else _AS_KEPT.get(str(detail.get("state")), ", as it was kept")
            lines += [one_line(f"--- {detail['ref']}{kept}"), fenced(str(code).rstrip("\n"))]
        if detail.get("diff"):
            lines += [
                one_line(f"--- diff of {detail['ref']}"),
                fenced(str(detail["diff"]).rstrip("\n"), "diff"),
            ]
        if detail.get("left_out"):
            lines.append(one_line(f"… {detail['ref']}: {detail['left_out']}"))
    return lines


def _notes(item: Mapping[str, Any]) -> list[str]:
    shown = item.get("notes")
    if not shown:
        return []
    all_of_them = item.get("note_count") or len(shown)
    head = "notes:" if len(shown) >= all_of_them else f"notes, the last {len(shown)} of {all_of_them}:"
    return [head, *(line for note in shown for line in _note(note))]


def _note(note: Mapping[str, Any]) -> list[str]:
    """A note of one line stands beside its writer, a longer one below, quoted."""
    head = one_line(f"  {note['at']} {note['by']}:")
    text = note["text"].strip()
    return [f"{head} {text}"] if text == one_line(text) else [head, *quoted(text, "  ")]


def event_line(event: Mapping[str, Any]) -> str:
    """`ev_… 2026-01-02T… ann via mcp updated wi_…: status planned → active`."""
    before, after = event.get("before") or {}, event.get("after") or {}
    names = [name for name in {**before, **after} if name not in _BESIDE_STATUS]
    shown = names if len(names) <= _MOST_FIELDS else [name for name in _TELLING if name in names]
    more = [f"and {len(names) - len(shown)} more fields"] if len(shown) < len(names) else []
    told = f": {', '.join([*(_change(event, name) for name in shown), *more])}" if names else ""
    undone = " (undone)" if event.get("undone_by") else ""
    reason = f" because {event['override_reason']}" if event.get("override_reason") else ""
    return one_line(
        f"{event['event']} {event['at']} {event['actor']} via {event['door']} {event['action']} "
        f"{event['item_id']}{told}{reason}{undone}"
    )


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
    return all(len(_plain(value)) <= _MOST_SHOWN for value in values)


def _list_changes(was: Sequence[Any], is_now: Sequence[Any]) -> str:
    """What came and what went, of lists too long to stand beside each other."""
    came = [f"+ {_plain(one)}" for one in is_now if one not in was]
    went = [f"− {_plain(one)}" for one in was if one not in is_now]
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
    text = _plain(value)
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"


def _plain(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, dict):
        return " ".join(f"{name} {_plain(entry)}" for name, entry in value.items() if entry is not None)
    if isinstance(value, list):
        return ",".join(_plain(entry) for entry in value) or "–"
    return str(value)
