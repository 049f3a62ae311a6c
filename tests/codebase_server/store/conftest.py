"""An index written batch by batch, without files on disk: what goes in is exactly what a test says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from codebase_server.index import textindex
from codebase_server.index.prepare import prepare_source
from codebase_server.records import SourceFile
from codebase_server.store import Database, RootState, Snapshot, rows
from codebase_server.store.batch import Adopted, Batch, FileStat, Parsed, PreparedFile, SkippedFile
from codebase_server.store.live import LiveVersions, read_live
from codebase_server.store.publish import Publisher

STAT = FileStat(size=10, mtime_ns=20, ctime_ns=30, inode=40)


def prepared(path: str, text: str, embedder: str = "") -> PreparedFile:
    """A Python file, read and split."""
    digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return prepare_source(SourceFile(path, text, digest, "python", "code", len(text)), embedder)


class Shelf:
    """A repository's index and one writer for each of its roots."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(folder)
        self.database.prepare()
        self.connection = self.database.writer()
        self._publishers: dict[str, Publisher] = {}

    def publisher(self, root: str = "/one") -> Publisher:
        """Who writes a root."""
        if root not in self._publishers:
            self._publishers[root] = Publisher(
                self.connection, self.database.file, root, textindex.write_index
            )
        return self._publishers[root]

    def publish(
        self,
        *files: tuple[PreparedFile, Sequence[str]],
        root: str = "/one",
        removed: Sequence[str] = (),
        adopted: Sequence[Adopted] = (),
        skipped: Sequence[SkippedFile] = (),
        unskipped: Sequence[str] = (),
        restat: Sequence[tuple[str, FileStat]] = (),
        successors: dict[str, list[tuple[str, float]]] | None = None,
        commit: str = "",
        model: str = "",
        pending: int = 0,
        state: str = "ready",
        summary: str = "",
    ) -> RootState:
        """Publish files with the ids of their chunks, and whatever else is given."""
        batch = Batch(
            parsed=[Parsed(file, list(ids), STAT) for file, ids in files],
            adopted=list(adopted),
            removed=list(removed),
            restat=list(restat),
            skipped=list(skipped),
            unskipped=list(unskipped),
            successors=successors or {},
            commit=commit,
            vector_model=model,
        )
        return self.publisher(root).publish(batch, pending_files=pending, state=state, summary=summary)

    def snapshot(self, root: str = "/one") -> Snapshot:
        """A root as it is, read on a connection of its own."""
        connection = self.database.begin_reading()
        state = rows.root_state(connection, root)
        assert state is not None
        live = LiveVersions().at(connection, state)
        assert live.tolist() == read_live(connection, state.root_id).tolist()
        return Snapshot(connection, "r_shelf", state, live, self.database.end_reading)

    def count(self, table: str, condition: str = "1") -> int:
        """Rows of a table."""
        found: int = self.connection.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchone()[0]
        return found

    def close(self) -> None:
        """Close every connection."""
        self.connection.close()
        self.database.close()


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path / "index")
    yield made
    made.close()
