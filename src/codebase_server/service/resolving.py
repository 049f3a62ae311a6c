"""`resolve`: what became of references, each in the root it belongs to."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from bridge.agreed.errors import TandemError
from bridge.agreed.resolution import ReferenceQuery, Resolution, ResolveRequest
from bridge.agreed.states import DENIED, FOUND
from bridge.agreed.syntax import parse
from codebase_server.identity import resolve as judging
from codebase_server.index.denial import Denial
from codebase_server.service import entries
from codebase_server.service.answers import ResolveAnswer, Resolved

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
    places: dict[str, list[int]] = defaultdict(list)
    for number, query in enumerate(request.references):
        places[query.root or query.repository].append(number)
    generations: dict[str, str] = {}
    warnings: list[str] = []
    for place, numbers in places.items():
        queries = [request.references[number] for number in numbers]
        try:
            opened = _opened(opened_at, queries[0])
            warnings.extend(opened.freshen(FIRST_WAIT_S, look_s=LOOK_S))
            found, generation = _judged(opened, queries, request)
            shown = {one.file_path for one in found if one.state in FOUND}
            # edited or moved this very moment, or a look that goes on behind has published meanwhile
            asked = shown | {parse(query.ref).path for query in queries}
            if opened.index.refresh_paths(asked) or opened.published()[0] != generation:
                found, generation = _judged(opened, queries, request)
            denial = Denial.STANDS
            if any(one.state in DENIED for one in found):
                left = max(LOOK_S - (time.monotonic() - began), 0.0)
                denial = opened.index.make_sure(began, left, evident=_is_unindexed(opened, queries))
            if denial is Denial.LOOKED_AGAIN:
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
                entry = made[number] = entries.asked_for(resolution, request)
                if denial is Denial.UNSURE:
                    entries.not_denied([entry], opened.unsure())
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


def _is_unindexed(opened: OpenRoot, queries: Sequence[ReferenceQuery]) -> bool:
    """Whether a reference names a file that is on disk, and the index neither has it nor leaves it out."""
    paths = {parse(query.ref).path for query in queries} - {""}
    return any(opened.is_unindexed(path) for path in paths)


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
