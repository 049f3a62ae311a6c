"""What dead code most likely became: told as candidates, with how much of it is found there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from codebase_server.identity.meant import Meant
from codebase_server.identity.nearby import MOST, last_name, named_so
from codebase_server.identity.pieces import Rules
from codebase_server.identity.similarity import containment, profile
from codebase_server.identity.twins import grown_apart
from codebase_server.store import Placement, Snapshot, StoredVersion, Tombstone

Scored = tuple[Placement, float]

_MOST_TOLD: Final = 3
MOST_YOUNGER: Final = 20
"""Younger chunks of about the same length that are compared with one that died."""

_NAME: Final = 40
"""Characters by which another name makes code longer or shorter."""

_LEAST_TOLD: Final = 0.05
"""Share of the code below which what has it is nobody's successor, whatever its name: any two functions share
a bracket."""

SAME_BUT_FOR_ITS_NAME: Final = 0.999
"""The score of code in which all of the dead one is found; only what is equal to it has 1."""

_MOST_COMPARED: Final = 300
"""Chunks that one request compares with what is dead: a project with thousands of dead references is
answered in time, the last ones without candidates that only bear the name."""


class Likely:
    """Finds the candidates for the dead references of one request."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._left, self._younger_left = _MOST_COMPARED, _MOST_COMPARED

    def of_dead(self, dead: Tombstone, code: str, equal: Sequence[Placement]) -> list[Scored]:
        """For a chunk that died: its equals, what took most of it when it died, copies that were edited
        since, and definitions of its name; best first."""
        successors = self._snapshot.live_chunks(chunk_id for chunk_id, _ in dead.successors)
        known = [(one, 1.0) for one in equal]
        known += [
            (successors[chunk_id], score) for chunk_id, score in dead.successors if chunk_id in successors
        ]
        version = dead.version
        meant = Meant(version.path, version.symbol, code=code)
        copies = self._compared(grown_apart(self._snapshot, version)[:MOST], meant) if self._left else []
        return self.or_named_so([*known, *copies, *self._renamed_copies(version, meant)], meant)

    def _renamed_copies(self, version: StoredVersion, meant: Meant) -> list[Scored]:
        """Younger code that reads as what died does but for its name: written under another one first, and
        deleted where it stood later."""
        size, rules = len(meant.code), Rules()
        if size < rules.telling_size or not version.symbol or not self._younger_left:
            return []
        spread = size // 4 + _NAME
        near = self._snapshot.younger_like(version, size, spread, MOST_YOUNGER)
        self._younger_left = max(0, self._younger_left - max(len(near), MOST))
        return [one for one in self._held_against(near, meant) if one[1] >= rules.similar_body]

    def or_named_so(self, known: Iterable[Scored], meant: Meant) -> list[Scored]:
        """Some candidates, and definitions that are named like the code that was meant; best first."""
        best: dict[str, Scored] = {}
        named = named_so(self._snapshot, last_name(meant.symbol)) if meant.symbol and self._left else []
        for placement, score in [*known, *self._compared(named, meant)]:
            if score >= _LEAST_TOLD:
                best.setdefault(placement.chunk_id, (placement, score))
        return sorted(best.values(), key=_best_first)[:_MOST_TOLD]

    def _compared(self, placements: Sequence[Placement], meant: Meant) -> list[Scored]:
        """Chunks with the share of the code that was meant which is found in them."""
        some = placements[: self._left] if meant.code else ()
        self._left -= len(some)
        return self._held_against(some, meant)

    def _held_against(self, some: Sequence[Placement], meant: Meant) -> list[Scored]:
        codes = self._snapshot.contents(one.version_id for one in some) if some else {}
        found = []
        for one in some:
            before = profile(meant.code, one.language, meant.symbol or "")
            score = containment(before, profile(codes[one.version_id], one.language, one.symbol))
            found.append((one, round(min(score, SAME_BUT_FOR_ITS_NAME), 3)))
        return found


def _best_first(one: Scored) -> tuple[float, bool, str, int]:
    placement, score = one
    return -score, placement.kind != "code", placement.path, placement.start_line
