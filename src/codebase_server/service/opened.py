"""One root while the server runs: its index, its search engine, and what both answer."""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bridge.agreed import limits
from bridge.agreed.errors import TandemError
from bridge.agreed.states import BEING_LOOKED_AT
from codebase_server.embed import EmbedderBusyError, EmbedderError
from codebase_server.files import RootError
from codebase_server.index import IndexOptions, RootIndex
from codebase_server.search.engine import Engine
from codebase_server.search.pool import Pools
from codebase_server.search.request import InvalidSearchError, SearchAnswer, SearchRequest
from codebase_server.search.roots import LARGE
from codebase_server.search.stored import StoredCorpus
from codebase_server.service import paths, unindexed
from codebase_server.service.acquaintance import Acquaintance
from codebase_server.service.ahead import MANY_CHUNKS, ReadAhead
from codebase_server.service.answers import (
    IndexAnswer,
    IndexBlock,
)
from codebase_server.service.current import Look, seen
from codebase_server.service.errors import RootRefusedError
from codebase_server.service.model import RootModel
from codebase_server.service.roots import Root
from codebase_server.service.telling import ToldRoot, skipped_rows
from codebase_server.settings import Settings

if TYPE_CHECKING:
    from codebase_server.index.options import Cancelled, Progress
    from codebase_server.symbols.centrality import Centrality
from codebase_server.store import Registry, Snapshot

logger = logging.getLogger(__name__)

FIRST_ANSWER_WAIT_S: Final = 4.0
"""How long the first search on a root without index waits for one.

Small repositories are whole by then. Hosts give a tool call a minute or more,
but a model that is told "being built" after seconds goes on with other means.
"""
FRESHEN_WAIT_S: Final = 0.25
"""How long a search waits for a large change to be folded in; then it answers from the last generation."""
LOOK_AGAIN_S: Final = 0.03
NAME_WAIT_S: Final = 0.5
"""How long a question for a name waits until a very large index is read: a definition is found without."""

RECOUNT_AFTER: Final = 50
"""What is central is counted again after so many times the seconds that counting took."""

BY_WORDS_MEANWHILE: Final = (
    "Searched by words alone: the model is being loaded or makes vectors. Ask again to rank by meaning."
)

WRITER_WAIT_S: Final = 900.0
"""How long `index_repository` waits for another writer of the same repository: a whole first index."""


class OpenRoot(ToldRoot):
    """A root that this process answers for. Thread-safe; cheap until something is asked of it.

    :param engine: the search engine of the root's repository, shared by its checkouts.
    :param busy: whether this process is answering a call: then what can wait does.
    """

    def __init__(
        self,
        root: Root,
        registry: Registry,
        settings: Settings,
        engine: Engine,
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        options = IndexOptions(
            exclude=settings.exclude,
            max_file_bytes=settings.max_file_bytes,
            embedder=settings.embedder,
            tombstone_days=settings.tombstone_days,
        )
        index = RootIndex(root.path, registry, options, repository=root.repository, busy=busy)
        super().__init__(root, index, RootModel(settings.embedder, index, self._new_vectors))
        self.engine = engine
        self._acquaintance = Acquaintance(self, engine, busy)
        self._ahead = ReadAhead(self.snapshot)
        self._central: tuple[str, float, Centrality | None] = ("", 0.0, None)

    # -- reading -------------------------------------------------------------------

    @property
    def pools(self) -> Pools:
        """What names and usages are looked up in: the same that searches read."""
        return self.engine.pools

    def is_read(self, snapshot: Snapshot) -> bool:
        """Whether all of the root is in memory, or soon would be; begins to read it where it is not."""
        return snapshot.chunks_count <= MANY_CHUNKS or self._ahead.is_read(
            self.engine, snapshot, self.model.embedder(), NAME_WAIT_S
        )

    def central(self, snapshot: Snapshot) -> Centrality:
        """What is central in a generation, or in one so little older that counting again would cost more."""
        generation, until, known = self._central
        now = time.monotonic()
        if known is None or (generation != snapshot.generation and now > until):
            from codebase_server.symbols.centrality import measured

            known = measured(snapshot, self.pools)
            if snapshot.chunks_count > LARGE:
                limits.give_back_memory()
            ended = time.monotonic()
            self._central = snapshot.generation, ended + RECOUNT_AFTER * (ended - now), known
        return known

    def search(self, request: SearchRequest) -> Look[tuple[SearchAnswer, IndexBlock]]:
        """Search the last published generation."""
        try:
            return self._found(request)
        except (ValueError, IndexError, KeyError) as problem:
            # What is derived from the stored code may be damaged where the code is not.
            if isinstance(problem, InvalidSearchError) or not self.index.repair_text_index():
                raise
            logger.warning("The text index of %s was built again: %s", self.root.path, problem)
            return self._found(request)

    def _found(self, request: SearchRequest) -> Look[tuple[SearchAnswer, IndexBlock]]:
        embedder = self.model.embedder()
        with self.snapshot() as snapshot:
            if not self._ahead.is_read(self.engine, snapshot, embedder):
                nothing = SearchAnswer(
                    (), 0, snapshot.generation, (self.unread(snapshot.chunks_count),), denies=True
                )
                return seen(snapshot, (nothing, self.block(snapshot)), ())
            try:
                found = self.engine.search(StoredCorpus(snapshot), request, embedder)
            except EmbedderBusyError:
                found = self.engine.search(StoredCorpus(snapshot), request, None)
                found = replace(found, warnings=(*found.warnings, BY_WORDS_MEANWHILE))
            except EmbedderError as problem:
                self.model.lost(problem)
                found = self.engine.search(StoredCorpus(snapshot), request, None)
            self._acquaintance.begin(snapshot.generation)
            if not found.results and (left_out := unindexed.warning(snapshot, request.path)):
                found = replace(found, warnings=(left_out,))
            block = self.block(snapshot)
            if empty := unindexed.nothing_at_all(snapshot, block):
                found = replace(found, warnings=tuple(empty))
            return seen(snapshot, (found, block), (hit.file_path for hit in found.results))

    def _new_vectors(self) -> None:
        """Let the next search read the vectors anew: the engine keeps those of a generation."""
        self.engine = self.engine.anew()
        self._vectors = ("", 0.0, 0)

    def freshen(self, first_wait_s: float | None = None, look_s: float = math.inf) -> list[str]:
        """Fold in what changed on disk, as far as a caller's patience allows; what the reader should know.

        :param first_wait_s: how long to wait where there is no index yet [`FIRST_ANSWER_WAIT_S`].
        :param look_s: how long at most a look at the whole disk is waited for.
        """
        first_wait_s = FIRST_ANSWER_WAIT_S if first_wait_s is None else first_wait_s
        building = self.is_building()
        # What was not done within the patience of one search is not waited for by each that follows.
        patience = FRESHEN_WAIT_S if self.index.busy_seconds() < FRESHEN_WAIT_S else 0.0
        self.index.refresh(first_wait_s if building else min(patience, look_s), look_s)
        if building:
            self._wait_for_first_index(first_wait_s)
        warnings = []
        if building and self.is_building():
            warnings.append(self._unfinished())
        elif self.index.looking:
            warnings.append(
                f"What changed below {self.root.path} is still being looked at, which takes long here: "
                "this answer is of the index as it was. Ask again soon."
            )
        if self.index.last_error:
            warnings.append(f"The last indexing failed: {self.index.last_error}")
        return warnings

    def is_unindexed(self, path: str) -> bool:
        """Whether a path is a file on disk that the index neither has nor leaves out for a reason."""
        try:
            inside = paths.inside(path, self.root.path)
        except TandemError:
            return False
        if not inside or not os.path.isfile(self.root.path / inside):  # noqa: PTH113 - false for any name
            return False
        with self.snapshot() as snapshot:
            return not snapshot.files(inside) and not snapshot.skipped(inside)

    def is_still_to_come(self, path: str) -> bool:
        """Whether a path is on disk while the first index, which may have it later, is being built."""
        return self.is_building() and os.path.exists(self.root.path / path)  # noqa: PTH110 - false for any name

    def unsure(self) -> str:
        """Why it is not said that something is not there: see `RootIndex.make_sure`."""
        return (
            f"Files below {self.root.path} changed a moment ago and are still {BEING_LOOKED_AT}: "
            "what is not found may have moved. Ask again."
        )

    def _wait_for_first_index(self, seconds: float) -> None:
        """Another process may be the one that builds it."""
        deadline = time.monotonic() + seconds
        while self.is_building() and not self.index.last_error and time.monotonic() < deadline:
            time.sleep(LOOK_AGAIN_S)

    def is_building(self) -> bool:
        """Whether the first index of the root was never whole yet."""
        return self.published()[1] == "building"

    def _unfinished(self) -> str:
        return (
            f"The index of {self.root.path} is being built: this answer rests on what is indexed so far. "
            "Ask again soon; index_status tells how far it is."
        )

    def unread(self, chunks: int, missing: str = "nothing was searched") -> str:
        """What an answer lacks as long as a very large index is being read."""
        return (
            f"This server is still reading the index of {self.root.path}, which has {chunks:,} chunks: "
            f"{missing}. Ask again in a few seconds."
        )

    # -- indexing --------------------------------------------------------------------

    def index_now(self, force: bool, progress: Progress | None, cancelled: Cancelled | None) -> IndexAnswer:
        """Run a pass; returns when text and default vectors are published."""
        try:
            done = self.index.run_pass(
                force=force, progress=progress, cancelled=cancelled, wait_seconds=WRITER_WAIT_S
            )
        except RootError as problem:
            raise RootRefusedError(problem.code, problem.message, problem.hint) from problem
        with self.snapshot() as snapshot:
            block = self.block(snapshot)
            warnings = [*done.warnings, *unindexed.nothing_at_all(snapshot, block)]
        self._acquaintance.begin(block["generation"])
        return {
            "files": done.files,
            "chunks": done.chunks,
            "changed_files": done.changed_files,
            "removed_files": done.removed_files,
            "skipped": skipped_rows(done.skipped, done.examples),
            "generation": done.generation,
            "duration_ms": round(done.duration_ms, 3),
            "index": block,
            "warnings": warnings,
        }

    # -- life --------------------------------------------------------------------------

    def warm_up(self) -> None:
        """Load the embedder, watch the disk, and read what the first search of an existing index reads."""
        self.model.embedder()
        if self.published()[1] != "building":
            self.index.watch()
            self.search(SearchRequest(query="warm up", limit=1, content="none"))

    def abandon(self) -> None:
        """Ask what works in the background to stop, and wait for nothing."""
        self._acquaintance.abandon()
        self.index.abandon()

    def close(self) -> None:
        """Stop watching, encoding and indexing."""
        self._acquaintance.close()
        self.model.close()
        self.index.close()
