"""`CodebaseService`: one method an operation, for every door."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from bridge.agreed.states import FOUND
from bridge.hosting.meter import measured
from codebase_server import __version__
from codebase_server.service.answers import (
    ChunkEntry,
    ChunksAnswer,
    IndexAnswer,
    OutlineAnswer,
    ResolveAnswer,
    SearchAnswer,
    StatusAnswer,
    SymbolsAnswer,
)
from codebase_server.service.base import ServiceBase
from codebase_server.service.errors import ChunkNotFoundError, InvalidArgumentError
from codebase_server.service.health import HealthAnswer
from codebase_server.service.importing import IMPORTING

if TYPE_CHECKING:
    from codebase_server.index.options import Cancelled, Progress
    from codebase_server.service.maintenance import Collected, Forgotten, Purged


class CodebaseService(ServiceBase):
    """All operations of codebase-server, synchronous and thread-safe: the six tools, what the bridge asks,
    and upkeep.
    """

    @measured
    def search_code(
        self,
        query: str,
        *,
        root: str | None = None,
        limit: int = 10,
        path: str | None = None,
        language: str | None = None,
        kind: Literal["code", "tests", "docs", "config", "any"] = "any",
        max_tokens: int | None = None,
        content: Literal["full", "preview", "none"] = "full",
        explain: bool = False,
    ) -> SearchAnswer:
        """Find code. Raises `InvalidArgumentError` for an empty query or a bad glob, and root errors."""
        with IMPORTING:
            from codebase_server.search.request import SearchRequest
            from codebase_server.service import searching

        request = SearchRequest(
            query=query,
            limit=limit,
            path=path,
            language=language,
            kind=kind,
            max_tokens=max_tokens,
            content=content,
            explain=explain,
        )
        return searching.search(self.opened(root), request, self.told_of_scope(root, path))

    @measured
    def get_chunks(
        self,
        chunk_ids: Sequence[str],
        *,
        root: str | None = None,
        context_lines: int = 0,
        history: bool = False,
        diff_from: str | None = None,
    ) -> ChunksAnswer:
        """The chunks, or what became of them, in the order asked."""
        with IMPORTING:
            from codebase_server.service import reading

        return reading.chunks(self.opened(root), chunk_ids, context_lines, history, diff_from)

    @measured
    def find_symbol(
        self,
        name: str,
        *,
        root: str | None = None,
        symbol_kind: str | None = None,
        path: str | None = None,
        usages: bool = False,
        limit: int = 20,
    ) -> SymbolsAnswer:
        """Definitions of a name, and with `usages` the lines that mention it."""
        with IMPORTING:
            from codebase_server.service import naming

        opened, told = self.opened(root), self.told_of_scope(root, path)
        return naming.find_symbol(opened, name, symbol_kind, path, usages, limit, told)

    @measured
    def outline(
        self,
        path: str = "",
        *,
        root: str | None = None,
        depth: int | None = None,
        max_tokens: int | None = None,
    ) -> OutlineAnswer:
        """The symbols of a file, or a map of a folder."""
        with IMPORTING:
            from codebase_server.service import outlining

        return outlining.outline(self.opened(root), path, depth, max_tokens, self.told_of_scope(root, path))

    @measured
    def index_repository(
        self,
        *,
        root: str | None = None,
        force: bool = False,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
    ) -> IndexAnswer:
        """Fold in everything on disk; returns when text and default vectors are published.

        Raises `IndexingCancelledError` soon after `cancelled` returns true.
        """
        return self.opened(root).index_now(force, progress, cancelled)

    @measured
    def index_status(self, *, root: str | None = None) -> StatusAnswer:
        """What is indexed. Starts nothing."""
        return self.opened(root).status()

    def is_built(self, *, root: str | None = None) -> bool:
        """Whether the root has an index that was whole once. Starts nothing."""
        return not self.opened(root).is_building()

    def skipped_files(self, *, root: str | None = None) -> list[tuple[str, str]]:
        """Path and reason of every file that is left out; `index_status` names a few for each reason."""
        with self.opened(root).snapshot() as snapshot:
            return snapshot.skips()

    @measured
    def live_chunk(self, chunk_id: str, *, root: str | None = None) -> ChunkEntry:
        """One chunk that is there now. Raises `ChunkNotFoundError` with what is known of it otherwise."""
        with IMPORTING:
            from codebase_server.service import reading

        roots = [self.opened(root)] if root is not None else self._every_root()
        entry: ChunkEntry | None = None
        for opened in roots:
            found = reading.chunks(opened, [chunk_id])["chunks"][0]
            if found["state"] in FOUND:
                return found
            if entry is None or found["was"] is not None:
                entry = found
        known: dict[str, Any] = {}
        reason = "No repository is indexed yet."
        if entry is not None:
            reason = entry["reason"]
            known = {
                key: entry[key]
                for key in ("chunk_id", "state", "repository", "root", "was", "candidates", "reason")
            }
        raise ChunkNotFoundError(chunk_id, known, reason)

    @measured
    def resolve(self, body: object) -> ResolveAnswer:
        """What became of each reference of a ``resolve`` request's body."""
        with IMPORTING:
            from bridge.agreed.resolution import WireError, request_from_json
            from codebase_server.service import resolving

        try:
            request = request_from_json(body)
        except WireError as problem:
            raise InvalidArgumentError(
                f"{problem}.", 'Send {"references": [{"ref": "c_..."}, ...]}.'
            ) from problem
        return resolving.resolve(self.opened, request)

    @measured
    def health(self) -> HealthAnswer:
        """Who answers here, for which roots, how much there is to do, and the last call that failed."""
        opened = self._every_root()
        return {
            "status": "ok",
            "version": __version__,
            "pid": os.getpid(),
            "data_dir_id": self.data_dir_id,
            "roots": [one.row() for one in opened],
            "running": self.meter.running() - 1,  # others than this one
            "writes_waiting": sum(one.index.writes_waiting() for one in opened),
            "last_error": self.meter.last_error(),
        }

    def metrics(self) -> str:
        """Counters, latencies and the size of each open index, as Prometheus text."""
        return self.meter.text(gauge for one in self._desk.all_open() for gauge in one.gauges())

    def root_to_forget(self, root: str) -> str:
        """The folder that `forget` would drop the index of. Raises as it does."""
        with IMPORTING:
            from codebase_server.service import maintenance

        return str(maintenance.meant(root, self._roots.everything()).path)

    def forget(self, root: str) -> Forgotten:
        """Drop one root from the index of its repository."""
        with IMPORTING:
            from codebase_server.service import maintenance

        known = self._roots.everything()
        self._desk.close_root(maintenance.meant(root, known))
        return maintenance.forget(self._desk.registry, root, known)

    def gc(self) -> Collected:
        """Remove roots whose folder is gone, old tombstones, and what nothing refers to."""
        with IMPORTING:
            from codebase_server.service import maintenance

        return maintenance.collect(self._desk.registry, self.settings.tombstone_days)

    def purge(self, what: str) -> Purged:
        """Remove a chunk id or a text from every index and its history."""
        with IMPORTING:
            from codebase_server.service import maintenance

        return maintenance.purge(self._desk.registry, what)

    def sample_query(self) -> str:
        """A question that the default root can answer, in its own words; empty for an empty index."""
        with IMPORTING:
            from codebase_server.service import outlining

        return outlining.sample_query(self.opened(None))
