"""Why a list is empty, where one of its filters names what no item has."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bridge.agreed.errors import TandemError, did_you_mean
from bridge.agreed.syntax import given as read_given
from bridge.agreed.syntax import parse

_MOST_NAMED: Final = 3


def why(connection: sqlite3.Connection, query: Mapping[str, Any]) -> list[str]:
    """A sentence for each filter that lets no item of the project through, whatever the others are."""
    return [f"no_match: {told}" for told in _told(connection, query)]


def _told(connection: sqlite3.Connection, query: Mapping[str, Any]) -> Iterator[str]:
    for label in query.get("label") or ():
        known = _column(connection, "SELECT DISTINCT label FROM label")
        if label.casefold() not in {one.casefold() for one in known}:
            yield _unknown("label", label, known)
    assignee = query.get("assignee")
    if assignee and assignee != "none":
        known = _column(connection, "SELECT DISTINCT assignee FROM item WHERE assignee IS NOT NULL")
        if assignee not in known:
            yield _unknown("assignee", assignee, known)
    if query.get("reference"):
        yield from _about_no_file(connection, query["reference"])
    if query.get("similar_to"):
        yield "no title is like this one. `text` looks for words, in descriptions and notes as well."


def _column(connection: sqlite3.Connection, sql: str, parameters: Sequence[Any] = ()) -> list[str]:
    return [row[0] for row in connection.execute(sql, parameters)]


def _unknown(what: str, given: str, known: Sequence[str]) -> str:
    return f"no item has the {what} '{given}'.{did_you_mean(given, known)}"


def _about_no_file(connection: sqlite3.Connection, reference: str) -> Iterator[str]:
    """A file is named by its path from the root: those that items are about and that end as was given."""
    try:
        parsed = parse(read_given(reference).ref)
    except TandemError:  # told already by the filter itself
        return
    if not parsed.path:
        return
    ending = parsed.path.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    paths = _column(
        connection,
        r"""SELECT DISTINCT substr(key, 6) FROM reference_key
            WHERE key LIKE ? ESCAPE '\' ORDER BY key LIMIT ?""",
        (f"file:%/{ending}", _MOST_NAMED),
    )
    meant = f" Did you mean {' or '.join(paths)}?" if paths else ""
    yield f"no item is about '{reference}'.{meant}"
