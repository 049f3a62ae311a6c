"""Items as a table; `exchange.readers.csv` reads it back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from workflow_server.exchange.spreadsheet import guarded

_COLUMNS = (
    "id", "title", "item_type", "status", "priority", "parent_id", "blocked_by", "labels", "assignee", "due",
    "entity_references", "acceptance_criteria", "description", "created_at", "updated_at",
)  # fmt: skip


def as_csv(items: Iterable[Mapping[str, Any]]) -> str:
    """Comma-separated text with a header; lists are joined by `;`, criteria by line breaks."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for item in items:
        writer.writerow([_cell(item, name) for name in _COLUMNS])
    return out.getvalue()


def _cell(item: Mapping[str, Any], name: str) -> str:
    value = item[name]
    if name == "acceptance_criteria":
        text = "\n".join(criterion["text"] for criterion in value)
    elif isinstance(value, list):
        text = ";".join(str(entry) for entry in value)
    else:
        text = "" if value is None else str(value)
    return guarded(text)
