"""An item whole, as text: what it is, what it waits for, what is done of it, and how its code stands.

Descriptions and notes are quoted, code is fenced, and no value begins a line: what people wrote cannot pass
for a line of ours.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from bridge.agreed.states import PLAIN_REASONS
from bridge.hosting.quotation import fenced, one_line, quoted
from workflow_server.doors.text.events import event_line
from workflow_server.doors.text.rows import row
from workflow_server.doors.text.values import plain


def item_text(item: Mapping[str, Any]) -> str:
    """The item as an agent or a person reads it; empty parts leave no line."""
    lines = [_head(item), *facts(item)]
    if item.get("description"):
        lines += quoted(item["description"].strip())
    lines += _criteria(item.get("acceptance_criteria") or ())
    lines += reference_lines(item.get("reference_details") or ())
    lines += _codes(item.get("reference_details") or ())
    if item.get("metadata"):
        told = ", ".join(f"{name}={plain(value)}" for name, value in item["metadata"].items())
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
    if below := item.get("progress"):
        lines.append(f"{below['done']} of {below['total']} below it completed")
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
