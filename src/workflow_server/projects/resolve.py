"""Which project a call is about, in the one fixed order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.agreed.errors import TandemError, did_you_mean
from workflow_server.projects.folder import ProjectFolder
from workflow_server.projects.names import checked_name, slug_of
from workflow_server.projects.register import ProjectRow
from workflow_server.records import Call

if TYPE_CHECKING:
    from bridge.agreed.identity import RepositoryIdentity


class Resolver:
    """Finds the project of a call: its argument, this process's selection, the setting, the repository
    it works in.

    A step that names a project is final: nothing falls through to another
    project's data. What a folder belongs to is remembered for the process.
    """

    def __init__(self, folder: ProjectFolder, default_project: str | None):
        self._folder = folder
        self._default = default_project
        self._named: dict[str, ProjectRow] = {}
        self._by_folder: dict[Path, ProjectRow | None] = {}
        self.selected: str | None = None

    def forget(self) -> None:
        """Look again at the next call: projects were made, archived or restored."""
        self._named.clear()
        self._by_folder.clear()

    async def resolve(self, call: Call, *, make: bool = False) -> ProjectRow:
        """The call's project. One that a setting or a repository names and that is not there yet is made
        for a call that writes, ``make``; for any other it is a row that is not ``here``.

        Raises ``project_not_found`` for a wrong argument and
        ``project_unresolved``, with the choices, when nothing names one.
        """
        for name in (call.project, self.selected):
            if name is not None:
                return await self._by_name(name)
        if self._default is not None:
            return await self._default_row(self._default, make=make)
        row = await self._of_folders(call.folders, make=make)
        if row is None and call.roots is not None:
            row = await self._of_folders(await call.roots(), make=make)
        if row is None:
            raise await self._unresolved(call)
        return row

    async def known(self, call: Call) -> str:
        """Name of the project that the call would be about, empty if it is not there yet. Makes none."""
        for name in (call.project, self.selected, self._default):
            if name is not None:
                row = await self._folder.find(name)
                return row.name if row else ""
        for folder in call.folders:
            found = await _repository_of(folder)
            row = await self._folder.by_repository([found.id, _place(found)]) if found else None
            if row is not None:
                return row.name
        return ""

    async def _by_name(self, name: str) -> ProjectRow:
        if name not in self._named:
            self._named[name] = await self._folder.required(name)
        return self._named[name]

    async def _default_row(self, name: str, *, make: bool) -> ProjectRow:
        if name in self._named:
            return self._named[name]
        row = await self._folder.find(name)
        if row is None:
            others = [other.name for other in await self._folder.rows()]
            near = did_you_mean(name, others)
            if not make:
                told = f"There is no project '{name}' yet; the first item makes it.{near}"
                return _absent(name, told)
            row = await self._folder.create(name)
            if near:  # a new name is no news, one that may be a slip is
                self._named[name] = row
                told = f"Project '{name}' was made: there was none of this name.{near}"
                return replace(row, told=(told,))
        self._named[name] = row
        return row

    async def _of_folders(self, folders: Sequence[Path], *, make: bool) -> ProjectRow | None:
        for folder in folders:
            if folder in self._by_folder:
                row = self._by_folder[folder]
            else:
                row = await self._of_repository(folder, make=make)
                if row is None or row.here:
                    self._by_folder[folder] = replace(row, told=()) if row else None
            if row is not None:
                return row
        return None

    async def _of_repository(self, folder: Path, *, make: bool) -> ProjectRow | None:
        found = await _repository_of(folder)
        if found is None:
            return None
        # A repository has no commit at first, and is then known by its place. The place is
        # given up at the first commit: some day another repository may stand there.
        place = _place(found)
        row = await self._folder.by_repository([found.id, place])
        if row is None:
            name, told = await self._free_name(found.common, found.id)
            if not make:
                return _absent(name, *told)
            made = await self._folder.create(name, place if found.basis == "path" else found.id)
            return replace(made, told=told)
        if found.basis != "path" and place in row.repositories:
            await self._folder.attach(row.slug, found.id, former=place)
        return row

    async def _free_name(self, common: Path, repository: str) -> tuple[str, tuple[str, ...]]:
        """The repository's folder name, or that with a mark when another project has it; a warning when
        that one may be meant, being no other repository's.
        """
        from bridge.agreed import identity

        base = identity.folder_name(common)
        other = next((row for row in await self._folder.rows() if row.slug == slug_of(base)), None)
        if other is None:
            return base, ()
        marked = f"{base}-{repository[2:8]}"
        told = (
            f"This repository's project is '{marked}': there is a project '{other.name}' that belongs to no "
            f"repository. If that one is meant, name it (--project {other.name})."
        )
        return marked, () if other.repositories else (told,)

    async def _unresolved(self, call: Call) -> TandemError:
        names = [row.name for row in await self._folder.rows() if row.archived_at is None]
        places = ", ".join(str(folder) for folder in call.folders) or "no folder"
        known = f"projects: {', '.join(names) or 'none yet'}"
        if call.actor.door == "cli":
            message = f"No project is named, and {places} is in no repository."
            hint = (
                f"Name one with --project NAME or WORKFLOW_PROJECT, made where it is missing; {known}. "
                "Or go to a git repository, which has one of its own."
            )
        else:
            message = f"No project is named by this call, and the host works in no repository ({places})."
            hint = (
                f"Pass `project`; {known}. Or choose one with manage_projects action=select, or make one "
                "with action=create."
            )
        return TandemError(
            "project_unresolved",
            message,
            hint,
            details={"projects": names},
        )


def _absent(name: str, *told: str) -> ProjectRow:
    """A project that is not there: it holds nothing."""
    clean = checked_name(name)
    return ProjectRow(slug_of(clean), clean, "", None, None, (), here=False, told=told)


async def _repository_of(folder: Path) -> RepositoryIdentity | None:
    """The git repository that a folder lies in; a plain folder is none, however often it is worked in."""
    from bridge.agreed import identity

    try:
        found = await asyncio.to_thread(identity.of_folder, folder)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return None if found.common == found.top else found


def _place(found: RepositoryIdentity) -> str:
    return f"at:{found.common}"
