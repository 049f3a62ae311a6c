"""Definitions that have no chunk of their own: a constant, a macro, a prototype among its neighbours."""

from __future__ import annotations

from dataclasses import replace

from bridge.agreed import states
from bridge.agreed.resolution import Resolution
from bridge.agreed.snapshots import Snapshot as Kept
from codebase_server.identity.judge import Judge
from codebase_server.identity.nearby import dotted, last_name
from codebase_server.store import Placement, StoredDefinition


def holding(judge: Judge, path: str, symbol: str) -> list[Placement]:
    """The chunks that hold a definition which has none of its own, by its whole name or a clear end of it."""
    found = [
        one
        for it in _defined(judge, path, symbol)
        for one in judge.snapshot.chunks_at(path, it.start_line, it.start_line)
    ]
    return list({one.version_id: one for one in found}.values())


def judged(judge: Judge, found: Resolution, kept: Kept, symbol: str) -> Resolution:
    """What became of a definition, by what became of the chunk that held it.

    Where its own lines stand in the chunk as they were, what changed is about its neighbours. Where the
    definition is in it no more, the reason says so.
    """
    if found.state != "changed" or found.was is None or last_name(found.symbol) == last_name(symbol):
        return found
    if last_name(found.was.symbol) == last_name(symbol):
        return found
    defined = _defined(judge, found.file_path, symbol)
    if not defined:
        return replace(found, reason=f"'{symbol}' is no longer defined in it. {found.reason}".strip())
    if len(defined) == 1 and _stands(judge, found, kept, defined[0]):
        if found.file_path == kept.path:
            return replace(found, state="valid", similarity=None, was=None, reason="", diff="")
        return replace(found, state="moved", similarity=None, reason=states.MOVED, diff="")
    return found


def _stands(judge: Judge, found: Resolution, kept: Kept, defined: StoredDefinition) -> bool:
    """Whether the lines of a definition are in the code that was kept of its chunk as they are now."""
    before = judge.snapshot.content_with_hash(kept.content_hash) if kept.content_hash else None
    if before is None:
        before = "" if kept.truncated else kept.code
    placement = judge.placement(found.chunk_id)
    if placement is None or not before:
        return False
    start = defined.start_line - placement.start_line
    own = judge.code(placement).split("\n")[start : defined.end_line - placement.start_line + 1]
    return start >= 0 and bool(own) and "\n".join(["", *own, ""]) in f"\n{before}\n"


def _defined(judge: Judge, path: str, symbol: str) -> list[StoredDefinition]:
    """The definitions of one qualified name in a file; none where the text fits several names."""
    ending = f".{dotted(symbol)}"
    found = [
        one
        for one in judge.snapshot.definitions(last_name(symbol), path=path)
        if one.path == path and f".{one.qualified}".endswith(ending)
    ]
    return found if len({one.qualified for one in found}) == 1 else []
