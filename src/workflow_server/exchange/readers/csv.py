"""A table with a header: one item a row. Columns are found by name, in any order; others are kept with the
item.

A name may stand over several columns, as in every export of Jira (`Labels,Labels,Labels`): lists take the
values of all of them.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workflow_server.exchange.dates import read_date
from workflow_server.exchange.foreign import ForeignFile, ForeignItem, UnreadableFile, priority_of, status_of
from workflow_server.exchange.readers.text import read_table_text
from workflow_server.exchange.spreadsheet import unguarded
from workflow_server.items.model import LINK_KINDS
from workflow_server.types.builtin import BUILT_IN

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "key": ("id", "key", "number", "issue key", "issue id", "uuid"),
    "title": ("title", "summary", "name", "task", "subject"),
    "description": ("description", "body", "details"),
    "status": ("status", "state"),
    "status_reason": ("status_reason",),
    "priority": ("priority",),
    "item_type": ("item_type", "type", "issue type", "issue_type"),
    "parent": ("parent_id", "parent", "parent id", "parent key", "parent issue", "epic", "epic link"),
    "blocked_by": (
        "blocked_by",
        "blocked by",
        "depends on",
        "dependencies",
        "inward issue link (blocks)",
    ),
    "labels": ("labels", "tags"),
    "assignee": ("assignee", "owner"),
    "due": ("due", "due date", "due_date"),
    "defer_until": ("defer_until",),
    "links": ("links",),
    "notes": ("comment", "comments", "notes"),
    "references": ("entity_references", "references", "files"),
    "criteria": ("acceptance_criteria", "acceptance criteria"),
    "evidence": ("evidence",),
    "metadata": ("metadata",),
}
"""The headers understood for each field, lower case; the first that the table has is taken. Of an item's own
numbers and of the ways to say its parent a table may have several, and all are understood.
"""

_GUESSED = "it is not UTF-8 and was read as Windows-1252: if its letters are wrong, save it as CSV UTF-8"

_LONGEST_CELL = 10_000_000
"""Characters; the module's own limit is shorter than a description may be."""


@dataclass(frozen=True)
class _Row:
    """One row: the values that are not empty under each name, and the field each name is taken for."""

    number: int
    cells: Mapping[str, tuple[str, ...]]
    found: Mapping[str, str]

    def all(self, field: str) -> tuple[str, ...]:
        """What stands under the field's name, in the order of the columns."""
        return self.cells.get(self.found.get(field, ""), ())

    def one(self, field: str) -> str:
        """The first of them, or nothing."""
        return next(iter(self.all(field)), "")

    def each(self, field: str) -> tuple[str, ...]:
        """The entries of lists in them, each once."""
        return tuple(dict.fromkeys(entry for cell in self.all(field) for entry in _several(cell)))

    def known_as(self, field: str) -> tuple[str, ...]:
        """What stands under every name that the field may have, that of the first name first."""
        names = {name.lower(): name for name in self.cells}
        return tuple(
            value for alias in COLUMNS[field] if alias in names for value in self.cells[names[alias]]
        )


_LISTS = frozenset({"blocked_by", "labels", "references", "criteria", "notes"})

_TYPES: Mapping[str, str] = {"epic": "project", "sub task": "subtask"}
"""What other trackers call a type that is here."""

_LINK = re.compile(rf"({'|'.join(LINK_KINDS)}) (\S+)")
_BOX = re.compile(r"\[([ xX])\] (.+)")


def read(path: Path) -> ForeignFile:
    """Read comma-, semicolon- or tab-separated text.

    :raises UnreadableFile: when no column holds a title.
    """
    header, lines, is_guessed = _table(path)
    names = {name.strip().lower(): name for name in reversed(header) if name.strip()}
    found = {
        wanted: names[alias]
        for wanted, aliases in COLUMNS.items()
        for alias in reversed(aliases)
        if alias in names
    }
    if "title" not in found:
        listed = ", ".join(dict.fromkeys(name.strip() for name in header if name.strip()))
        raise UnreadableFile(
            f"{path} has no column for a title; it has: {listed or 'nothing'}",
            f"Name one of: {', '.join(COLUMNS['title'])}.",
        )
    rows = [_Row(number, _cells(header, line, names), found) for number, line in enumerate(lines, 2)]
    left_out = [_GUESSED] if is_guessed else []
    left_out += [f"row {row.number}: no title" for row in rows if not row.one("title")]
    read_rows = [row for row in rows if row.one("title")]
    left_out += [told for row in read_rows if (told := _no_date(row))]
    items = _by_other_names([_item(row) for row in read_rows], read_rows)
    return ForeignFile("csv", tuple(items), tuple(left_out), found)


def _table(path: Path) -> tuple[list[str], list[list[str]], bool]:
    text, is_guessed = read_table_text(path)
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    csv.field_size_limit(_LONGEST_CELL)
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if line]
    except csv.Error as error:
        raise UnreadableFile(f"{path} is no table: {error}") from error
    return (lines[0], lines[1:], is_guessed) if lines else ([], [], is_guessed)


def _cells(
    header: Sequence[str], line: Sequence[str], names: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """The values of a row by the first spelling of their column's name; empty ones are left out, and so is
    what stands beyond the header.
    """
    found: dict[str, list[str]] = {}
    for name, value in zip(header, line, strict=False):
        if name.strip() and (told := unguarded(value.strip())):
            found.setdefault(names[name.strip().lower()], []).append(told)
    return {name: tuple(values) for name, values in found.items()}


def _item(row: _Row) -> ForeignItem:
    defer_until = read_date(row.one("defer_until")) if row.one("defer_until") else None
    status, known = status_of(row.one("status") or None, dated=bool(defer_until))
    rest = _rest(row)
    if not known:
        rest["status"] = row.one("status")
    given_up = _given_up(row) if status == "completed" else ""
    said = row.one("item_type").lower()
    kind = _TYPES.get(said.replace("-", " "), said)
    labels = list(row.each("labels"))
    metadata = dict(_metadata(row)) if kind in BUILT_IN else {}
    if "imported" in metadata:
        rest["imported"] = metadata.pop("imported")
    if kind and kind not in BUILT_IN:
        labels.append(kind)
    return ForeignItem(
        key=row.one("key") or f"row {row.number}",
        title=row.one("title"),
        description=row.one("description"),
        item_type=kind if kind in BUILT_IN else "task",
        status="cancelled" if given_up else status,
        status_word=row.one("status"),
        status_reason=row.one("status_reason") or given_up or None,
        priority=priority_of(row.one("priority") or None),
        parent=next(iter(row.known_as("parent")), None),
        blocked_by=row.each("blocked_by"),
        labels=tuple(dict.fromkeys(labels)),
        assignee=row.one("assignee") or None,
        due=read_date(row.one("due")) if row.one("due") else None,
        references=row.each("references"),
        links=tuple((kind, key) for kind, key in map(_link, row.each("links")) if kind),
        notes=tuple(note for cell in row.all("notes") for note in _listed(cell) or (cell,)),
        defer_until=defer_until,
        criteria=tuple(
            _criterion(text) for cell in row.all("criteria") for text in cell.split("\n") if text.strip()
        ),
        evidence=_listed(row.one("evidence")) or (),
        metadata=metadata,
        rest=rest,
        place=f"row {row.number}",
    )


def _given_up(row: _Row) -> str:
    """What a tracker that closes all alike says of the end, where it was not done: ``Won't Do``."""
    said = next((values[0] for name, values in row.cells.items() if name.lower() == "resolution"), "")
    return said if status_of(said)[0] == "cancelled" else ""


def _rest(row: _Row) -> dict[str, object]:
    """What has no place here: other columns, more than one value of a field that takes one, and a due date
    that is none.
    """
    taken = {name: field for field, name in row.found.items()}
    rest: dict[str, object] = {}
    for name, values in row.cells.items():
        field = taken.get(name, "")
        left = () if field in _LISTS else values[1:] if field else values
        if field in ("due", "defer_until") and read_date(values[0]) is None:
            left = values
        if (field == "evidence" and _listed(values[0]) is not None) or (
            field == "metadata" and _metadata(row)
        ):
            left = values[1:]
        elif field in ("evidence", "metadata"):
            left = values
        if field == "links":
            left = tuple(one for one in row.each("links") if not _link(one)[0])
        if left:
            rest[name] = left[0] if len(left) == 1 else list(left)
    return rest


def _metadata(row: _Row) -> Mapping[str, object]:
    """The object in the item's cell of metadata, where one stands there."""
    try:
        told = json.loads(row.one("metadata") or "{}")
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _no_date(row: _Row) -> str:
    due = row.one("due")
    if not due or read_date(due):
        return ""
    return (
        f"row {row.number} ({row.one('key') or row.one('title')}), column {row.found['due']}: '{due:.40}' is "
        "no date that can be read in one way (2026-03-31 is); kept in metadata"
    )


def _by_other_names(items: list[ForeignItem], rows: Iterable[_Row]) -> list[ForeignItem]:
    """The items, with parents and blockers that are named by a title, or by another number of theirs, turned
    into the one row that has it.
    """
    keys = {item.key for item in items}
    named: Counter[str] = Counter()
    meant: dict[str, str] = {}
    for item, row in zip(items, rows, strict=True):
        for name in {item.title, *row.known_as("key")} - keys:
            named[name] += 1
            meant[name] = item.key

    def key(name: str) -> str:
        return meant[name] if named[name] == 1 else name

    return [
        replace(
            item,
            parent=key(item.parent) if item.parent else None,
            blocked_by=tuple(dict.fromkeys(key(name) for name in item.blocked_by)),
        )
        for item in items
    ]


def _link(entry: str) -> tuple[str, str]:
    """Kind and target of `relates_to wi_abc1234`; nothing for what says no kind that is here."""
    found = _LINK.fullmatch(entry)
    return (found[1], found[2]) if found else ("", "")


def _criterion(line: str) -> tuple[str, bool]:
    found = _BOX.fullmatch(line.strip())
    return (found[2], found[1] != " ") if found else (line, False)


def _several(text: str) -> tuple[str, ...]:
    """The entries of one cell, separated by `;`, `|`, `,` or a line break, or a JSON list of them."""
    listed = _listed(text)
    if listed is not None:
        return tuple(one for one in listed if one.strip())
    for separator in ("\n", ";", "|"):
        if separator in text:
            return tuple(part.strip() for part in text.split(separator) if part.strip())
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _listed(text: str) -> tuple[str, ...] | None:
    """The texts of a JSON list of texts; None for anything else."""
    if not text.startswith('["'):
        return None
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return tuple(listed) if isinstance(listed, list) and all(isinstance(one, str) for one in listed) else None
