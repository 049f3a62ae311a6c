"""The real server over stdio as a searcher: one process a repository, as a host would start it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.latency.connection import Connection, connected
from bench.retrieval.measures import Place


class Servers:
    """Servers of trees, each started and indexed when first asked; times in milliseconds."""

    def __init__(self, world: Path, stack: ExitStack, embedder: str) -> None:
        self._world, self._stack, self._embedder = world, stack, embedder
        self._of: dict[Path, Connection] = {}
        self.index_ms: dict[str, float] = {}
        self.chunks: dict[str, int] = {}
        self.latencies: list[float] = []

    def search(self, tree: Path, text: str) -> list[Place]:
        """The plain answer: ten results, as they are."""
        server = self._of.get(tree) or self._start(tree)
        began = time.perf_counter()
        answer = server.call("search_code", query=text)["structuredContent"]
        self.latencies.append((time.perf_counter() - began) * 1000)
        return [
            Place(r["file_path"], r["start_line"], r["end_line"], r.get("content", ""), r["similarity_score"])
            for r in answer["results"]
        ]

    def _start(self, tree: Path) -> Connection:
        folder = self._world / tree.name
        folder.mkdir()
        environment = os.environ | {
            "CODEBASE_DATA_DIR": str(folder / "data"),
            "CODEBASE_ROOT": str(tree),
            "CODEBASE_HTTP_PORT": "0",
            "CODEBASE_EMBEDDER": self._embedder,
            "TANDEM_RUNTIME_DIR": str(folder / "runtime"),
        }
        server = self._stack.enter_context(connected(["-m", "codebase_server"], environment, folder))
        done = server.call("index_repository")["structuredContent"]
        self.index_ms[tree.name], self.chunks[tree.name] = done["duration_ms"], done["chunks"]
        while server.call("index_status")["structuredContent"].get("pending_vectors"):
            time.sleep(0.5)
        self._of[tree] = server
        server.call("search_code", query="first question")  # what is loaded once is not timed
        return server


@contextmanager
def servers(world: Path, embedder: str = "static") -> Iterator[Servers]:
    """Servers for the time of a `with`; their data lies below ``world``."""
    with ExitStack() as stack:
        yield Servers(world, stack, embedder)
