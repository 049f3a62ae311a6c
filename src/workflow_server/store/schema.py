"""Schemas as lists of forward steps; a file's ``user_version`` counts the steps it has had."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge.agreed.errors import TandemError
from workflow_server.store.project_schema import STEPS as PROJECT_STEPS
from workflow_server.store.registry_schema import STEPS as REGISTRY_STEPS

Step = Sequence[str | Callable[[sqlite3.Connection], None]]
"""One migration: statements, or functions for what SQL cannot say, run in one transaction."""


@dataclass(frozen=True)
class Schema:
    """What a kind of file must look like. ``application_id`` marks the file as one of ours."""

    name: str
    application_id: int
    steps: Sequence[Step]

    def bring_up_to_date(self, connection: sqlite3.Connection, path: Path) -> None:
        """Apply the steps that ``path`` lacks, each with its version in one transaction.

        Raises ``TandemError`` ``store_newer`` when the file has had more steps
        than this release knows, and ``store_foreign`` when it is a database of
        some other program. Neither file is touched.
        """
        version = self.examined(connection, path)
        while version < len(self.steps):
            connection.execute("BEGIN IMMEDIATE")
            try:
                version = _pragma(connection, "user_version")  # another process may have migrated meanwhile
                if version < len(self.steps):
                    self._apply(connection, version)
                    version += 1
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _apply(self, connection: sqlite3.Connection, version: int) -> None:
        for part in self.steps[version]:
            if callable(part):
                part(connection)
            else:
                connection.execute(part)
        connection.execute(f"PRAGMA application_id = {self.application_id:d}")
        connection.execute(f"PRAGMA user_version = {version + 1:d}")

    def examined(self, connection: sqlite3.Connection, path: Path) -> int:
        """The file's version. Raises as `bring_up_to_date` does for what is not ours; writes nothing."""
        # one snapshot: between two reads another process may have made the file
        connection.execute("BEGIN")
        try:
            version, mark = _pragma(connection, "user_version"), _pragma(connection, "application_id")
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        finally:
            if (
                connection.in_transaction
            ):  # what failed may have ended it, and is what the caller must hear of
                connection.execute("COMMIT")
        if tables and mark != self.application_id:
            raise TandemError(
                "store_foreign",
                f"{path} is a SQLite database, but not a {self.name} of workflow-server "
                f"(application id {mark}).",
                "Move it away, or choose another folder with --data-dir.",
            )
        if version > len(self.steps):
            raise TandemError(
                "store_newer",
                f"{path} was written by a newer workflow-server: its schema is version {version}, "
                f"this program knows up to {len(self.steps)}.",
                "Upgrade tandem-mcp; the file was left as it is.",
            )
        return version


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


PROJECT_FILE = Schema("project file", 0x54574B31, PROJECT_STEPS)
"""One project: items, history, types. ``TWK1`` in the file's header."""

REGISTRY_FILE = Schema("project registry", 0x54575231, REGISTRY_STEPS)
"""Names of projects and the repositories they belong to. ``TWR1`` in the file's header."""
