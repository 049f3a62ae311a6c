"""A table with a header: one item a row. Columns are found by name, in any order; others are kept with the
item.
"""

import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from workflow_server.exchange.foreign import ForeignFile, ForeignItem, UnreadableFile, priority_of, status_of
from workflow_server.exchange.readers.text import read_text
from workflow_server.exchange.spreadsheet import unguarded
from workflow_server.types.builtin import BUILT_IN

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "key": ("id", "key", "number", "issue key", "issue id"),
    "title": ("title", "summary", "name", "task", "subject"),
    "description": ("description", "body", "details", "notes"),
    "status": ("status", "state"),
    "priority": ("priority",),
    "item_type": ("item_type", "type", "issue type", "issue_type"),
    "parent": ("parent_id", "parent", "parent id", "epic"),
    "blocked_by": ("blocked_by", "blocked by", "depends on", "dependencies"),
    "labels": ("labels", "tags"),
    "assignee": ("assignee", "owner"),
    "due": ("due", "due date", "due_date"),
    "references": ("entity_references", "references", "files"),
    "criteria": ("acceptance_criteria", "acceptance criteria"),
}
"""The headers understood for each field, lower case; the first that the table has is taken."""

_LONGEST_CELL = 10_000_000
"""Characters; the module's own limit is shorter than a description may be."""


def read(path: Path) -> ForeignFile:
    """Read comma-, semicolon- or tab-separated text.

    :raises UnreadableFile: when no column holds a title.
    """
    text = read_text(path)
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    csv.field_size_limit(_LONGEST_CELL)
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableFile(f"{path} is no table: {error}") from error
    names = {name.strip().lower(): name for name in (rows[0] if rows else {}) if name}
    found = {
        wanted: names[alias]
        for wanted, aliases in COLUMNS.items()
        for alias in reversed(aliases)
        if alias in names
    }
    if "title" not in found:
        raise UnreadableFile(
            f"{path} has no column for a title; it has: {', '.join(names) or 'nothing'}",
            f"Name one of: {', '.join(COLUMNS['title'])}.",
        )
    left_out = [f"row {number}: no title" for number, row in enumerate(rows, 2) if not row[found["title"]]]
    items = [_item(row, found, number) for number, row in enumerate(rows, 2) if row[found["title"]]]
    items = _by_title(items)
    return ForeignFile("csv", tuple(items), tuple(left_out))


def _item(row: dict[str, str | None], found: dict[str, str], number: int) -> ForeignItem:
    def cell(name: str) -> str:
        return unguarded((row.get(found[name]) or "").strip()) if name in found else ""

    status, known = status_of(cell("status") or None)
    rest: dict[str, object] = {
        name: value
        for name, value in row.items()
        if isinstance(name, str) and name not in found.values() and value
    }
    if not known:
        rest["status"] = cell("status")
    kind = cell("item_type").lower()
    labels = list(_several(cell("labels")))
    if kind and kind not in BUILT_IN:
        labels.append(kind)
    return ForeignItem(
        key=cell("key") or f"row {number}",
        title=cell("title"),
        description=cell("description"),
        item_type=kind if kind in BUILT_IN else "task",
        status=status,
        priority=priority_of(cell("priority") or None),
        parent=cell("parent") or None,
        blocked_by=_several(cell("blocked_by")),
        labels=tuple(labels),
        assignee=cell("assignee") or None,
        due=cell("due") or None,
        references=_several(cell("references")),
        criteria=tuple((text, False) for text in cell("criteria").split("\n") if text.strip()),
        rest=rest,
    )


def _by_title(items: list[ForeignItem]) -> list[ForeignItem]:
    """The items, with parents and blockers that are named by a title turned into the one row that has it."""
    keys = {item.key for item in items}
    titles = Counter(item.title for item in items)
    of_title = {item.title: item.key for item in items if titles[item.title] == 1 and item.title not in keys}

    def key(name: str) -> str:
        return of_title.get(name, name)

    return [
        replace(
            item,
            parent=key(item.parent) if item.parent else None,
            blocked_by=tuple(key(name) for name in item.blocked_by),
        )
        for item in items
    ]


def _several(text: str) -> tuple[str, ...]:
    """The entries of one cell, separated by `;`, `|`, `,` or a line break."""
    for separator in ("\n", ";", "|"):
        if separator in text:
            return tuple(part.strip() for part in text.split(separator) if part.strip())
    return tuple(part.strip() for part in text.split(",") if part.strip())
