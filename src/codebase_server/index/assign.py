"""Giving ids: the matching ladder fed from the store, then derived ids for what is left."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from codebase_server.identity import DEAD, Piece, Rules, derived_id, unused_id
from codebase_server.identity.align import align_file
from codebase_server.identity.match import match
from codebase_server.identity.pieces import Profiles
from codebase_server.index import pieces
from codebase_server.index.pieces import CodeOf, appeared
from codebase_server.store.batch import PreparedFile
from codebase_server.store.live import contained, placements_of

_ELSEWHERE = replace(Rules(), name_successors=False, short_in_file=False)


@dataclass(slots=True)
class Settled:
    """Ids per file, in the order of its chunks, and the successors of what nothing took over."""

    ids: dict[str, list[str]] = field(default_factory=dict)
    successors: dict[str, list[tuple[str, float]]] = field(default_factory=dict)


class Assigner:
    """Gives ids to the chunks of one pass over one root. Reads the store, writes nothing.

    ``taken`` are the ids given in this pass: none is given twice.
    """

    def __init__(
        self, connection: sqlite3.Connection, repository: str, root_id: int, live: NDArray[np.int32]
    ) -> None:
        self._connection = connection
        self._repository = repository
        self._root_id = root_id
        self._live = live
        self.taken: set[str] = set()

    def placed(self, paths: Sequence[str]) -> dict[str, list[Piece]]:
        """The chunks that now stand in files of the root, by path, in order of their lines."""
        found = self._connection.execute(
            "SELECT root_file.path, placements FROM root_file JOIN file USING (file_id) "
            "WHERE root_id = ? AND root_file.path IN (SELECT value FROM json_each(?))",
            (self._root_id, json.dumps(list(paths))),
        ).fetchall()
        order = {path: placements_of(blob)[:, 0].tolist() for path, blob in found}
        of_version = {
            piece.key: piece
            for piece in pieces.stored(
                self._connection,
                pieces.ALL + " WHERE version_id IN (SELECT value FROM json_each(?))",
                [version_id for version_ids in order.values() for version_id in version_ids],
            )
        }
        return {
            path: [replace(of_version[version_id], position=at) for at, version_id in enumerate(numbers)]
            for path, numbers in order.items()
        }

    def settle_alone(self, old: Sequence[Piece], file: PreparedFile) -> list[str] | None:
        """The ids of an edited file, when each chunk of it before and after has its partner; else None.

        Nor where another file of this pass has one of the ids: what stands there again as it once stood.
        """
        come = appeared([file])
        if not self.taken.isdisjoint(piece.owner for piece in old) or self._returned(old, come):
            return None
        found = align_file(old, come, Profiles(CodeOf(self._connection, {file.path: file}, come)), Rules())
        if len(found) != len(old) or len(found) != len(come):
            return None
        owner = {piece.key: piece.owner for piece in old}
        ids = [""] * len(come)
        for pair in found:
            ids[pair.appeared] = owner[pair.vanished]
        self.taken.update(ids)
        return ids

    def settle(self, vanished: Sequence[Piece], files: Sequence[PreparedFile]) -> Settled:
        """Ids for the chunks of ``files``, against what vanished, then what the repository remembers."""
        if not vanished and not self._had_past:
            return self._settle_new(files)
        come = appeared(files)
        by_path = {file.path: file for file in files}
        code_of = CodeOf(self._connection, by_path, come)
        vanished = [piece for piece in vanished if piece.owner not in self.taken]
        owner = {piece.key: piece.owner for piece in vanished}
        ids = self._returned(vanished, come)
        first = match(vanished, come, code_of, settled=ids.keys())
        for pair in first.matches:
            ids[pair.appeared] = owner[pair.vanished]
        self.taken.update(ids.values())
        left = [piece for piece in come if piece.key not in ids]
        if left and (self._had_past if not vanished else self._has_past()):
            gone = {piece.owner for piece in vanished} - self.taken
            self._remember(left, gone, code_of, ids)
        self._derive([piece for piece in come if piece.key not in ids], ids)
        settled = Settled()
        for piece in come:
            settled.ids.setdefault(piece.path, []).append(ids[piece.key])
        for file in files:
            settled.ids.setdefault(file.path, [])
        for key, successors in first.successors.items():
            if owner[key] not in self.taken:
                settled.successors[owner[key]] = [(ids[new], score) for new, score in successors]
        return settled

    def _settle_new(self, files: Sequence[PreparedFile]) -> Settled:
        """Ids where there is nothing that any chunk could have been: a first index."""
        settled = Settled()
        places = [
            (file.path, chunk.symbol, chunk.ordinal, chunk.part) for file in files for chunk in file.chunks
        ]
        ids = iter(self._derived(places))
        for file in files:
            settled.ids[file.path] = list(itertools.islice(ids, len(file.chunks)))
        return settled

    def _returned(self, vanished: Sequence[Piece], come: Sequence[Piece]) -> dict[int, str]:
        """Ids of code that died in this root and stands again exactly where it stood, by the keys of pieces.

        Before anything is matched by likeness: taking back a merge or a move finds the ids of before, and
        what the code was in between is the one that goes. What was edited in place, or moved, is no return.
        """
        in_place = {(piece.path, piece.symbol, piece.part) for piece in vanished}
        unfit = {0, *(piece.normal_hash for piece in vanished)}  # code without a hash, or that has moved
        telling = Rules().telling_size
        asked = {
            (piece.path, piece.symbol, piece.part, piece.normal_hash): piece.key
            for piece in come
            if piece.symbol and piece.size >= telling and piece.normal_hash not in unfit
            if (piece.path, piece.symbol, piece.part) not in in_place
        }
        if not asked or not self._has_dead():
            return {}
        dead = pieces.stored(
            self._connection, pieces.DEAD_AT, [(path, symbol, self._root_id) for path, symbol, *_ in asked]
        )
        owners: dict[int, set[str]] = {}
        for piece in dead:
            key = asked.get((piece.path, piece.symbol, piece.part, piece.normal_hash))
            if key is not None:
                owners.setdefault(key, set()).add(piece.owner)
        found = {key: next(iter(ids)) for key, ids in owners.items() if len(ids) == 1}
        if not found:
            return {}  # as nearly always: what lives is read of the whole root
        refused = self.living(set(found.values())) | self.taken | {piece.owner for piece in vanished}
        return {key: owner for key, owner in found.items() if owner not in refused}

    def _has_dead(self) -> bool:
        query = "SELECT 1 FROM tombstone WHERE root_id = ? LIMIT 1"
        return self._connection.execute(query, (self._root_id,)).fetchone() is not None

    def _has_past(self) -> bool:
        """Whether the repository holds any version but those that live in this root."""
        stored = self._connection.execute("SELECT count(*) FROM version").fetchone()[0]
        return bool(stored > len(self._live))

    @cached_property
    def _was_empty(self) -> bool:
        """Whether the repository held no version before this pass: then all ids are ``taken`` ones."""
        return self._connection.execute("SELECT 1 FROM version LIMIT 1").fetchone() is None

    @cached_property
    def _had_past(self) -> bool:
        """The same as it was before this pass stored any new file: those are nobody's past."""
        return self._has_past()

    def _remember(self, left: Sequence[Piece], gone: set[str], code_of: CodeOf, ids: dict[int, str]) -> None:
        """Match with what lives in other roots of the repository, then with the dead."""
        known = self._known_like(left)
        living = self.living({piece.owner for piece in known}) - gone
        known = [piece for piece in known if piece.owner not in living and piece.owner not in self.taken]
        dead = {
            row[0]
            for row in self._connection.execute(
                "SELECT chunk_id FROM tombstone WHERE root_id = ?", (self._root_id,)
            )
        } | gone
        elsewhere = [piece for piece in known if piece.owner not in dead]
        fallen = [piece for piece in known if piece.owner in dead]
        for candidates, rules in ((elsewhere, _ELSEWHERE), (fallen, DEAD)):
            still = [piece for piece in left if piece.key not in ids]
            pool = [piece for piece in candidates if piece.owner not in self.taken]
            if not still or not pool:
                continue
            owner = {piece.key: piece.owner for piece in pool}
            for pair in match(pool, still, code_of, rules).matches:
                ids[pair.appeared] = owner[pair.vanished]
                self.taken.add(owner[pair.vanished])

    def _known_like(self, left: Sequence[Piece]) -> list[Piece]:
        """Versions, of any time and root, that stood in the same place, had the same code, or died lately.

        The bodies of the latest deaths are compared; older ones are found by place or content alone.
        """
        hashes = sorted({piece.normal_hash for piece in left} - {0})
        places = sorted({(piece.path, piece.symbol) for piece in left})
        found = [
            *pieces.stored(
                self._connection,
                pieces.ALL + " WHERE normal_hash IN (SELECT value FROM json_each(?))",
                hashes,
            ),
            *pieces.stored(
                self._connection,
                pieces.ALL + " JOIN json_each(?) ON version.path = json_extract(value, '$[0]') "
                "AND symbol = json_extract(value, '$[1]')",
                places,
            ),
            *pieces.stored(
                self._connection,
                pieces.ALL + " WHERE version_id IN (SELECT version_id FROM tombstone, json_each(?) "
                "WHERE root_id = value ORDER BY died_at DESC LIMIT 3000)",
                [self._root_id],
            ),
        ]
        return list({piece.key: piece for piece in found}.values())

    def living(self, owners: set[str]) -> set[str]:
        """Those of the ids that are live in the root as it was when the pass began."""
        rows = self._connection.execute(
            "SELECT version_id, chunk_id FROM version WHERE chunk_id IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(owners)),),
        ).fetchall()
        numbers = np.array([row[0] for row in rows], dtype=np.int32)
        return {rows[at][1] for at in np.flatnonzero(contained(self._live, numbers)).tolist()}

    def _derive(self, left: Sequence[Piece], ids: dict[int, str]) -> None:
        places = [(piece.path, piece.symbol, piece.ordinal, piece.part) for piece in left]
        ids.update(zip((piece.key for piece in left), self._derived(places), strict=True))

    def _derived(self, places: Sequence[tuple[str, str, int, int]]) -> list[str]:
        """Ids for places (path, symbol, ordinal, part), which are then taken."""
        wanted = [derived_id(self._repository, *place) for place in places]
        used = set() if self._was_empty else self._used_of(wanted)
        for at, place in enumerate(places):
            if wanted[at] in used or wanted[at] in self.taken:
                wanted[at] = unused_id(self._repository, *place, _Used(self._connection, self.taken))
            self.taken.add(wanted[at])
        return wanted

    def _used_of(self, wanted: Sequence[str]) -> set[str]:
        """Those of some ids that belong to a version, living or dead."""
        query = "SELECT chunk_id FROM version WHERE chunk_id IN (SELECT value FROM json_each(?))"
        return {row[0] for row in self._connection.execute(query, (json.dumps(sorted(wanted)),))}


class _Used:
    """Ids that belong to other code, living or dead, or were given in this pass."""

    def __init__(self, connection: sqlite3.Connection, taken: set[str]) -> None:
        self._connection = connection
        self._taken = taken

    def __contains__(self, chunk_id: object) -> bool:
        if chunk_id in self._taken:
            return True
        row = self._connection.execute("SELECT 1 FROM version WHERE chunk_id = ?", (chunk_id,)).fetchone()
        return row is not None
