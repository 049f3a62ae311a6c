"""beads: one issue a line, its edges inside it.

The edges `blocks` (this waits for that), `parent-child`, `related` and `discovered-from` have a counterpart
here; any other kind is kept with the item under its own name. Deleted issues (`tombstone`) are left out and
counted.
"""

from pathlib import Path
from typing import Any

from workflow_server.exchange.foreign import (
    ForeignFile,
    ForeignItem,
    UnreadableFile,
    joined,
    priority_of,
    status_of,
)
from workflow_server.exchange.readers.text import read_json_lines

_TYPES = {"epic": "project", "task": "task"}
_LINKS = {
    "related": "relates_to",
    "relates-to": "relates_to",
    "discovered-from": "discovered_from",
    "duplicates": "duplicates",
}
_TAKEN = {
    "id", "title", "description", "design", "acceptance_criteria", "notes", "status", "priority",
    "issue_type",
    "assignee", "labels", "dependencies", "comments", "due_at", "defer_until",
}  # fmt: skip


def read(path: Path) -> ForeignFile:
    """Read an `issues.jsonl`.

    :raises UnreadableFile: when a line is no issue.
    """
    items: list[ForeignItem] = []
    left_out: list[str] = []
    for number, issue in read_json_lines(path):
        if "id" not in issue or "title" not in issue:
            raise UnreadableFile(f"{path} line {number} has no `id` and `title`: not an issue of beads")
        if issue.get("status") == "tombstone":
            left_out.append(
                f"{issue['id']}: deleted there ({issue.get('delete_reason') or 'no reason given'})"
            )
            continue
        items.append(_item(issue))
    return ForeignFile("beads", tuple(items), tuple(left_out))


def _item(issue: dict[str, Any]) -> ForeignItem:
    status, known = status_of(issue.get("status"), dated=bool(issue.get("defer_until")))
    rest = {
        name: value for name, value in issue.items() if name not in _TAKEN and value not in (None, "", [])
    }
    if not known:
        rest["status"] = issue["status"]
    kind = issue.get("issue_type") or "task"
    labels = list(issue.get("labels") or ())
    if kind not in _TYPES:
        labels.append(kind)
    parent, blocked_by, links, other = _edges(issue)
    if other:
        rest["dependencies"] = other
    return ForeignItem(
        key=str(issue["id"]),
        title=str(issue["title"]),
        description=joined(("", issue.get("description")), ("Design", issue.get("design"))),
        item_type=_TYPES.get(kind, "task"),
        status=status,
        status_word=str(issue.get("status") or ""),
        # absent means 0 there: the exporter leaves out zeros
        priority=priority_of(issue.get("priority", 0)),
        parent=parent,
        blocked_by=blocked_by,
        links=links,
        labels=tuple(dict.fromkeys(labels)),
        assignee=issue.get("assignee") or None,
        criteria=_criteria(issue.get("acceptance_criteria") or ""),
        notes=_notes(issue),
        due=issue.get("due_at"),
        defer_until=issue.get("defer_until"),
        rest=rest,
    )


def _edges(
    issue: dict[str, Any],
) -> tuple[str | None, tuple[str, ...], tuple[tuple[str, str], ...], list[dict[str, Any]]]:
    parent: str | None = None
    blocked_by: list[str] = []
    links: list[tuple[str, str]] = []
    other: list[dict[str, Any]] = []
    for edge in issue.get("dependencies") or ():
        target, kind = str(edge.get("depends_on_id", "")), edge.get("type", "blocks")
        if kind == "blocks":
            blocked_by.append(target)
        elif kind == "parent-child" and parent is None:
            parent = target
        elif kind in _LINKS:
            links.append((_LINKS[kind], target))
        else:
            other.append(edge)
    return parent, tuple(blocked_by), tuple(links), other


def _criteria(text: str) -> tuple[tuple[str, bool], ...]:
    """Free text there; each line is one criterion, ticked when it carries a ticked box."""
    found = []
    for line in text.splitlines():
        plain = line.strip().lstrip("-*0123456789. ")
        done = plain.lower().startswith("[x]")
        plain = plain.removeprefix("[ ]").removeprefix("[x]").removeprefix("[X]").strip()
        if plain:
            found.append((plain, done))
    return tuple(found)


def _notes(issue: dict[str, Any]) -> tuple[str, ...]:
    notes = [issue["notes"]] if issue.get("notes") else []
    for comment in issue.get("comments") or ():
        head = " ".join(str(comment[name]) for name in ("author", "created_at") if comment.get(name))
        notes.append(f"{head}: {comment.get('text', '')}" if head else str(comment.get("text", "")))
    return tuple(notes)
