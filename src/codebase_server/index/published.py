"""What is published of a root: snapshots, its state, and what is known of its files."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from codebase_server.index.plan import KnownFile, known_files, known_skips
from codebase_server.store import (
    Database,
    IndexCorruptError,
    RootState,
    Snapshot,
    StorageLostError,
    rows,
    translated,
    translating,
)
from codebase_server.store.batch import SkippedFile
from codebase_server.store.live import LiveVersions
from codebase_server.store.schema import migrate

_EMPTY_EPOCH = "none"


@dataclass(frozen=True, slots=True)
class Known:
    """Files that were read, by path, and those noted as not indexed."""

    files: dict[str, KnownFile]
    skips: dict[str, SkippedFile]


class Published:
    """One root as last published, by whatever process. Thread-safe."""

    def __init__(self, database: Database, root: str, repository: str, live: LiveVersions) -> None:
        self._database = database
        self._root = root
        self._repository = repository
        self.live = live
        self._all: tuple[str, Known] | None = None

    def snapshot(self) -> Snapshot:
        """The root as last published; an empty one when nothing has been. Close it soon.

        Raises `IndexCorruptError`, `IndexTooNewError` or `StorageDeniedError` when the file cannot be read.
        """
        try:
            connection = self._database.begin_reading()
        except StorageLostError:
            return self._empty_snapshot()
        try:
            with translating(self._database.file):
                state = rows.root_state(connection, self._root) or self._no_root()
                live = self.live.at(connection, state)
        except BaseException:
            self._database.end_reading(connection)
            raise
        return Snapshot(
            connection, self._repository, state, live, self._database.end_reading, self._reading_failed
        )

    def state(self) -> RootState | None:
        """The root's row; None where there is none, or the file cannot be read."""
        try:
            with self._database.reading() as connection:
                return rows.root_state(connection, self._root)
        except (StorageLostError, IndexCorruptError):
            return None

    def root(self) -> RootState:
        """The root's row as a snapshot has it, without what lives in it. Raises what `snapshot` raises."""
        try:
            with self._database.reading() as connection, translating(self._database.file):
                return rows.root_state(connection, self._root) or self._no_root()
        except StorageLostError:
            return self._no_root()

    def generation(self) -> str:
        """The generation published last; empty when nothing was."""
        state = self.state()
        return state.generation if state else ""

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

    def paths(self) -> list[str]:
        """The path of every file that is indexed, in order."""
        with self._database.reading() as connection:
            state = rows.root_state(connection, self._root)
            if state is None:
                return []
            query = "SELECT path FROM root_file WHERE root_id = ? ORDER BY path"
            return [path for (path,) in connection.execute(query, (state.root_id,))]

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

    def _no_root(self) -> RootState:
        return RootState(0, self._root, _EMPTY_EPOCH, 0, "building", 0, 0, 0, {})

    def _empty_snapshot(self) -> Snapshot:
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        migrate(connection, self._database.file)
        connection.execute("BEGIN")
        state = self._no_root()
        live = LiveVersions().at(connection, state)
        return Snapshot(connection, self._repository, state, live, sqlite3.Connection.close)

    def _reading_failed(self, error: BaseException) -> None:
        """What went wrong while a snapshot was read, in the store's words; damage is remembered."""
        typed = translated(error, self._database.file) if isinstance(error, sqlite3.Error) else None
        if isinstance(typed or error, IndexCorruptError):
            self._database.suspect()
        if typed is not None:
            raise typed from error
