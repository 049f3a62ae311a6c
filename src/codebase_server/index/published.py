"""What the index has of a root's files: of a few, asked for by path, or of all, remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codebase_server.index.plan import KnownFile, known_files, known_skips
from codebase_server.store import Database, rows
from codebase_server.store.batch import SkippedFile


@dataclass(frozen=True, slots=True)
class Known:
    """Files that were read, by path, and those noted as not indexed."""

    files: dict[str, KnownFile]
    skips: dict[str, SkippedFile]


class Published:
    """The files of one root as last published. Thread-safe."""

    def __init__(self, database: Database, root: str) -> None:
        self._database = database
        self._root = root
        self._all: tuple[str, Known] | None = None

    def all(self) -> Known:
        """Every file, remembered until something is written."""
        with self._database.reading() as connection:
            state = rows.root_state(connection, self._root)
            if state is None:
                return Known({}, {})
            stamp = f"{state.generation} {connection.execute('PRAGMA data_version').fetchone()[0]}"
            held = self._all
            if held is not None and held[0] == stamp:
                return held[1]
            known = Known(known_files(connection, state.root_id), known_skips(connection, state.root_id))
            self._all = (stamp, known)
            return known

    def of(self, paths: Sequence[str]) -> Known:
        """Those of the given paths: costs what is asked for, not what there is."""
        with self._database.reading() as connection:
            state = rows.root_state(connection, self._root)
            if state is None:
                return Known({}, {})
            return Known(
                known_files(connection, state.root_id, paths), known_skips(connection, state.root_id, paths)
            )

    def hold_below(self, paths: Sequence[str]) -> bool:
        """Whether anything is known of a file below one of the paths, or of one of them as a folder."""
        with self._database.reading() as connection:
            state = rows.root_state(connection, self._root)
            if state is None:
                return False
            for table in ("root_file", "root_skip"):
                query = f"SELECT 1 FROM {table} WHERE root_id = ? AND path >= ? AND path < ? LIMIT 1"
                for path in paths:
                    # "0" is the character after "/"
                    if connection.execute(query, (state.root_id, path + "/", path + "0")).fetchone():
                        return True
            return False

    def source(self) -> str:
        """How the files of the last whole pass were listed: ``git`` or ``walk``; empty when unknown."""
        with self._database.reading() as connection:
            state = rows.root_state(connection, self._root)
            return str(state.summary.get("source", "")) if state else ""
