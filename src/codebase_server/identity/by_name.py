"""A definition that this index knows by its name alone: it was linked in an index that is not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bridge.agreed import states
from bridge.agreed.resolution import ReferenceQuery, Resolution
from bridge.agreed.snapshots import Snapshot as Kept
from codebase_server.identity.judge import Judge
from codebase_server.identity.meant import last_known
from codebase_server.identity.normal import same_code
from codebase_server.identity.similarity import containment, profile, similarity
from codebase_server.identity.whole import link
from codebase_server.store import Placement


def compare(judge: Judge, query: ReferenceQuery, kept: Kept, parts: Sequence[Placement]) -> Resolution:
    """The resolution of a definition of several chunks, none of whose ids that were kept is known."""
    now = link(judge, query, parts, parts[0].symbol)
    before = set(kept.chunk_hashes)
    equal = [part for part in parts if part.content_hash in before]
    if len(equal) == len(parts) and before == {part.content_hash for part in parts}:
        return now
    by_line = sorted(parts, key=lambda part: part.start_line)
    codes = [judge.code(part) for part in by_line]
    names = (kept.symbol, parts[0].symbol)
    if kept.code and not kept.truncated and same_code(kept.code, "\n".join(codes), parts[0].language, names):
        return now
    alike = _likeness(kept, by_line, codes)
    return replace(
        now,
        state="changed",
        similarity=None if alike is None else round(min(alike, 0.999), 3),
        was=last_known(kept),
        reason=f"{states.CHANGED} {len(equal)} of its {len(parts)} parts read as they did.",
    )


def _likeness(kept: Kept, parts: Sequence[Placement], codes: Sequence[str]) -> float | None:
    """How alike the definition is to what was kept of it, 0 to 1; None where too little of it was kept.

    Of long code the beginning alone is kept, beside the hash of each part: a part with a known hash is as
    it was, one that stands where the kept code reaches is looked for in that, and of any other part that
    is new or gone nothing can be said. ``parts`` are in the order of their lines.
    """
    if not kept.code:
        return None
    language, symbol = parts[0].language, parts[0].symbol
    known = profile(kept.code, language, kept.symbol)
    if not kept.truncated:
        return similarity(known, profile("\n".join(codes), language, symbol))
    before = set(kept.chunk_hashes)
    changed = sum(part.content_hash not in before for part in parts)
    if len(before - {part.content_hash for part in parts}) > changed:
        return None  # parts are gone, and nobody knows how long they were
    at, same = 0, 0.0
    for part, code in zip(parts, codes, strict=True):
        if part.content_hash in before:
            same += len(code)
        elif at + len(code) <= len(kept.code):
            same += len(code) * containment(profile(code, language, symbol), known)
        else:
            return None
        at += len(code) + 1
    return same / at
