"""One item on one line, and pages of such lines."""

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.agreed.wording import counted
from bridge.hosting.quotation import one_line

LONGEST_TITLE = 120


def row(item: Mapping[str, Any]) -> str:
    """`wi_abc1234 active P1 Title` and what else is not the default."""
    title = item["title"]
    parts = [item["id"], item["status"], f"P{item['priority']}"]
    if item.get("item_type", "task") != "task":
        parts.append(f"({item['item_type']})")
    parts.append(title if len(title) <= LONGEST_TITLE else title[:LONGEST_TITLE] + "…")
    parts += [f"#{label}" for label in item.get("labels") or ()]
    if item.get("criteria"):
        parts.append(f"[{item['criteria']}]")
    if item.get("assignee"):
        parts.append(f"@{item['assignee']}")
    if item.get("claimed_by"):
        parts.append(f"claimed by {item['claimed_by']}")
    if item.get("due"):
        parts.append(f"{'overdue' if item.get('overdue') else 'due'} {item['due']}")
    if item.get("deleted_at"):
        parts.append(f"deleted {item['deleted_at']}")
    lost = [f"{item[state]} {state}" for state in ("stale", "unresolved") if item.get(state)]
    if lost:
        parts.append(f"({', '.join(lost)})")
    if item.get("why_blocked"):
        parts.append("— " + "; ".join(item["why_blocked"]))
    elif item.get("blocked_by"):
        parts.append("waits for " + ", ".join(item["blocked_by"]))
    if item.get("similarity") is not None:
        parts.append(f"~{item['similarity']:.2f}")
    if item.get("snippet"):
        parts.append("| " + " ".join(item["snippet"].split()))
    return one_line(" ".join(parts))


def page(answer: Mapping[str, Any]) -> str:
    """A page of rows under its count; the cursor for the next one last."""
    items: Sequence[Mapping[str, Any]] = answer["items"]
    total = answer["total_count"]
    head = counted(total, "item") if total == len(items) else f"{len(items)} of {counted(total, 'item')}"
    lines = [f"{head} in {answer['project']}", *(row(item) for item in items)]
    if answer.get("next_cursor"):
        lines.append(f"next_cursor: {answer['next_cursor']}")
    return "\n".join(lines)
