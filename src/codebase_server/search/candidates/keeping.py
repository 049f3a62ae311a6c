"""Where the vectors of a root are scanned: in memory, or by sqlite-vec on disk when they are too many."""

from __future__ import annotations

import logging
import sqlite3
import threading
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from codebase_server.search.candidates.in_memory import vectors_in_memory
from codebase_server.search.candidates.on_disk import VectorFile, VectorsOnDisk, loadable_library
from codebase_server.search.candidates.vectors import Vectors

log = logging.getLogger(__name__)

Place = Literal["auto", "memory", "sqlite-vec"]

BUDGET_BYTES = 256 << 20
"""``auto`` scans on disk above this: about a million chunks of the shipped model. Below it
memory is ten times as fast."""


class VectorKeeper:
    """Gathers the vectors of a root where they are to be. Thread-safe.

    Derived files lie beside the database that they were made from, one a model. Where
    sqlite-vec is wanted and cannot be used, memory is used and the log says so.
    """

    def __init__(self, place: Place = "auto", budget_bytes: int = BUDGET_BYTES) -> None:
        self._place = place
        self._budget = budget_bytes
        self._files: dict[Path, VectorFile] = {}
        self._guard = threading.Lock()

    def gather(self, connection: sqlite3.Connection, model: str, live: NDArray[np.int32]) -> Vectors | None:
        """The vectors of the live versions, or None when the model has made none of them."""
        if self._on_disk(connection, model, len(live)):
            library = _library()
            if library is not None:
                path = _beside(connection, model)
                try:
                    file = self._file(library, path, model)
                    dimensions = file.follow(connection)
                    return VectorsOnDisk(file, live, dimensions) if dimensions else None
                except Exception as error:  # each library has exceptions of its own
                    log.warning("%s cannot be used, vectors are scanned in memory: %s", path, error)
        return vectors_in_memory(connection, model, live)

    def close(self) -> None:
        """Let go of the derived files."""
        with self._guard:
            for file in self._files.values():
                file.close()
            self._files.clear()

    def _on_disk(self, connection: sqlite3.Connection, model: str, count: int) -> bool:
        if self._place != "auto":
            return self._place == "sqlite-vec"
        row = connection.execute(
            "SELECT dimensions FROM vector_block WHERE model = ? LIMIT 1", (model,)
        ).fetchone()
        # a byte and a bit for each dimension
        return row is not None and count * row[0] * 9 // 8 > self._budget

    def _file(self, library: Any, path: Path, model: str) -> VectorFile:
        with self._guard:
            if path not in self._files:
                self._files[path] = VectorFile(library, path, model)
            return self._files[path]


def _beside(connection: sqlite3.Connection, model: str) -> Path:
    name = "".join(c if c.isalnum() or c in "-." else "_" for c in model)
    ((_, _, database),) = connection.execute("PRAGMA database_list").fetchall()[:1]
    return Path(database).with_name(f"vectors.{name}.sqlite3")


@cache
def _library() -> Any | None:
    """`loadable_library`, asked once a process so that its one line is logged once."""
    return loadable_library()
