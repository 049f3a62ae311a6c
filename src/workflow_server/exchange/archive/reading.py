"""An archive into a project, once or again.

An item that is not there is made. One that is there follows the file when its history here is a part of the
file's, stays when the file's is a part of its own, and is a conflict, left as it is, when both went on alone.
"""

from __future__ import annotations

import contextlib
import json
import shlex
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from workflow_server.dependencies import kept
from workflow_server.exchange.archive.form import Archive, item_lines, item_of, read_archive
from workflow_server.exchange.archive.soundness import refuse_what_does_not_hold_together
from workflow_server.exchange.load import Report
from workflow_server.items.model import Item
from workflow_server.items.rows import as_json, insert, load, save, withdraw_note
from workflow_server.records import Call
from workflow_server.service import WorkflowService

Json = dict[str, Any]


class _DryRun(Exception):  # noqa: N818 - ends a transaction on purpose, so that nothing of it stays
    pass


async def imported(
    service: WorkflowService, call: Call, path: Path, *, dry_run: bool = False
) -> dict[str, Any]:
    """Read the archive at `path` into the call's project, in one transaction, and answer the report.

    With `dry_run` the same is done and taken back, so that the report is exact.

    :raises UnreadableFile: when the file is no archive, or its items do not hold together with what is here.
    """
    archive = read_archive(path)
    project, store = await service.open_store(call, writing=not dry_run)
    report = Report(project, dry_run, warnings=await service.project_notices(call))
    if archive.project.casefold() not in ("", project.casefold()):
        report.warnings.append(
            f"{path.name} is of project '{archive.project}', and {'would go' if dry_run else 'went'} into "
            f"'{project}'. `workflow-server --project {shlex.quote(archive.project)} import FILE` puts it "
            "into its own."
        )

    def write(connection: sqlite3.Connection) -> None:
        _Import(connection, archive, report).run()
        if dry_run:
            raise _DryRun

    with contextlib.suppress(_DryRun):
        await store.write(write)
    return report.answer()


@dataclass
class _Import:
    """One transaction's work."""

    connection: sqlite3.Connection
    archive: Archive
    report: Report
    notes: dict[int, int] = field(default_factory=dict)
    conflicting: set[str] = field(default_factory=set)

    def run(self) -> None:
        """Types first, since items have them; history before the kept columns, which it does not touch."""
        self._types()
        touched = self._items()
        self._events()
        self._retries()
        self._paths()
        refuse_what_does_not_hold_together(self.connection, touched)
        kept.refresh(self.connection, touched)

    def _types(self) -> None:
        for line in self.archive.types:
            held = self.connection.execute(
                "SELECT schema FROM item_type WHERE name = ? AND version = ?", (line["name"], line["version"])
            ).fetchone()
            if held is None:
                values = {**line, "schema": as_json(line["schema"])}
                self.connection.execute(
                    "INSERT INTO item_type (name, version, description, schema, at) "
                    "VALUES (:name, :version, :description, :schema, :at)",
                    values,
                )
            elif json.loads(held["schema"]) != line["schema"]:
                self.report.conflicts.append(
                    f"type {line['name']} version {line['version']}: defined otherwise here"
                )

    def _items(self) -> list[str]:
        ids = [line["id"] for line in self.archive.items]
        here = load(self.connection, ids)
        held_lines = item_lines(self.connection, ids)
        histories = self._histories()
        touched: list[str] = []
        for line in self.archive.items:
            identifier = line["id"]
            if identifier not in here:
                insert(self.connection, [item_of(line)])
                self._put_notes(line)
                self.report.created += 1
            elif line == held_lines[identifier] or not self._follows(identifier, histories):
                continue
            else:
                before = here[identifier]
                # the path is of no field: `_paths` makes it from the parents
                save(self.connection, before, replace(item_of(line, before.n), path=before.path))
                self._put_notes(line)
                self.report.updated += 1
            touched.append(identifier)
        self.report.unchanged = len(ids) - len(touched) - len(self.conflicting)
        return touched

    def _histories(self) -> dict[str, set[str]]:
        """Events of each item in the file."""
        found: dict[str, set[str]] = {}
        for event in self.archive.events:
            for change in event["changes"]:
                found.setdefault(change["item_id"], set()).add(event["id"])
        return found

    def _follows(self, identifier: str, histories: Mapping[str, set[str]]) -> bool:
        """Whether the file's state is newer than ours; a state that neither side derives from is a
        conflict.
        """
        theirs = histories.get(identifier, set())
        ours = {
            row["id"]
            for row in self.connection.execute(
                "SELECT event.id FROM change JOIN event ON event.seq = change.seq WHERE change.item_id = ?",
                (identifier,),
            )
        }
        if ours < theirs:
            return True
        if not theirs <= ours:
            self.conflicting.add(identifier)
            self.report.conflicts.append(
                f"{identifier}: changed here ({len(ours - theirs)} events) and in the file "
                f"({len(theirs - ours)} events); left as it is here"
            )
        return False

    def _put_notes(self, line: Mapping[str, Any]) -> None:
        """Add the notes that are not there; a number that another note has here is given anew."""
        item: Item = load(self.connection, [line["id"]])[line["id"]]
        held = {
            (row["text"], row["author"], row["at"]): row["id"]
            for row in self.connection.execute("SELECT * FROM note WHERE item_id = ?", (item.id,))
        }
        for note in line["notes"]:
            number = held.get((note["text"], note["author"], note["at"]))
            if number is None:
                taken = self.connection.execute("SELECT 1 FROM note WHERE id = ?", (note["id"],)).fetchone()
                number = self.connection.execute(
                    "INSERT INTO note (id, item_id, text, author, at) VALUES (?, ?, ?, ?, ?)",
                    (None if taken else note["id"], item.id, note["text"], note["author"], note["at"]),
                ).lastrowid
            assert number is not None
            self.notes[note["id"]] = number
            withdraw_note(self.connection, item, number, withdrawn=bool(note["withdrawn"]))

    def _events(self) -> None:
        for event in self.archive.events:
            changes = [change for change in event["changes"] if change["item_id"] not in self.conflicting]
            if event["changes"] and not changes:
                continue
            row = self.connection.execute("SELECT seq FROM event WHERE id = ?", (event["id"],)).fetchone()
            seq = row["seq"] if row else self._append(event)
            self.connection.executemany(
                "INSERT OR IGNORE INTO change (item_id, seq, version, before, after) VALUES (?, ?, ?, ?, ?)",
                [
                    (
                        change["item_id"],
                        seq,
                        change["version"],
                        self._renumbered(change["before"]),
                        self._renumbered(change["after"]),
                    )
                    for change in changes
                ],
            )

    def _append(self, event: Mapping[str, Any]) -> int | None:
        return self.connection.execute(
            "INSERT INTO event (id, at, actor, client, door, action, undoes, override_reason) "
            "VALUES (:id, :at, :actor, :client, :door, :action, :undoes, :override_reason)",
            {"undoes": None, "override_reason": None, **event},
        ).lastrowid

    def _renumbered(self, state: Json | None) -> str | None:
        """A change's fields as stored; a note in it is named by its number here."""
        if state is None:
            return None
        for name in ("note", "note_withdrawn"):
            note = state.get(name)
            if isinstance(note, dict) and note.get("id") in self.notes:
                state = {**state, name: {**note, "id": self.notes[note["id"]]}}
        return as_json(state)

    def _retries(self) -> None:
        self.connection.executemany(
            "INSERT OR IGNORE INTO idempotency (key, item_id, fingerprint, at) "
            "VALUES (:key, :item_id, :fingerprint, :at)",
            self.archive.retries,
        )

    def _paths(self) -> None:
        """Paths follow from parents; a parent that moved moves all below it, whichever side they came
        from.
        """
        parents = dict(self.connection.execute("SELECT id, parent_id FROM item").fetchall())
        paths: dict[str, str] = {}
        for identifier in parents:
            chain = [identifier]
            # A parent that is nowhere is refused afterwards, with what else does not hold together.
            while (above := parents[chain[-1]]) in parents and above not in paths and above not in chain:
                chain.append(above)
            for each in reversed(chain):
                over = parents[each]
                paths[each] = f"{paths.get(over, '/') if over else '/'}{each}/"
        self.connection.executemany(
            "UPDATE item SET path = :path WHERE id = :id AND path <> :path",
            [{"id": identifier, "path": path} for identifier, path in paths.items()],
        )
