"""Items as a table; `exchange.readers.csv` reads it back."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from workflow_server.exchange.spreadsheet import guarded
from workflow_server.types.builtin import BUILT_IN

_COLUMNS = (
    "id", "title", "item_type", "status", "status_reason", "priority", "parent_id", "blocked_by", "links",
    "labels", "assignee", "due", "defer_until", "entity_references", "acceptance_criteria", "evidence",
    "description", "notes", "metadata",
    "created_at", "updated_at",
)  # fmt: skip


_PARTS = re.compile(r"[;|,\n]")
"""What parts the entries of a list where it is read."""


def as_csv(items: Iterable[Mapping[str, Any]]) -> str:
    """Comma-separated text with a header; lists are joined by `;`, or are JSON where an entry holds
    what parts them; criteria stand on a line each, with a box. Evidence is a JSON list with a text for
    each criterion, several notes are one of notes, and metadata is its object.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for item in items:
        writer.writerow([_cell(item, name) for name in _COLUMNS])
    return out.getvalue()


def not_in_csv(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """What the items have and the table has no column for, in one warning; nothing where nothing is lost."""
    counts: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
        "who wrote notes": lambda item: item["notes"],
        "a type of one's own": lambda item: item["item_type"] not in BUILT_IN,
        "a claim": lambda item: item["claim"],
    }
    found = list(items)
    lost = [
        f"{what} of {number}"
        for what, has in counts.items()
        if (number := sum(bool(has(one)) for one in found))
    ]
    if not lost:
        return []
    return [
        f"not_in_csv: {', '.join(lost)} item(s), and all history, have no column; "
        "`export --format jsonl` keeps everything."
    ]


def _cell(item: Mapping[str, Any], name: str) -> str:
    if name in _OTHERWISE:
        return guarded(_OTHERWISE[name](item))
    value = item[name]
    if name == "acceptance_criteria":
        text = "\n".join(
            f"[{'x' if criterion['done'] else ' '}] {' '.join(criterion['text'].split())}"
            for criterion in value
        )
    elif name == "links":
        text = ";".join(f"{link['kind']} {link['id']}" for link in value)
    elif isinstance(value, list):
        parted = not any(_PARTS.search(entry) or entry.startswith('["') for entry in value)
        text = ";".join(value) if parted else _json(value)
    else:
        text = "" if value is None else str(value)
    return guarded(text)


def _evidence(item: Mapping[str, Any]) -> str:
    told = [criterion.get("evidence") or "" for criterion in item["acceptance_criteria"]]
    return _json(told) if any(told) else ""


def _notes(item: Mapping[str, Any]) -> str:
    texts = [note["text"] for note in item["notes"]]
    alone = len(texts) == 1 and not texts[0].lstrip().startswith('["')
    return texts[0] if alone else _json(texts) if texts else ""


def _metadata(item: Mapping[str, Any]) -> str:
    return _json(item["metadata"]) if item["metadata"] else ""


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


_OTHERWISE: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "evidence": _evidence,
    "notes": _notes,
    "metadata": _metadata,
}
"""Columns that are more than a field as it stands."""
