"""Where dead code stands all the same: copied first and deleted later, its id could not go along."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

import numpy as np

from codebase_server.identity.nearby import last_name
from codebase_server.identity.pieces import Rules
from codebase_server.store import Placement, Snapshot, StoredVersion, Tombstone

_LEAST_LINES: Final = 3
"""Lines with something in them below which equal code says nothing by itself: everybody writes it."""

_CARRIED: Final = 0.5
"""Of the chunks of a file that is gone those whose ids live in one other, for that to be its heir."""

_COPIED: Final = 0.8
"""Of the chunks that died with a file those whose equals stand in one other: more, as no id went along."""

_MOST_FILES: Final = 8


class Twins:
    """Finds the living equals of dead chunks of one root; what became of a file is found once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._heirs: dict[str, str] = {}

    def of(self, dead: Tombstone, code: str) -> tuple[Placement | None, list[Placement]]:
        """The one live chunk that dead code is now, and all that equal it; ``code`` is the dead one's.

        It is the one where its whole file was copied, or where no other has its name and code, the code is
        more than a line or two, and the name is the same to its first word or the copy is younger: one that
        stood beside the original all along and is called otherwise was other code before, and still is.
        """
        version = dead.version
        equal = _equal(self._snapshot, [version.normal_hash])
        if not equal:
            return None, []
        named = [one for one in equal if (one.symbol, one.part) == (version.symbol, version.part)]
        copied = [one for one in named if one.path == self.heir(version.path)]
        if len(copied) == 1:
            return copied[0], equal
        if not _telling(code):
            return None, equal
        if len(equal) == 1 and named and version.symbol:
            return named[0], equal
        alike = named if len(equal) > 1 else equal
        if len(alike) == 1 and last_name(alike[0].symbol) == last_name(version.symbol):
            return (alike[0] if self._is_younger(alike[0], version) else None), equal
        return None, equal

    def heir(self, path: str) -> str:
        """The file that has most of what a file had that is gone; empty without one, or with several."""
        if path not in self._heirs:
            self._heirs[path] = "" if self._stands(path) else self._heir(path)
        return self._heirs[path]

    def _heir(self, path: str) -> str:
        past = {version.chunk_id for version in self._snapshot.versions_with(path=path)}
        if not past:
            return ""
        living = self._snapshot.live_chunks(past)
        carried = _most(Counter(one.path for one in living.values()), len(past), _CARRIED)
        if carried:
            return carried
        dead = [
            one
            for one in self._snapshot.tombstones(past - living.keys()).values()
            if one.version.path == path
        ]
        at_last = max(dead, key=lambda one: one.died_at).generation if dead else ""
        last = [one.version for one in dead if one.generation == at_last]
        wanted = {(version.normal_hash, version.symbol) for version in last}
        twins = [
            one
            for one in _equal(self._snapshot, (version.normal_hash for version in last))
            if (one.normal_hash, one.symbol) in wanted
        ]
        found = {(one.path, one.normal_hash, one.symbol) for one in twins}
        counts = Counter(at for at, _, _ in found)
        copy = _most(counts, len(wanted), _COPIED) or self._without_more(counts, len(wanted))
        named = sum(one.end_line - one.start_line + 1 for one in twins if one.path == copy and one.symbol)
        return copy if named >= 2 * _LEAST_LINES else ""

    def _without_more(self, counts: Counter[str], of: int) -> str:
        """The one file that has what died with a file and nothing else, where others have all of it too."""
        whole = [path for path, count in counts.most_common(_MOST_FILES) if count == of]
        exact = [path for path in whole if len(self._snapshot.chunks_in(path)) == of]
        return exact[0] if len(exact) == 1 else ""

    def _stands(self, path: str) -> bool:
        return any(file.path == path for file in self._snapshot.files(path))

    def _is_younger(self, twin: Placement, version: StoredVersion) -> bool:
        """Whether the twin was first seen after the dead code had been."""
        known = self._snapshot.versions([twin.chunk_id, version.chunk_id])
        born, before = known[twin.chunk_id][0], known.get(version.chunk_id, [version])[0]
        if born.root_id != before.root_id:  # generations are counted root by root
            return born.version_id > before.version_id
        return born.n > before.n


def grown_apart(snapshot: Snapshot, version: StoredVersion) -> list[Placement]:
    """Live chunks that had the code of a dead one once, and were edited since."""
    if not version.normal_hash:
        return []
    was = {one.chunk_id for one in snapshot.versions_with(normal_hash=version.normal_hash)}
    return [one for one in snapshot.live_chunks(was).values() if one.normal_hash != version.normal_hash]


def _equal(snapshot: Snapshot, hashes: Iterable[int]) -> list[Placement]:
    versions = [one for value in {*hashes} - {0} for one in snapshot.versions_with(normal_hash=value)]
    ids = np.array(sorted({version.version_id for version in versions}), dtype=np.int32)
    return snapshot.placements(ids[snapshot.is_live(ids)].tolist()) if len(ids) else []


def _most(counts: Counter[str], of: int, least: float) -> str:
    """The path with at least this share of all, if there is one that has more than every other."""
    first = counts.most_common(2)
    if not first or first[0][1] < least * of or (len(first) == 2 and first[1][1] == first[0][1]):
        return ""
    return first[0][0]


def _telling(code: str) -> bool:
    lines = [line for line in code.splitlines() if line.strip()]
    return len(lines) >= _LEAST_LINES and len(code.strip()) >= Rules().telling_size
