"""In which root or repository a reference is looked for.

A chunk id belongs to one repository, a path to one root. A reference that was
found once knows its repository; a new one is looked for where the host works,
and a bare chunk id in every root that is served.
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

    def best(self, answers: Sequence[Resolution]) -> Resolution:
        """Of the answers to these queries: the first that found code, else that of the first that knows."""
        for answer in answers:
            if answer.state in FOUND:
                return answer
        return min(answers, key=lambda answer: answer.state == "unchecked")


def question(record: Mapping[str, Any], here: Place, served: Sequence[EndpointRoot]) -> Question | None:
    """How to ask what became of a record; None for one that no codebase server can answer: URL, commit."""
    reference = str(record["ref"])
    form = parse(reference).form
    if form in {"url", "commit"}:
        return None
    kept = snapshot_of(record)
    repository = str(record.get("repository") or (kept.repository if kept else ""))
    if repository:
        root = here.root if here.repository == repository else ""
        return Question((ReferenceQuery(reference, root, repository, kept),))
    places = [here]
    if form == "chunk":
        places += [Place(one.root, one.repository) for one in served[:_MAX_ROOTS]]
        if not served:
            places.append(NOWHERE)
    return Question(
        tuple(ReferenceQuery(reference, one.root, one.repository, kept) for one in dict.fromkeys(places))
    )


async def place_of(folders: Sequence[Path], served: Sequence[EndpointRoot]) -> Place:
    """The root that the first of ``folders`` to lie in one lies in; served ones are preferred."""
    real = [folder.absolute() for folder in folders]
    for folder in real:
        for root in sorted(served, key=lambda one: -len(one.root)):
            if Path(root.root) in (folder, *folder.parents):
                return Place(root.root, root.repository)
    for folder in real:
        found = await _identified(folder)
        if found is not None:
            return found
    return NOWHERE


async def _identified(folder: Path) -> Place | None:
    def look() -> Place | None:
        top = identity.top_folder(folder)
        return None if top is None else Place(str(top), identity.of_folder(folder).id)

    try:
        async with asyncio.timeout(_IDENTITY_SECONDS):
            return await asyncio.to_thread(look)
    except (TimeoutError, OSError, ValueError) as error:
        logger.info("the repository of the working folder is not known yet: %s", type(error).__name__)
        return None
