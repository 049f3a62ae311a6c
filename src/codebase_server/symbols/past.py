"""What became of a name that no definition bears any more: code is known by its identity, not by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from codebase_server.store import Snapshot
from codebase_server.store.past import PastDefinition, past_definitions, was_changed
from codebase_server.symbols.wanted import Wanted

MOST_TOLD: Final = 3


def became(snapshot: Snapshot, name: str, wanted: Wanted) -> str:
    """What the root knows of a name that it once had: renamed, or deleted, and where; empty for none."""
    past = [
        one
        for one in past_definitions(snapshot.connection, snapshot.root_id, wanted.last)
        if wanted.fit(one.definition) is not None
    ]
    if not past:
        return ""
    same_case = [one for one in past if one.definition.name == wanted.last]
    latest: dict[str, PastDefinition] = {}
    for one in same_case or past:
        latest.setdefault(one.chunk_id, one)
    told = (*_renamed(snapshot, latest), *_deleted(snapshot, latest))
    return f"{name} {'; another '.join(told[:MOST_TOLD])}." if told else ""


def _renamed(snapshot: Snapshot, past: dict[str, PastDefinition]) -> list[str]:
    """Of chunks that live on, those that are another symbol by now."""
    said = []
    for chunk_id, now in snapshot.live_chunks(past).items():
        before = past[chunk_id]
        was_whole = before.symbol == before.definition.qualified
        if (
            was_whole
            and now.symbol != before.symbol
            and was_changed(snapshot.connection, snapshot.root_id, chunk_id)
        ):
            said.append(f"is {now.symbol} now ({now.path}:{now.start_line})")
    return said


def _deleted(snapshot: Snapshot, past: dict[str, PastDefinition]) -> list[str]:
    said = []
    for chunk_id in snapshot.tombstones(past):
        last = past[chunk_id].definition
        if reason := _left_out(snapshot, last.path):
            said.append(
                f"stood in {last.path}:{last.start_line}-{last.end_line}, which is not indexed any more: "
                f"{reason} ({chunk_id}: get_chunks shows its code as it was)"
            )
            continue
        said.append(
            f"was deleted: it last stood in {last.path}:{last.start_line}-{last.end_line} "
            f"({chunk_id}: get_chunks shows its code and what may have become of it)"
        )
    return said


def _left_out(snapshot: Snapshot, path: str) -> str:
    """Why a file that is there is not indexed; empty for one that is, or is not there."""
    if snapshot.skipped(path):
        return snapshot.left_out(path)
    # What git ignores it does not even list.
    is_there = not snapshot.files(path) and (Path(snapshot.root) / path).is_file()
    return "ignored" if is_there else ""
