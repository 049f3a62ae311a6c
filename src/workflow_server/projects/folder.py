"""The data folder: a registry of names, one file per project, and the files this process has open."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from bridge.agreed import places
from bridge.agreed.errors import TandemError, did_you_mean
from workflow_server.projects import register
from workflow_server.projects.names import checked_name, refuse_path, slug_of
from workflow_server.projects.register import ProjectRow
from workflow_server.store import PROJECT_FILE, REGISTRY_FILE, DamagedError, Store, set_aside
from workflow_server.store.clock import Clock, stamp
from workflow_server.store.errors import BUSY_SECONDS

UNSPECIFIC = "database disk image is malformed"
"""What SQLite says of damage that it does not name, and also where the disk failed to give a page: it makes
SQLITE_CORRUPT of SQLITE_IOERR_CORRUPTFS (vdbe.c).
"""

LOOKS = 6
"""At a file that seems damaged, before the call fails and the file stays."""
LINGER_SECONDS = 2 * BUSY_SECONDS
"""How long a file that was opened anew stays open for the calls that had it: longer than any may wait."""


class ProjectFolder:
    """All projects under one data folder. Opens files late and keeps them open until `close`."""

    def __init__(self, data_dir: Path, clock: Clock):
        self.data_dir = data_dir
        self._clock = clock
        self._registry: Store | None = None
        self._stores: dict[str, Store] = {}
        self._nothing: Store | None = None
        self._opening = asyncio.Lock()
        self._retired: dict[Store, asyncio.Task[None]] = {}

    def file(self, slug: str) -> Path:
        """Where a project is, or would be, kept."""
        return self.data_dir / "projects" / f"{slug}.sqlite3"

    def queues(self) -> dict[str, int]:
        """Writes under way or waiting, by the slug of each open project file."""
        return {slug: store.waiting for slug, store in self._stores.items()}

    async def close(self) -> None:
        """Close every file. The folder can be used again afterwards."""
        beside = [store for store in (self._registry, self._nothing) if store is not None]
        stores = [*self._stores.values(), *beside]
        self._stores, self._registry, self._nothing = {}, None, None
        for store, closing in self._retired.items():
            closing.cancel()
            stores.append(store)
        self._retired = {}
        for store in stores:
            await store.close()

    # The registry

    async def registry(self) -> Store:
        """The registry; made anew out of the project files when it is lost or damaged."""
        if self._registry is None:
            async with self._opening:
                if self._registry is None:
                    self._registry = await self._open_registry()
        return self._registry

    async def _open_registry(self) -> Store:
        path = self.data_dir / places.REGISTRY
        is_new = not path.exists()
        try:
            registry = await Store.open(path, REGISTRY_FILE, create=True)
        except DamagedError:
            set_aside(path)
            registry, is_new = await Store.open(path, REGISTRY_FILE, create=True), True
        if is_new:
            found = await asyncio.to_thread(register.read_project_files, self.data_dir)
            await registry.write(lambda connection: register.add_found(connection, found))
        return registry

    async def rows(self) -> list[ProjectRow]:
        """All registered projects, archived ones last, by name."""
        return await (await self.registry()).read(register.rows)

    async def find(self, name: str) -> ProjectRow | None:
        """The project of that name (in any case) or slug."""
        wanted = name.strip().casefold()
        rows = await self.rows()
        return next((row for row in rows if wanted in (row.name.casefold(), row.slug)), None)

    async def required(self, name: str) -> ProjectRow:
        """The project of that name, or ``project_not_found`` with the names there are."""
        row = await self.find(name)
        if row is None:
            names = [other.name for other in await self.rows()]
            raise TandemError(
                "project_not_found",
                f"There is no project '{name}'.",
                f"Projects: {', '.join(names) or 'none yet'}. Make one with manage_projects action=create."
                + did_you_mean(name, names),
                details={"projects": names},
            )
        return row

    async def create(self, name: str, repository: str | None = None) -> ProjectRow:
        """Make a project, or find the one that another process made meanwhile under this name."""
        name = checked_name(name)
        refuse_path(name)
        slug = slug_of(name)
        now = stamp(self._clock())
        if slug not in self._stores:
            await self._open(slug, create=await self.find(name) is None)
        about = {
            "name": name,
            "created_at": now,
            "repositories": json.dumps([repository] if repository else []),
        }
        await self._stores[slug].write(lambda connection: register.describe(connection, about))
        registry = await self.registry()
        return await registry.write(lambda connection: register.add(connection, slug, about, repository))

    async def by_repository(self, identities: list[str]) -> ProjectRow | None:
        """The project of the first of these repository identities that has one."""
        rows = await self.rows()
        for identity in identities:
            for row in rows:
                if identity in row.repositories:
                    return row
        return None

    async def attach(self, slug: str, identity: str, former: str | None = None) -> None:
        """Let a repository's identity, which replaces ``former``, mean this project."""
        store = await self.store(slug)
        await store.write(lambda connection: register.attach_in_file(connection, identity, former))
        registry = await self.registry()
        await registry.write(lambda connection: register.attach(connection, slug, identity, former))

    async def adopt(self, row: ProjectRow) -> None:
        """After a project's file was replaced by a backup: let the repositories that it was made of mean this
        project too, but for those that mean another one here; it keeps its own."""
        store = await self.store(row.slug)
        for identity in await store.read(register.repositories_in_file):
            # a place, where another repository may stand here
            if not identity.startswith("at:") and await self.by_repository([identity]) is None:
                await self.attach(row.slug, identity)
        for identity in row.repositories:
            await self.attach(row.slug, identity)

    async def set_archived(self, slug: str, archived_at: str | None) -> None:
        """Mark a project as read-only, or take the mark away: in its file, where every process sees it,
        and here.
        """
        store = await self.store(slug)
        await store.write(lambda connection: register.put(connection, "archived_at", archived_at))
        registry = await self.registry()
        await registry.write(
            lambda connection: (
                connection.execute(
                    "UPDATE project SET archived_at = ? WHERE slug = ?", (archived_at, slug)
                ).rowcount
            )
        )

    # Project files

    async def store(self, slug: str) -> Store:
        """The open file of a project. A damaged one is set aside, never overwritten, and the error says
        where it is.
        """
        if slug in self._stores and self._stores[slug].suspect:
            self._retire(self._stores.pop(slug))
            await self._open(slug, create=False, examine=True)
        if slug not in self._stores:
            await self._open(slug, create=False)
        return self._stores[slug]

    async def nothing(self) -> Store:
        """An empty project in memory: what a project that is not there yet holds."""
        async with self._opening:
            if self._nothing is None:
                self._nothing = await Store.in_memory(PROJECT_FILE)
        return self._nothing

    def _retire(self, store: Store) -> None:
        """Close a store later: calls that began with it are still under way."""

        async def close() -> None:
            await asyncio.sleep(LINGER_SECONDS)
            self._retired.pop(store, None)
            await store.close()

        self._retired[store] = asyncio.get_running_loop().create_task(close())

    async def _opened(self, path: Path, *, create: bool, examine: bool) -> Store:
        """The store of a file that is sound. Reads that a disk fails may look like damage, each time
        another one: damaged is a file of which two looks, whole, name the same, or no look names any.
        """
        told: list[str] = []
        for look in range(LOOKS):
            try:
                return await Store.open(path, PROJECT_FILE, create=create, examine=examine or look > 0)
            except DamagedError as error:
                told.append(error.reason)
                named = error.reason != UNSPECIFIC
                if (named and told.count(error.reason) > 1) or told.count(UNSPECIFIC) == LOOKS:
                    raise
        raise TandemError(
            "storage_failed",
            f"{LOOKS} looks at {path} each found something else wrong ({'; '.join(told)}): what fails is "
            "rather the disk than the file, which stays as it is. Nothing was stored.",
            "Call again; if this goes on, check the disk (the system's log names it).",
        )

    async def _open(self, slug: str, *, create: bool, examine: bool = False) -> None:
        path = self.file(slug)
        async with self._opening:
            if slug in self._stores:
                return
            try:
                self._stores[slug] = await self._opened(path, create=create, examine=examine)
                return
            except DamagedError as error:
                kept = set_aside(path)
                problem = f"its file was damaged ({error.reason}) and set aside as {kept}"
            except FileNotFoundError:
                problem = f"its file {path} is gone"
        registry = await self.registry()
        row = await registry.read(lambda connection: register.problem_of(connection, slug))
        if row is None or "set aside" not in row or "set aside" in problem:
            await registry.write(lambda connection: register.mark(connection, slug, problem))
        else:
            problem = row
        raise TandemError(
            "project_damaged",
            f"Project '{slug}' cannot be opened: {problem}.",
            "Put a backup in its place with `workflow-server restore`, or keep working in another project.",
            details={"slug": slug, "file": str(path)},
        )

    async def forget_problem(self, slug: str) -> None:
        """The file is whole again."""
        await (await self.registry()).write(lambda connection: register.mark(connection, slug, None))
