"""Chunks as the pieces that matching works on: out of the store, and out of files that were just parsed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from codebase_server.identity import Piece
from codebase_server.store.batch import PreparedFile
from codebase_server.store.packing import unpack

_PIECE = "version_id, chunk_id, version.path, symbol, part, ordinal, normal_hash, size, language"

ALL = f"SELECT {_PIECE} FROM version"
"""Selects versions as `stored` reads them; conditions follow."""

DEAD_AT = (
    f"SELECT {_PIECE.replace('version_id, chunk_id', 'version.version_id, version.chunk_id')} "
    "FROM json_each(?) CROSS JOIN version ON version.path = json_extract(value, '$[0]') "
    "AND symbol = json_extract(value, '$[1]') "
    "CROSS JOIN tombstone ON tombstone.root_id = json_extract(value, '$[2]') "
    "AND tombstone.chunk_id = version.chunk_id AND tombstone.version_id = version.version_id"
)
"""What died in a root, as it was when it died, by path and symbol. `CROSS` keeps SQLite from reading all
tombstones of the root for each."""


def stored(connection: sqlite3.Connection, query: str, values: Sequence[object]) -> Iterator[Piece]:
    """The versions that a query selects, which takes ``values`` as its one parameter, a JSON list."""
    for row in connection.execute(query, (json.dumps(values),)):
        version_id, chunk_id, path, symbol, part, ordinal, normal, size, language = row
        yield Piece(version_id, chunk_id, path, symbol, part, ordinal, ordinal, normal, size, language)


def appeared(files: Sequence[PreparedFile]) -> list[Piece]:
    """The chunks of parsed files as pieces, keyed in order."""
    pieces: list[Piece] = []
    for file in files:
        for at, chunk in enumerate(file.chunks):
            pieces.append(
                Piece(
                    key=len(pieces),
                    owner="",
                    path=file.path,
                    symbol=chunk.symbol,
                    part=chunk.part,
                    ordinal=chunk.ordinal,
                    position=at,
                    normal_hash=chunk.normal_hash,
                    size=chunk.size,
                    language=file.language,
                )
            )
    return pieces


class CodeOf:
    """The code of pieces: of the store's versions and of files that are not stored yet."""

    def __init__(
        self, connection: sqlite3.Connection, files: Mapping[str, PreparedFile], come: Sequence[Piece]
    ) -> None:
        self._connection = connection
        self._files = files
        self._positions = {piece.key: piece.position for piece in come}

    def __call__(self, pieces: Sequence[Piece]) -> Sequence[str]:
        stored = [piece.key for piece in pieces if piece.owner]
        found = dict(
            self._connection.execute(
                "SELECT version_id, data FROM version JOIN content USING (content_id) "
                "WHERE version_id IN (SELECT value FROM json_each(?))",
                (json.dumps(stored),),
            )
            if stored
            else ()
        )
        return [
            unpack(found[piece.key])
            if piece.owner
            else unpack(self._files[piece.path].chunks[self._positions[piece.key]].data)
            for piece in pieces
        ]
