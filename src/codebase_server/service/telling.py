"""What is told of a root: in each answer, by `index_status`, at ``/health`` and ``/metrics``."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, get_args

from codebase_server.index.status import pending_vectors
from codebase_server.service.answers import IndexBlock, IndexState, Skipped, StatusAnswer
from codebase_server.service.health import RootRow

if TYPE_CHECKING:
    from codebase_server.index import RootIndex
    from codebase_server.service.model import RootModel
    from codebase_server.service.roots import Root
    from codebase_server.store import Snapshot


class ToldRoot:
    """A root with its index and its model, and what is told of them. Thread-safe."""

    def __init__(self, root: Root, index: RootIndex, model: RootModel) -> None:
        self.root = root
        self.index = index
        self.model = model
        self._vectors: tuple[str, float, int] = ("", 0.0, 0)

    def snapshot(self) -> Snapshot:
        """The last published generation, for one short read; use it as a context manager."""
        return self.index.snapshot()

    def block(self, snapshot: Snapshot) -> IndexBlock:
        """How much of the root an answer made from `snapshot` rests on."""
        return {
            "root": str(self.root.path),
            "repository": snapshot.repository,
            "generation": snapshot.generation,
            "state": _state(snapshot.state),
            "files": snapshot.files_count,
            "chunks": snapshot.chunks_count,
            "pending_files": snapshot.pending_files,
            "pending_vectors": self._pending_vectors(snapshot),
        }

    def _pending_vectors(self, snapshot: Snapshot) -> int:
        """Chunks without a vector: counted once a generation, and every second while some are missing."""
        generation, counted_at, count = self._vectors
        if generation == snapshot.generation and (not count or time.monotonic() - counted_at < 1.0):
            return count
        count = pending_vectors(snapshot, self.index.options)
        self._vectors = (snapshot.generation, time.monotonic(), count)
        return count

    def row(self) -> RootRow:
        """What `/health` tells of the root."""
        with self.snapshot() as snapshot:
            return {
                "root": str(self.root.path),
                "repository": self.root.repository,
                "generation": snapshot.generation,
                "state": _state(snapshot.state),
                "pending_files": snapshot.pending_files,
                "last_error": self.index.last_error,
            }

    def published(self) -> tuple[str, IndexState]:
        """Generation and state of what was published last; reads no chunk."""
        generation, state = self.index.published()
        return generation, _state(state)

    def status(self) -> StatusAnswer:
        """Everything about the index."""
        started = time.perf_counter()
        found = self.index.status()
        with self.snapshot() as snapshot:
            block = self.block(snapshot)
        model = self.model.model_id
        return {
            "root": found.root,
            "repository": found.repository,
            "state": _state(found.state),
            "generation": found.generation,
            "coverage": round(found.coverage, 4),
            "languages": found.languages,
            "skipped": skipped_rows(found.skipped, found.examples),
            "embedder": f"{found.embedder} ({model})" if model else found.embedder,
            "database_bytes": found.database_bytes,
            "writer_pid": found.writer_pid,
            "last_error": found.last_error,
            "index": block,
            "latency_ms": round((time.perf_counter() - started) * 1000, 3),
            "warnings": [*found.warnings, *self.model.about_status()],
        }

    def gauges(self) -> Iterator[tuple[str, Mapping[str, str], float]]:
        """The size of the index for `/metrics`."""
        with self.snapshot() as snapshot:
            block = self.block(snapshot)
        labels = {"root": block["root"], "repository": block["repository"]}
        yield "index_files", labels, block["files"]
        yield "index_chunks", labels, block["chunks"]
        yield "index_pending_files", labels, block["pending_files"]
        yield "index_pending_vectors", labels, block["pending_vectors"]
        yield "writes_waiting", labels, self.index.writes_waiting()
        yield "index_ready", labels, float(block["state"] == "ready")
        yield "index_failing", labels, float(bool(self.index.last_error))


def skipped_rows(counts: Mapping[str, int], examples: Mapping[str, list[str]]) -> list[Skipped]:
    """Skipped files by reason, the commonest first."""
    return [
        {"reason": reason, "count": count, "examples": examples.get(reason, [])}
        for reason, count in counts.items()
    ]


def _state(text: str) -> IndexState:
    # The store keeps the state as text; one it does not know yet is not a finished index.
    return next((state for state in get_args(IndexState) if state == text), "partial")
