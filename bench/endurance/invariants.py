"""What must hold whenever nobody is at work, whoever was killed and whatever the disk did."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from bench.endurance.connection import RefusedError, Server
from bench.endurance.record import Record
from bench.endurance.replay import Replay
from bench.endurance.repository import Repository
from codebase_server.index import RootIndex
from codebase_server.index.audit import audit
from codebase_server.store import Registry
from workflow_server.projects.doctor import examine

SAMPLED = 6
"""Items whose references are compared with the disk after each kill."""


class Invariants:
    """Checks the project file, the index and the references."""

    def __init__(self, world: Path, repository: Repository, record: Record) -> None:
        self._file = world / "workflow" / "projects" / "bench.sqlite3"
        self._data = world / "codebase"
        self._repository = repository
        self._record = record
        self.replay = Replay()

    def problems(self, codebase: Server, workflow: Server, *, whole: bool = False) -> list[str]:
        """Everything wrong, in words; empty when all is well. The servers asked must be on a sound disk."""
        return [
            *self._project(whole),
            *self._index(codebase),
            *self._references(workflow),
            *self._set_aside(),
        ]

    def _set_aside(self) -> list[str]:
        """Calls failed, and no stored byte was spoilt: neither file may be taken for damaged."""
        files = (file for folder in (self._data, self._file.parent) for file in folder.rglob("*"))
        return [
            f"set aside though sound: {file}"
            for file in files
            if "set-aside" in file.name or "damaged" in file.name
        ]

    def _project(self, whole: bool) -> list[str]:
        confirmed = self._record.new_acknowledgements()
        if not self._file.exists():
            beside = ", ".join(sorted(file.name for file in self._file.parent.iterdir()))
            return [f"the project file is gone; beside its place: {beside}"]
        with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            found = self.replay.problems(connection, confirmed)
            if whole:
                found += self.replay.everything(connection)
            return found + examine(connection)["problems"]

    def _index(self, codebase: Server) -> list[str]:
        """A pass that was asked for leaves the index equal to the disk."""
        for _ in range(3):
            try:
                codebase.call("index_repository")
                break
            except RefusedError as refusal:
                if refusal.code != "busy":
                    return [f"index_repository on a sound disk: {refusal}"]
                time.sleep(1)  # another writes at this moment
        index = RootIndex(self._repository.folder, Registry(self._data))
        try:
            return audit(index.database, against_disk=True)
        finally:
            index.close()

    def _references(self, workflow: Server) -> list[str]:
        items = list(self._record.referring)[-SAMPLED:]
        if not items:
            return []
        answer = workflow.call("get_work_item", ids=items)
        names = self._repository.names()
        found = []
        for item in answer["items"]:
            reference = self._record.referring[item["id"]]
            state = item["reference_details"][0]["state"]
            found += _judged(reference, state, names, answer["warnings"] + item["warnings"])
        return found


def _judged(reference: str, state: str, names: dict[str, set[str]], warnings: Iterable[str]) -> list[str]:
    """A name that stands where it stood is never gone; one that stands nowhere is never valid.

    Names are unique and stand in their bodies. What could not be asked is told by a warning.
    """
    path, _, name = reference.partition("::")
    here, anywhere = name in names.get(path, ()), any(name in defined for defined in names.values())
    if state in ("unchecked", "unresolved") and any("code_search_unavailable" in one for one in warnings):
        return []
    if here and state not in ("valid", "changed"):
        return [f"{reference} stands where it stood and is told {state}; {list(warnings)}"]
    if not anywhere and state in ("valid", "moved"):
        return [f"{reference} stands nowhere and is told {state}"]
    return []
