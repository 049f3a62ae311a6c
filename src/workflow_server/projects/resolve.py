"""Which project a call is about, in the one fixed order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.agreed.errors import TandemError
from workflow_server.projects.folder import ProjectFolder
from workflow_server.projects.names import slug_of
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

    async def resolve(self, call: Call) -> ProjectRow:
        """The call's project, made when a setting or a repository asks for one that is not there yet.

        Raises ``project_not_found`` for a wrong argument and
        ``project_unresolved``, with the choices, when nothing names one.
        """
        for name in (call.project, self.selected):
            if name is not None:
                return await self._by_name(name)
        if self._default is not None:
            return await self._default_row(self._default)
        row = await self._of_folders(call.folders)
        if row is None and call.roots is not None:
            row = await self._of_folders(await call.roots())
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

    async def _default_row(self, name: str) -> ProjectRow:
        if name not in self._named:
            self._named[name] = await self._folder.find(name) or await self._folder.create(name)
        return self._named[name]

    async def _of_folders(self, folders: Sequence[Path]) -> ProjectRow | None:
        for folder in folders:
            if folder not in self._by_folder:
                self._by_folder[folder] = await self._of_repository(folder)
            if (row := self._by_folder[folder]) is not None:
                return row
        return None

    async def _of_repository(self, folder: Path) -> ProjectRow | None:
        found = await _repository_of(folder)
        if found is None:
            return None
        # A repository has no commit at first, and is then known by its place. The place is
        # given up at the first commit: some day another repository may stand there.
        place = _place(found)
        row = await self._folder.by_repository([found.id, place])
        if row is None:
            name = await self._free_name(found.common, found.id)
            return await self._folder.create(name, place if found.basis == "path" else found.id)
        if found.basis != "path" and place in row.repositories:
            await self._folder.attach(row.slug, found.id, former=place)
        return row

    async def _free_name(self, common: Path, repository: str) -> str:
        """The repository's folder name, or that with a mark when another project has it."""
        top = common.parent if common.name == ".git" else common
        base = top.name.removesuffix(".git") or "project"
        taken = {row.slug for row in await self._folder.rows()}
        return base if slug_of(base) not in taken else f"{base}-{repository[2:8]}"

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
