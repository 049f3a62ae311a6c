"""Pages: a sort order with a unique last key, and a cursor that names the last row shown.

A page continues behind the values of that row, not at a position, so that
items made, changed or deleted meanwhile shift nothing: an item whose sort
values stay the same is shown exactly once.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow_server.items.checks import invalid
from workflow_server.types.filters import Condition


@dataclass(frozen=True, slots=True)
class Order:
    """Columns of ``item`` with their directions, the last one unique."""

    columns: tuple[tuple[str, bool], ...]
    """Expression, and whether it descends."""

    @property
    def sql(self) -> str:
        """The ``ORDER BY`` list."""
        return ", ".join(f"{column} DESC" if descends else column for column, descends in self.columns)

    @property
    def keys(self) -> str:
        """Select list of the sort values, as ``key_0`` and so on."""
        return ", ".join(f"{column} AS key_{place}" for place, (column, _) in enumerate(self.columns))

    def behind(self, values: Sequence[Any]) -> Condition:
        """True of the rows that come after the row with these sort values."""
        alternatives: list[str] = []
        parameters: list[Any] = []
        for place, (column, descends) in enumerate(self.columns):
            equal = [f"{earlier} = ?" for earlier, _ in self.columns[:place]]
            alternatives.append(" AND ".join([*equal, f"{column} {'<' if descends else '>'} ?"]))
            parameters += values[: place + 1]
        first, descends = self.columns[0]
        return f"{first} {'<=' if descends else '>='} ? AND ({' OR '.join(alternatives)})", [
            values[0],
            *parameters,
        ]


ORDERS = {
    "priority": Order(
        (("item.priority", False), ("item.created_at", False), ("item.frees", True), ("item.n", False))
    ),
    "created": Order((("item.n", True),)),
    "updated": Order((("item.updated_at", True), ("item.n", True))),
    "due": Order((("coalesce(item.due, '9999')", False), ("item.n", True))),
    "title": Order((("lower(item.title)", False), ("item.n", True))),
}


def fingerprint(query: Mapping[str, Any]) -> str:
    """What a query must keep while its pages are turned: everything but ``cursor`` and ``limit``."""
    kept = {name: value for name, value in query.items() if name not in ("cursor", "limit")}
    return hashlib.blake2b(json.dumps(kept, sort_keys=True, default=list).encode(), digest_size=6).hexdigest()


def encode(query: Mapping[str, Any], values: Sequence[Any]) -> str:
    """The cursor behind the row with these sort values."""
    text = json.dumps([fingerprint(query), *values], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(query: Mapping[str, Any], length: int) -> list[Any] | None:
    """The sort values of the query's cursor, or ``None`` without one. Raises for a cursor of another
    query.
    """
    cursor = query.get("cursor")
    if cursor is None:
        return None
    try:
        mark: str
        values: list[Any]
        mark, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, TypeError, RecursionError):
        raise invalid(
            "cursor", f"is '{cursor[:40]}', which is no cursor.", "Pass `next_cursor` of the last answer."
        ) from None
    if mark != fingerprint(query) or len(values) != length:
        raise invalid(
            "cursor",
            "belongs to a query with other filters or another sort.",
            "Repeat the same filters, or start without it.",
        )
    return values
