"""Projects: listing, making, choosing, archiving, measuring, checking, copying."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from bridge.agreed import places
from bridge.agreed.errors import TandemError
from workflow_server.projects import ProjectRow
from workflow_server.projects.copies import check_backup, copy_online, make_room, restore_into, unused
from workflow_server.projects.doctor import examine
from workflow_server.projects.names import checked_name
from workflow_server.projects.statistics import statistics
from workflow_server.records import (
    BackupAnswer,
    Call,
    DoctorAnswer,
    Project,
    ProjectsAnswer,
    StatisticsAnswer,
)
from workflow_server.service.base import RESTORE, ServiceBase
from workflow_server.store import Store


class Projects(ServiceBase):
    """``manage_projects``, the doctor, backups, and the store for export and import."""

    async def list_projects(self, call: Call) -> ProjectsAnswer:
        """All projects, archived ones last. Makes none."""
        rows = await self._projects.rows()
        return {
            "project": await self._resolver.known(call),
            "warnings": [],
            "projects": [await self._shown(row) for row in rows],
        }

    async def create_project(self, call: Call, name: str) -> Project:
        """Create a project. Raises ``project_exists``."""
        wanted = checked_name(name)
        existing = await self._projects.find(wanted)
        if existing is not None:
            raise TandemError(
                "project_exists",
                f"There is a project '{existing.name}' already"
                + (f", archived at {existing.archived_at}." if existing.archived_at else "."),
                "Use it as it is, or choose another name.",
                details={"name": existing.name},
            )
        row = await self._projects.create(wanted)
        self._resolver.forget()
        return await self._shown(row)

    async def select_project(self, call: Call, name: str) -> Project:
        """Make ``name`` this process's project for calls that name none."""
        row = await self._projects.required(checked_name(name))
        self._resolver.selected = row.name
        return await self._shown(row)

    async def archive_project(self, call: Call, name: str, *, restore: bool = False) -> Project:
        """Make a project read-only and list it last, or take it back."""
        row = await self._projects.required(checked_name(name))
        await self._projects.set_archived(row.slug, None if restore else self._now())
        self._resolver.forget()
        return await self._shown(await self._projects.required(row.name))

    async def _shown(self, row: ProjectRow) -> Project:
        shown: Project = {
            "name": row.name,
            "archived": row.archived_at is not None,
            "created_at": row.created_at,
            "repositories": list(row.repositories),
            "selected": row.name == self._resolver.selected,
            "open": None,
            "total": None,
            "file": str(self._projects.file(row.slug)),
        }
        try:
            store = await self._projects.store(row.slug)
            shown["open"], shown["total"] = await store.read(_counts)
        except TandemError as error:
            shown["problem"] = error.message
        return shown

    async def project_statistics(self, call: Call) -> StatisticsAnswer:
        """Throughput, cycle time, open items by age, blocked chains."""
        project, store = await self._open(call)
        now = self._now()
        told = await store.read(lambda connection: statistics(connection, now))
        return {**told, "project": project.name, "warnings": [*project.told]}

    async def project_notices(self, call: Call) -> list[str]:
        """What there is to say of the call's project itself, as that there is none of its name yet."""
        return list((await self._resolver.resolve(call)).told)

    async def resolve_project(self, call: Call, *, writing: bool = False) -> str:
        """Name of the project that ``call`` is about; ``writing`` also makes it where it is missing, and
        makes sure that it is not archived.
        """
        row = await self._resolver.resolve(call, make=writing)
        if writing and (await self._projects.required(row.name)).archived_at is not None:
            raise TandemError("project_archived", f"Project '{row.name}' is archived.", RESTORE)
        return row.name

    async def doctor(self, call: Call) -> DoctorAnswer:
        """Integrity check, foreign keys, kept columns against recomputation, full-text index."""
        project, store = await self._open(call)
        told = await store.read(examine)
        return {
            **told,
            "project": project.name,
            "warnings": [*project.told, *told["problems"]],
            "file": str(self._projects.file(project.slug)),
            "size_bytes": _size(store.path),
        }

    async def backup(self, call: Call, target: Path | None = None) -> BackupAnswer:
        """Copy the project online into one file; default name under ``<data>/backups``."""
        project, store = await self._open(call)
        if not project.here:
            raise TandemError(
                "project_not_found",
                f"There is no project '{project.name}' yet, so there is nothing to copy.",
                "`workflow-server project` lists those there are.",
            )
        place = target or unused(self._projects.data_dir / "backups", project.slug, self._now())
        await asyncio.to_thread(make_room, place, named=target is not None)
        await store.outside_transaction(lambda connection: copy_online(connection, place))
        _, items = await store.read(_counts)
        return {
            "project": project.name,
            "warnings": [],
            "file": str(place),
            "size_bytes": _size(place),
            "items": items,
        }

    async def restore_backup(self, call: Call, source: Path, *, name: str) -> BackupAnswer:
        """Make project ``name`` from a backup. What the project held is first copied aside, and
        ``file`` names that copy.
        """
        wanted = checked_name(name)
        await asyncio.to_thread(check_backup, source)
        row = await self._projects.find(wanted)
        kept: Path | None = None
        if row is not None and self._projects.file(row.slug).exists():
            kept = Path((await self.backup(Call(call.actor, row.name)))["file"])
        elif row is not None:
            await self._projects.forget_problem(row.slug)
            await asyncio.to_thread(_make_empty, self._projects.file(row.slug))
        else:
            row = await self._projects.create(wanted)
        store = await self._projects.store(row.slug)
        await store.outside_transaction(lambda connection: restore_into(connection, source, row.name))
        await self._projects.adopt(row)
        self._resolver.forget()
        _, items = await store.read(_counts)
        return {
            "project": row.name,
            "warnings": [f"What the project held before is kept in {kept}."] if kept else [],
            "file": str(kept or source),
            "size_bytes": _size(store.path),
            "items": items,
        }

    async def open_store(self, call: Call, *, writing: bool = False) -> tuple[str, Store]:
        """Name and store of the call's project, for export and import.

        ``await store.read(fn)`` and ``await store.write(fn)`` run
        ``fn(connection)`` in one transaction. ``writing`` makes a project that is
        missing and refuses archived ones.
        """
        await self.resolve_project(call, writing=writing)
        project, store = await self._open(call)
        return project.name, store


def _counts(connection: sqlite3.Connection) -> tuple[int, int]:
    row = connection.execute(
        "SELECT coalesce(sum(closed = 0), 0), count(*) FROM item WHERE deleted_at IS NULL"
    ).fetchone()
    return int(row[0]), int(row[1])


def _size(path: Path) -> int:
    return sum(
        part.stat().st_size
        for ending in ("", "-wal")
        if (part := path.with_name(path.name + ending)).exists()
    )


def _make_empty(path: Path) -> None:
    places.own_folder(path.parent)
    places.own_file(path)
