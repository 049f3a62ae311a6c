"""What every door of one process shares: the settings, the service, and how a call comes by its folders."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_server.records import Actor, Call, Patience
from workflow_server.service import WorkflowService
from workflow_server.settings import Settings

if TYPE_CHECKING:
    from workflow_server.references import References
    from workflow_server.service.linking import Accepted, Json, Linked, Looked

Roots = Callable[[], Awaitable[Sequence[Path]]]


@dataclass(frozen=True)
class Application:
    """One process of workflow-server. Cheap to make: the service opens nothing before the first call."""

    settings: Settings

    @cached_property
    def service(self) -> WorkflowService:
        """The service with its bridge to the codebase server, unless that is switched off."""
        return WorkflowService(
            self.settings.data_dir, references=self._references, default_project=self.settings.project
        )

    def breakers(self) -> dict[str, str]:
        """Each codebase server asked so far with its breaker: ``closed``, ``open``, ``half-open``."""
        return self._references.breakers() if self._references else {}

    @cached_property
    def _references(self) -> _LateReferences | None:
        """What links and checks references; None keeps them as text."""
        return _LateReferences(self.settings) if self.settings.bridge else None

    def call(self, actor: Actor, project: str | None = None, roots: Roots | None = None) -> Call:
        """The circumstances of one call; `--actor` wins over whatever name the door knows."""
        named = Actor(self.settings.actor, actor.client, actor.door) if self.settings.actor else actor
        return Call(named, project or None, working_folders(), roots)


@dataclass(frozen=True)
class _LateReferences:
    """The bridge, imported when a reference is first asked about: most calls ask about none."""

    settings: Settings

    @cached_property
    def _made(self) -> References:
        from workflow_server.references import References

        return References.from_settings(self.settings)

    async def link(self, given: Sequence[Sequence[str | Json]], call: Call) -> Linked:
        return await self._made.link(given, call)

    async def look(
        self,
        records: Sequence[Sequence[Json]],
        call: Call,
        *,
        code: bool = False,
        patience: Patience | None = None,
    ) -> Looked:
        return await self._made.look(records, call, code=code, patience=patience)

    async def accept(self, records: Sequence[Json], call: Call) -> Accepted:
        return await self._made.accept(records, call)

    def breakers(self) -> dict[str, str]:
        return self._made.breakers() if "_made" in self.__dict__ else {}

    async def close(self) -> None:
        if "_made" in self.__dict__:
            await self._made.close()


def working_folders() -> tuple[Path, ...]:
    """Where the host works: what it says first, then where it started this process."""
    said = os.environ.get("CLAUDE_PROJECT_DIR")
    folders = [Path(said)] if said else []
    with contextlib.suppress(FileNotFoundError):  # the folder was removed under the process
        folders.append(Path.cwd())
    return tuple(folders)
