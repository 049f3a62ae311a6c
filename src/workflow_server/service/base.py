"""What all parts of the service share: the clock, the project of a call, linking of code references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from bridge.agreed.errors import TandemError
from bridge.hosting.meter import Meter
from workflow_server.items.checks import invalid
from workflow_server.items.model import Item
from workflow_server.items.rows import keep_learned
from workflow_server.projects import ProjectFolder, ProjectRow
from workflow_server.projects.resolve import Resolver
from workflow_server.records import Call, WorkItem
from workflow_server.service.linking import Linking, References
from workflow_server.store import Store
from workflow_server.store.clock import Clock, stamp, system_clock
from workflow_server.store.identifiers import ITEM_ID

if TYPE_CHECKING:
    import sqlite3

MAX_IDS_READ = 50
MAX_IDS_WRITTEN = 100


class ServiceBase:
    """Opens the right store for a call. Cheap to make: nothing is opened before the first call."""

    def __init__(
        self,
        data_dir: Path,
        *,
        references: References | None = None,
        default_project: str | None = None,
        clock: Clock = system_clock,
    ) -> None:
        self._clock = clock
        self.meter = Meter("workflow")
        self._projects = ProjectFolder(data_dir, clock)
        self._resolver = Resolver(self._projects, default_project)
        self._linking = Linking(references)

    def queues(self) -> dict[str, int]:
        """Writes under way or waiting for their turn in this process, by project file."""
        return self._projects.queues()

    async def close(self) -> None:
        """Close every open project file, and what the references hold. Safe to call twice."""
        await self._linking.close()
        await self._projects.close()

    def _now(self) -> str:
        return stamp(self._clock())

    async def _show(
        self,
        call: Call,
        store: Store,
        items: Mapping[str, Item],
        answers: Sequence[WorkItem],
        *,
        code: bool = False,
    ) -> list[str]:
        """Fill in the states of references and keep what was learned of them; warnings about the call."""
        warnings, learned = await self._linking.show(call, items, answers, code=code)
        if learned:
            with suppress(TandemError):  # a read does not fail because what it learned cannot be kept now
                await store.write(lambda connection: keep_learned(connection, items, learned))
        return warnings

    async def _open(self, call: Call, *, make: bool = False) -> tuple[ProjectRow, Store]:
        """The call's project and its file. ``make`` is for calls that store something new: they make a
        project that is not there; for all others it is empty.
        """
        row = await self._resolver.resolve(call, make=make)
        return row, await (self._projects.store(row.slug) if row.here else self._projects.nothing())


RESTORE = "Take it back with manage_projects(action=archive, name=..., restore=true), or use another."
"""What to do about an archived project."""


def writable(connection: sqlite3.Connection) -> None:
    """Raise ``project_archived`` in a project that is kept for reading only. Asked inside every write."""
    row = connection.execute("SELECT value FROM about WHERE key = 'archived_at'").fetchone()
    if row is not None:
        raise TandemError(
            "project_archived",
            f"This project was archived at {row[0]} and is read-only.",
            RESTORE,
        )


def checked_ids(ids: object, most: int) -> list[str]:
    """A list of 1 to ``most`` different ids."""
    if isinstance(ids, str) or not isinstance(ids, Sequence) or not ids:
        raise invalid("ids", "must be a list with at least one id.", 'Write ["wi_..."].')
    if len(ids) > most:
        raise invalid("ids", f"names {len(ids)} items, at most {most} fit in one call.", "Split the call.")
    for identifier in ids:
        if not isinstance(identifier, str):
            raise invalid("ids", f"holds {identifier!r}.", 'Ids are texts such as "wi_abc2def".')
    # as people paste them: with a blank, the sign of a number before them, in capitals
    plain = (identifier.strip().removeprefix("#") for identifier in cast("Sequence[str]", ids))
    return list(dict.fromkeys(one.casefold() if ITEM_ID.match(one.casefold()) else one for one in plain))


Fields = Mapping[str, Any]
