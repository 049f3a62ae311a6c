"""Finding code whose id this index never knew, by what was kept of it."""

from __future__ import annotations

import numpy as np

from codebase_server.identity.meant import Meant
from codebase_server.identity.normal import normal_hash
from codebase_server.identity.similarity import containment, profile, similarity
from codebase_server.store import Placement, Snapshot, StoredVersion

SAME_PLACE = 0.5
"""Least similarity of code that stands where the lost code stood."""

ELSEWHERE = 0.75
"""Least similarity of code of the same name that stands anywhere else."""

_NAMED = 0.3
"""Least similarity to be named as a candidate."""

_MARGIN = 0.08
_MOST_COMPARED = 60


def find_by_snapshot(
    snapshot: Snapshot, meant: Meant
) -> tuple[Placement | None, list[tuple[Placement, float]]]:
    """The one live chunk that the kept code is, or up to three candidates with scores.

    Equal code first (where it stood, else the only one of its kind), then code
    of the same name that is similar enough and clearly the most similar.
    """
    equal = _equal(snapshot, meant)
    here = [placement for placement in equal if meant.stands(placement.path, placement.symbol)]
    if len(here) == 1:
        return here[0], []
    if len(equal) == 1:
        return equal[0], []
    if equal:
        return None, [(placement, 1.0) for placement in equal[:3]]
    ranked = _ranked(snapshot, meant)
    if ranked:
        best, score = ranked[0]
        in_place = meant.stands(best.path, best.symbol)
        clear = len(ranked) == 1 or score - ranked[1][1] >= _MARGIN
        if clear and score >= (SAME_PLACE if in_place else ELSEWHERE):
            return best, []
    return None, [pair for pair in ranked if pair[1] >= _NAMED][:3]


def _equal(snapshot: Snapshot, meant: Meant) -> list[Placement]:
    """Live chunks with the very code, or with the same code in another formatting."""
    found = snapshot.chunks_with_content(meant.content_hash) if meant.content_hash else []
    if found or not meant.code or meant.truncated:
        return found
    near = [*snapshot.find_chunks(meant.symbol), *snapshot.chunks_in(meant.path)] if meant.symbol else []
    language = next((placement.language for placement in near), "")
    value = normal_hash(meant.code, language)
    return _live(snapshot, snapshot.versions_with(normal_hash=value)) if value else []


def _ranked(snapshot: Snapshot, meant: Meant) -> list[tuple[Placement, float]]:
    if not meant.code:
        return []
    pool = {placement.version_id: placement for placement in snapshot.chunks_in(meant.path)}
    if meant.symbol:
        for placement in snapshot.find_chunks(meant.symbol):
            pool[placement.version_id] = placement
    chosen = list(pool.values())[:_MOST_COMPARED]
    codes = snapshot.contents(placement.version_id for placement in chosen)
    scored = []
    for placement in chosen:
        before = profile(meant.code, placement.language, meant.symbol or "")
        now = profile(codes[placement.version_id], placement.language, placement.symbol)
        score = containment(before, now) if meant.truncated else similarity(before, now)
        scored.append((placement, round(score, 3)))
    scored.sort(key=lambda pair: (-pair[1], pair[0].path, pair[0].start_line))
    return scored


def _live(snapshot: Snapshot, versions: list[StoredVersion]) -> list[Placement]:
    ids = np.array(sorted(version.version_id for version in versions), dtype=np.int32)
    return snapshot.placements(ids[snapshot.is_live(ids)].tolist()) if len(ids) else []
