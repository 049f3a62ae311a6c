"""`resolve`: what became of references, each in the root it belongs to."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from bridge.agreed.errors import TandemError
from bridge.agreed.resolution import ReferenceQuery, Resolution, ResolveRequest
from bridge.agreed.states import FOUND
from codebase_server.identity import resolve as judging
from codebase_server.service import entries
from codebase_server.service.answers import ResolveAnswer, Resolved

if TYPE_CHECKING:
    from codebase_server.service.opened import OpenRoot

OpenedAt = Callable[[str | None], "OpenRoot"]
"""The root that a path or a repository identity means; raises the root errors of `Roots.select`."""

FIRST_WAIT_S: Final = 0.05
"""A workflow tool gives the whole request 300 ms: an index that is not there yet is not waited for."""


def resolve(opened_at: OpenedAt, request: ResolveRequest) -> ResolveAnswer:
    """One entry a reference, in the order asked; those of a root that cannot be asked are unchecked."""
    started = time.perf_counter()
    made: list[Resolved | None] = [None] * len(request.references)
    places: dict[str, list[int]] = defaultdict(list)
    for number, query in enumerate(request.references):
        places[query.root or query.repository].append(number)
    generations: dict[str, str] = {}
    warnings: list[str] = []
    for place, numbers in places.items():
        queries = [request.references[number] for number in numbers]
        try:
            opened = _opened(opened_at, queries[0])
            warnings.extend(opened.freshen(FIRST_WAIT_S))
            found, generation = _judged(opened, queries, request)
            shown = {one.file_path for one in found if one.state in FOUND}
            if opened.index.refresh_paths(shown):  # edited or moved this very moment
                found, generation = _judged(opened, queries, request)
        except TandemError as problem:
            for number, query in zip(numbers, queries, strict=True):
                made[number] = _unasked(query, problem, place)
            continue
        generations[str(opened.root.path)] = generation
        behind = frozenset(opened.index.behind(shown))
        for number, resolution in zip(numbers, found, strict=True):
            if resolution.state in FOUND and resolution.file_path in behind:
                made[number] = _too_early(resolution, str(opened.root.path))
            else:
                made[number] = entries.asked_for(resolution, request)
    return {
        "references": [entry for entry in made if entry is not None],
        "generations": generations,
        "latency_ms": round((time.perf_counter() - started) * 1000, 3),
        "warnings": list(dict.fromkeys(warnings)),
    }


def _opened(opened_at: OpenedAt, query: ReferenceQuery) -> OpenRoot:
    """The root that a reference names; the root of its repository where the root itself is not served."""
    if query.root:
        try:
            return opened_at(query.root)
        except TandemError:
            if not query.repository:
                raise
    return opened_at(query.repository or None)


def _judged(
    opened: OpenRoot, queries: Sequence[ReferenceQuery], request: ResolveRequest
) -> tuple[list[Resolution], str]:
    with opened.snapshot() as snapshot:
        try:
            found = judging.resolve(snapshot, queries, content=request.content, diff=request.diff)
            return found, snapshot.generation
        except TandemError:
            # One of them cannot be read as a reference: the others are answered all the same.
            return [_alone(opened, query, request) for query in queries], snapshot.generation


def _alone(opened: OpenRoot, query: ReferenceQuery, request: ResolveRequest) -> Resolution:
    with opened.snapshot() as snapshot:
        try:
            return judging.resolve(snapshot, [query], content=request.content, diff=request.diff)[0]
        except TandemError as problem:
            return Resolution(query.ref, "unresolved", reason=problem.text)


def _too_early(found: Resolution, root: str) -> Resolved:
    reason = f"{found.file_path} has changed on disk and is being indexed; ask again."
    return entries.unplaced(found.ref, "unchecked", reason, {"root": root, "repository": found.repository})


def _unasked(query: ReferenceQuery, problem: TandemError, place: str) -> Resolved:
    where = {"root": query.root, "repository": query.repository}
    return entries.unplaced(query.ref, "unchecked", problem.text, where)
