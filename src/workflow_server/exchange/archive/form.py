"""The lines of an archive.

History of the format:
1. first release. That the first line counts the others by kind (`holds`) came later: a file without it is
   read as it is.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from workflow_server.exchange.archive.lines import problem_of
from workflow_server.exchange.foreign import UnreadableFile
from workflow_server.exchange.readers.text import read_json_lines
from workflow_server.items.model import ClaimState, Item
from workflow_server.items.rows import load

FORMAT: Final = 1
MARK: Final = "workflow_export"
HOLDS: Final = "holds"

Json = dict[str, Any]

_DERIVED: Final = frozenset({"n", "waits", "frees", "open_children", "held", "deferred_until", "note_count"})
"""Columns that follow from other rows; they are made anew on import."""
_TABLES: Final = {"type": "item_type", "event": "event", "item": "item", "retry": "idempotency"}
"""The rows that are a line each."""
_TUPLES: Final = ("labels", "blocked_by", "entity_references", "acceptance_criteria")


@dataclass
class Archive:
    """The content of a file, as read."""

    project: str
    types: list[Json] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    items: list[Json] = field(default_factory=list)
    retries: list[Json] = field(default_factory=list)


def is_archive(path: Path) -> bool:
    """Whether the file begins like an archive; a missing file does not."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            return MARK in file.readline(4096)
    except OSError:
        return False


def read_archive(path: Path) -> Archive:
    """Read a file whole.

    :raises UnreadableFile: for a file of another kind, of a newer format, or with a line that is none of it.
    """
    lines = read_json_lines(path)
    _, head = next(lines, (0, {}))
    if MARK not in head:
        raise UnreadableFile(f"{path} is not an export of workflow-server: its first line has no `{MARK}`")
    if head[MARK] != FORMAT:
        raise UnreadableFile(
            f"{path} has format {head[MARK]}; this release reads {FORMAT}", "Upgrade tandem-mcp."
        )
    archive = Archive(str(head.get("project", "")))
    places = {
        "type": archive.types,
        "event": archive.events,
        "item": archive.items,
        "retry": archive.retries,
    }
    seen: set[object] = set()
    for number, line in lines:
        kind = line.pop("kind", None)
        if not isinstance(kind, str) or kind not in places:
            raise UnreadableFile(f"{path} line {number}: unknown kind {kind!r:.80}")
        if problem := problem_of(kind, line):
            raise UnreadableFile(
                f"{path} line {number} is no `{kind}` of an export, {problem:.300}; nothing was stored",
                "Export the project again, or mend that line.",
            )
        if line.get("id", number) in seen:
            raise UnreadableFile(
                f"{path} line {number}: the {kind} {line['id']} stands there twice; nothing was stored",
                "Leave one of the two out.",
            )
        seen.add(line.get("id", number))
        places[kind].append(line)
    _refuse_parts(path, head.get(HOLDS), {kind: len(found) for kind, found in places.items()})
    return archive


def _refuse_parts(path: Path, told: object, found: Mapping[str, int]) -> None:
    """Raise for a file that is not all of what was exported. A full disk or a copy that broke off may leave
    only whole lines, and a part of the history with a part of the items looks like any archive.
    """
    if not isinstance(told, dict):
        return
    missing = [
        f"{found.get(kind, 0):,} of {said:,} of kind `{kind}`"
        for kind, said in told.items()
        if isinstance(said, int) and said > found.get(kind, 0)
    ]
    if missing:
        raise UnreadableFile(
            f"{path} is not the whole export: it has {', '.join(missing)} that its first line counts; "
            "nothing was stored",
            "Export the project again, or copy the file again. To import a part on purpose, take "
            f"`{HOLDS}` out of its first line.",
        )


def lines_of(connection: sqlite3.Connection, project: str, now: str) -> Iterator[Json]:
    """Every line of a project's archive, in one snapshot."""
    holds = {
        kind: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for kind, table in _TABLES.items()
    }
    yield {MARK: FORMAT, "project": project, "exported_at": now, HOLDS: holds}
    for row in connection.execute("SELECT * FROM item_type ORDER BY name, version"):
        yield {"kind": "type", **dict(row), "schema": json.loads(row["schema"])}
    yield from _events(connection)
    for batch in _batches(row["id"] for row in connection.execute("SELECT id FROM item ORDER BY n")):
        for item in item_lines(connection, batch).values():
            yield {"kind": "item", **item}
    for row in connection.execute("SELECT * FROM idempotency ORDER BY key"):
        yield {"kind": "retry", **dict(row)}


def _events(connection: sqlite3.Connection) -> Iterator[Json]:
    changes = connection.execute("SELECT * FROM change ORDER BY seq, item_id")
    following = changes.fetchone()
    for row in connection.execute("SELECT * FROM event ORDER BY seq"):
        event = {name: row[name] for name in row.keys() if name != "seq" and row[name] is not None}  # noqa: SIM118
        touched = []
        while following is not None and following["seq"] == row["seq"]:
            touched.append(
                {
                    "item_id": following["item_id"],
                    "version": following["version"],
                    "before": json.loads(following["before"]) if following["before"] else None,
                    "after": json.loads(following["after"]) if following["after"] else None,
                }
            )
            following = changes.fetchone()
        yield {"kind": "event", **event, "changes": touched}


def item_lines(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, Json]:
    """Items as they stand in an archive, by id, in the order of creation."""
    items = load(connection, ids)
    found: dict[str, Json] = {}
    for item in sorted(items.values(), key=lambda each: each.n):
        line = {name: value for name, value in asdict(item).items() if name not in _DERIVED}
        line["links"] = [list(link) for link in item.links]
        notes = connection.execute(
            "SELECT id, text, author, at, withdrawn FROM note WHERE item_id = ? ORDER BY id", (item.id,)
        )
        line["notes"] = [dict(note) for note in notes]
        # through JSON, so that tuples and lists of the two sides compare equal
        found[item.id] = json.loads(json.dumps(line))
    return found


def item_of(line: Mapping[str, Any], n: int = 0) -> Item:
    """The record of an archived item that was read; fields that a later release adds are passed over."""
    known = {each.name for each in fields(Item)} - _DERIVED
    values = {name: value for name, value in line.items() if name in known}
    for name in _TUPLES:
        values[name] = tuple(values.get(name) or ())
    values["links"] = tuple((kind, other) for kind, other in values.get("links") or ())
    values["claim"] = _claim_of(values["claim"]) if values.get("claim") else None
    return Item(**values, n=n)


def _claim_of(line: Mapping[str, Any]) -> ClaimState:
    known = {each.name for each in fields(ClaimState)}
    return ClaimState(**{name: value for name, value in line.items() if name in known})


def _batches(ids: Iterable[str], size: int = 500) -> Iterator[list[str]]:
    batch: list[str] = []
    for identifier in ids:
        batch.append(identifier)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
