"""`resolve`: what became of references, each in the root it belongs to."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from bridge.agreed.errors import TandemError
from bridge.agreed.resolution import ReferenceQuery, Resolution, ResolveRequest
from bridge.agreed.states import BEING_INDEXED, DENIED, FOUND
from bridge.agreed.syntax import parse
from codebase_server.identity import resolve as judging
from codebase_server.service import entries, paths
from codebase_server.service.answers import ResolveAnswer, Resolved
from codebase_server.service.current import Current, Look, answered, seen
from codebase_server.service.errors import CheckoutUnknownError, RootUnknownError

if TYPE_CHECKING:
    from codebase_server.service.opened import OpenRoot

OpenedAt = Callable[[str | None], "OpenRoot"]
"""The root that a path or a repository identity means; raises the root errors of `Roots.select`."""

FIRST_WAIT_S: Final = 0.05
"""A workflow tool gives the whole request 300 ms: an index that is not there yet is not waited for."""

LOOK_S: Final = 0.2
"""Of these 300 ms, how long looks at the disk are waited for, all together."""


def resolve(opened_at: OpenedAt, request: ResolveRequest) -> ResolveAnswer:
    """One entry a reference, in the order asked; those of a root that cannot be asked are unchecked."""
    started, began = time.perf_counter(), time.monotonic()
    made: list[Resolved | None] = [None] * len(request.references)
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, query in enumerate(request.references):
        places[query.root, query.repository].append(number)
    generations: dict[str, str] = {}
    warnings: list[str] = []
    for numbers in places.values():
        queries = [request.references[number] for number in numbers]
        try:
            opened = _opened(opened_at, queries[0])
            warnings.extend(opened.freshen(FIRST_WAIT_S, look_s=LOOK_S))
            now = _judged(opened, queries, request, began)
        except TandemError as problem:
            for number, query in zip(numbers, queries, strict=True):
                made[number] = _unasked(query, problem)
            continue
        generations[str(opened.root.path)] = now.generation
        for number, resolution in zip(numbers, now.answer, strict=True):
            if resolution.state in FOUND and resolution.file_path in now.behind:
                made[number] = _too_early(resolution, str(opened.root.path))
            else:
                entry = made[number] = entries.asked_for(resolution, request)
                if now.unsure:
                    entries.not_denied([entry], opened.unsure())
    return {
        "references": [entry for entry in made if entry is not None],
        "generations": generations,
        "latency_ms": round((time.perf_counter() - started) * 1000, 3),
        "warnings": list(dict.fromkeys(warnings)),
    }


def _judged(
    opened: OpenRoot, queries: Sequence[ReferenceQuery], request: ResolveRequest, began: float
) -> Current[list[Resolution]]:
    """The references of one root, judged by the disk as it is."""
    named = {_from_root(parse(query.ref).path, opened) for query in queries} - {""}

    def look() -> Look[list[Resolution]]:
        with opened.snapshot() as snapshot:
            found = judging.resolve(snapshot, queries, content=request.content, diff=request.diff)
            return seen(snapshot, found, named | {one.file_path for one in found if one.state in FOUND})

    return answered(
        opened,
        look,
        began=began,
        denies=lambda found: any(one.state in DENIED for one in found),
        at_most=LOOK_S,
        evident=lambda: any(opened.is_unindexed(path) for path in named),
    )


def _from_root(path: str, opened: OpenRoot) -> str:
    """A path as the index names it; as it is where it leads out of the root."""
    try:
        return paths.inside(path, opened.root.path) if path else ""
    except TandemError:
        return path


def _opened(opened_at: OpenedAt, query: ReferenceQuery) -> OpenRoot:
    """The root that a reference names, or else that of its repository.

    Where the root stands on this machine and is not served, no other checkout of its repository is asked:
    what is true of that may be false of the one that is meant. A root that is nowhere here is that of a
    caller who sees the code in another place, from within a container for one.
    """
    if query.root:
        try:
            return opened_at(query.root)
        except RootUnknownError as problem:
            if os.path.isdir(query.root):  # noqa: PTH112  # Path.is_dir raises for a text that is no path
                raise CheckoutUnknownError(query.root) from problem
            if not query.repository:
                raise
    return opened_at(query.repository or None)


def _too_early(found: Resolution, root: str) -> Resolved:
    reason = f"{found.file_path} has changed on disk and is {BEING_INDEXED}; ask again."
    return entries.unplaced(found.ref, "unchecked", reason, {"root": root, "repository": found.repository})


def _unasked(query: ReferenceQuery, problem: TandemError) -> Resolved:
    where = {"root": query.root, "repository": query.repository}
    return entries.unplaced(query.ref, "unchecked", problem.text, where)
