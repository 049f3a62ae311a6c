"""In which root or repository a reference is looked for.

A chunk id belongs to one repository, a path to one root. A reference that was
found once knows its repository; a new one is looked for in the repositories of
its item's project and where the host works, and a bare chunk id in every root
that is served. So is a path where nothing says whose it is, and then it must be
of one repository alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bridge.agreed import identity
from bridge.agreed.endpoint import EndpointRoot
from bridge.agreed.resolution import ReferenceQuery, Resolution
from bridge.agreed.snapshots import Snapshot
from bridge.agreed.states import FOUND
from bridge.agreed.syntax import parse
from workflow_server.references.records import snapshot_of

logger = logging.getLogger(__name__)

_IDENTITY_SECONDS: Final = 0.2
"""The first look at a long history can take seconds; a tool call does not wait, a later one has it."""
_MAX_ROOTS: Final = 8


@dataclass(frozen=True, slots=True)
class Place:
    """Where the host works: a root's path and its repository's identity; either may be empty."""

    root: str = ""
    repository: str = ""


NOWHERE: Final = Place()


@dataclass(frozen=True, slots=True)
class Question:
    """The queries of one record: the first is asked where the reference belongs, others elsewhere."""

    queries: tuple[ReferenceQuery, ...]
    anywhere: bool = False
    """Nothing says in which of the repositories to look: what is in several of them is in none."""

    def best(self, answers: Sequence[Resolution]) -> Resolution:
        """Of the answers to these queries: the first that found code, else that of the first that knows.

        A path is not taken from a repository while one that goes before it could not be asked.
        """
        found = [answer for answer in answers if answer.state in FOUND]
        if parse(answers[0].ref).form == "chunk":
            return found[0] if found else min(answers, key=lambda answer: answer.state == "unchecked")
        if self.anywhere and found:
            apart = {answer.repository for answer in found}
            return found[0] if len(apart) == 1 else _ambiguous(found)
        decided = (answer for answer in answers if answer.state in FOUND or answer.state == "unchecked")
        return next(decided, None) or next((one for one in answers if one.candidates), answers[0])


def question(
    record: Mapping[str, Any], places: Sequence[Place], served: Sequence[EndpointRoot]
) -> Question | None:
    """How to ask what became of a record; None for one that no codebase server can answer: URL, commit."""
    reference = str(record["ref"])
    form = parse(reference).form
    if form in {"url", "commit"}:
        return None
    kept = snapshot_of(record)
    repository = str(record.get("repository") or (kept.repository if kept else ""))
    if repository:
        root = next((one.root for one in places if one.root and one.repository in (repository, "")), "")
        return Question((ReferenceQuery(reference, root, repository, kept),))
    if form != "chunk" and places:
        return Question(_queries(reference, places, kept))
    apart = {one.repository: Place(one.root, one.repository) for one in reversed(served)}
    everywhere = [*places, *list(reversed(apart.values()))[:_MAX_ROOTS]]
    return Question(_queries(reference, everywhere or [NOWHERE], kept), anywhere=not places)


def _queries(reference: str, places: Sequence[Place], kept: Snapshot | None) -> tuple[ReferenceQuery, ...]:
    return tuple(ReferenceQuery(reference, one.root, one.repository, kept) for one in dict.fromkeys(places))


def _ambiguous(found: Sequence[Resolution]) -> Resolution:
    """What stands in several repositories, and may be meant in any of them."""
    named = ", ".join(dict.fromkeys(f"{one.repository} ({one.root})" for one in found))
    return Resolution(
        ref=found[0].ref,
        state="unresolved",
        reason=f'It is in several repositories: {named}. Say which: {{"ref": ..., "repository": ...}}.',
    )


async def places_of(
    folders: Sequence[Path], repositories: Sequence[str], served: Sequence[EndpointRoot]
) -> list[Place]:
    """Where a text that names no repository is looked for, in this order; empty when nothing tells.

    The checkout that one of ``folders`` lies in, where it is of one of the project's ``repositories`` or the
    project has none; else the project's repositories first.
    """
    here = await place_of(folders, served)
    of_project = [Place(here.root if one == here.repository else "", one) for one in repositories]
    if here == NOWHERE:
        return of_project
    if here.repository in repositories:
        return [here, *(one for one in of_project if one != here)]
    return [*of_project, here]


async def place_of(folders: Sequence[Path], served: Sequence[EndpointRoot]) -> Place:
    """The root that the first of ``folders`` to lie in one lies in; served ones are preferred.

    A worktree within a served root is a place of its own.
    """
    real = [folder.absolute() for folder in folders]
    for folder in real:
        for root in sorted(served, key=lambda one: -len(one.root)):
            top = Path(root.root)
            if top in (folder, *folder.parents) and not identity.is_apart(folder, top):
                return Place(root.root, root.repository)
    for folder in real:
        found = await _identified(folder)
        if found is not None:
            return found
    return NOWHERE


async def _identified(folder: Path) -> Place | None:
    """The checkout that a folder lies in; its repository is empty where that takes long to find out."""
    try:
        top = identity.top_folder(folder)
        if top is None:
            return None
        async with asyncio.timeout(_IDENTITY_SECONDS):
            return Place(str(top), (await asyncio.to_thread(identity.of_folder, folder)).id)
    except TimeoutError:
        logger.info("the repository of %s is not known yet", top)
        return Place(str(top))
    except (OSError, ValueError) as error:
        logger.info("the repository of the working folder is not known: %s", type(error).__name__)
        return None
