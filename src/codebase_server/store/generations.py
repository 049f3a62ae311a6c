"""What a batch made of a root: one more generation, who changed, who died and who came back."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from codebase_server.store import rows
from codebase_server.store.batch import Batch
from codebase_server.store.live import MOST_FOLLOWED, contained, without
from codebase_server.store.versions import NewVersions


class DoubledIdError(RuntimeError):
    """A batch would have put one chunk id into two places of a root. Nothing was written."""


def ids_of_added(
    connection: sqlite3.Connection, added: NDArray[np.int32], live: NDArray[np.int32], new: NewVersions
) -> dict[int, str]:
    """The chunk ids of versions that a batch adds to what lives; ``new`` are those that it made.

    One id lives at most once in a root: refuses the batch rather than have a doubled chunk stored.
    """
    if new.are_all:
        made = dict(zip(new.version_ids, new.chunk_ids, strict=True))
        ids = {version_id: made[version_id] for version_id in added.tolist()}
    else:
        ids = _chunk_ids(connection, added)
    if len(set(ids.values())) != len(ids):
        raise DoubledIdError(f"A batch of {len(ids)} new versions names a chunk id twice.")
    if new.are_all:
        return ids
    others = np.array(rows.version_ids_of(connection, ids.values()), dtype=np.int32)
    others = without(others, added)
    doubled = others[contained(live, others)]
    if len(doubled):
        names = sorted(set(_chunk_ids(connection, doubled).values()))
        raise DoubledIdError(f"Chunk id {names[0]} (and {len(names) - 1} more) is live elsewhere already.")
    return ids


def record(
    connection: sqlite3.Connection,
    root_id: int,
    n: int,
    batch: Batch,
    paths: Sequence[str],
    before: NDArray[np.int32],
    added: NDArray[np.int32],
    removed: NDArray[np.int32],
    born: dict[int, str],
) -> None:
    """The generation's row, what changed, who died and who came back; ``born`` are the ids of the added."""
    now = int(time.time())
    connection.execute(
        "INSERT INTO generation (root_id, n, published_at, commit_id, added, removed, paths) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            root_id,
            n,
            now,
            batch.commit,
            added.astype(np.int32).tobytes(),
            removed.astype(np.int32).tobytes(),
            json.dumps(list(paths)) if len(paths) <= MOST_FOLLOWED else None,
        ),
    )
    gone = _chunk_ids(connection, removed)
    alive, was = set(born.values()), set(gone.values())
    returned = _buried(connection, root_id, alive - was)
    dead = {version_id: chunk_id for version_id, chunk_id in gone.items() if chunk_id not in alive}
    changed = [(root_id, c, n, v) for v, c in born.items() if c in was or c in returned]
    connection.executemany(
        "INSERT OR REPLACE INTO change (root_id, chunk_id, n, version_id) VALUES (?, ?, ?, ?)",
        [*changed, *((root_id, chunk_id, n, None) for chunk_id in dead.values())],
    )
    connection.executemany(
        "DELETE FROM tombstone WHERE root_id = ? AND chunk_id = ?",
        [(root_id, chunk_id) for chunk_id in returned],
    )
    _bury(connection, root_id, n, now, batch, before, dead)


def _buried(connection: sqlite3.Connection, root_id: int, chunk_ids: Iterable[str]) -> set[str]:
    """Those of some chunks that have a tombstone."""
    found = connection.execute(
        "SELECT chunk_id FROM tombstone WHERE root_id = ? AND chunk_id IN (SELECT value FROM json_each(?))",
        (root_id, json.dumps(sorted(chunk_ids))),
    )
    return {chunk_id for (chunk_id,) in found}


def _bury(
    connection: sqlite3.Connection,
    root_id: int,
    n: int,
    now: int,
    batch: Batch,
    before: NDArray[np.int32],
    dead: Mapping[int, str],
) -> None:
    """A tombstone for each of the ``dead``, chunk ids by version, with the lines it had ``before``."""
    lines = {int(v): (int(start), int(end)) for v, start, end in before}
    connection.executemany(
        "INSERT OR REPLACE INTO tombstone (root_id, chunk_id, version_id, start_line, end_line, n, "
        "died_at, commit_id, successors) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (root_id, c, v, *lines[v], n, now, batch.commit, json.dumps(list(batch.successors.get(c, ()))))
            for v, c in dead.items()
        ],
    )


def _chunk_ids(connection: sqlite3.Connection, version_ids: NDArray[np.int32]) -> dict[int, str]:
    query = "SELECT version_id, chunk_id FROM version WHERE version_id IN (SELECT value FROM json_each(?))"
    return dict(connection.execute(query, (json.dumps(version_ids.tolist()),)))
