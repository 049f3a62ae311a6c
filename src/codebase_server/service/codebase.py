"""`CodebaseService`: one method an operation, for every door."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bridge.hosting.meter import Meter, measured
from codebase_server import __version__
from codebase_server.service.answers import (
    ChunkEntry,
    ChunksAnswer,
    Collected,
    Forgotten,
    HealthAnswer,
    IndexAnswer,
    OutlineAnswer,
    Purged,
    ResolveAnswer,
    SearchAnswer,
    StatusAnswer,
    SymbolsAnswer,
)
from codebase_server.service.desk import Desk
from codebase_server.service.errors import ChunkNotFoundError, InvalidArgumentError
from codebase_server.service.importing import IMPORTING
from codebase_server.service.roots import Root, Roots
from codebase_server.settings import Settings

if TYPE_CHECKING:
    from codebase_server.index.options import Cancelled, Progress
    from codebase_server.service.opened import OpenRoot


class CodebaseService:
    """All operations of codebase-server, synchronous and thread-safe.

    Making one is cheap: the index, numpy and the parsers are imported by the
    first call that needs them, or by `warm_up`.

    :param working_folder: where relative roots and the default root are looked
        for; the process's own unless given.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        working_folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.settings = settings
        self.meter = Meter("codebase")
        self._desk = Desk(settings, busy=lambda: self.meter.running() > 0)
        self._roots = Roots(
            settings.root,
            known=self._desk.known_roots,
            identify=self._desk.identify,
            working_folder=working_folder or Path.cwd(),
            environment=os.environ if environment is None else environment,
        )

    # -- the six tools -----------------------------------------------------------

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
        return searching.search(self.opened(root), request)

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

        return naming.find_symbol(self.opened(root), name, symbol_kind, path, usages, limit)

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
            from codebase_server.service import naming

        return naming.outline(self.opened(root), path, depth, max_tokens)

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

    # -- for the bridge ------------------------------------------------------------

    @measured
    def live_chunk(self, chunk_id: str, *, root: str | None = None) -> ChunkEntry:
        """One chunk that is there now. Raises `ChunkNotFoundError` with what is known of it otherwise."""
        with IMPORTING:
            from codebase_server.service import reading

        roots = [self.opened(root)] if root is not None else self._every_root()
        entry: ChunkEntry | None = None
        for opened in roots:
            found = reading.chunks(opened, [chunk_id])["chunks"][0]
            if found["state"] in ("valid", "moved", "changed"):
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

    # -- roots -----------------------------------------------------------------------

    def offer_roots(self, folders: Iterable[Path]) -> bool:
        """Take the client's MCP roots when no root was found otherwise; whether any can be used."""
        return self._roots.offer(folders)

    def opened(self, given: str | None) -> OpenRoot:
        """The root that a call means, opened. Raises the root errors of `Roots.select`."""
        return self._desk.open(self._roots.select(given))

    def roots(self) -> list[Root]:
        """Served roots, then all others that the data folder has an index of."""
        return self._roots.everything()

    def served_roots(self) -> list[Root]:
        """The roots this server was started for; empty when none was named or found yet."""
        return list(self._roots.served_or_none())

    def open_root(self, root: Root) -> OpenRoot:
        """A known root, opened."""
        return self._desk.open(root)

    # -- life --------------------------------------------------------------------------

    @property
    def data_dir_id(self) -> str:
        """The random name of the data folder."""
        return self._desk.registry.data_dir_id

    def warm_up(self) -> None:
        """Import what answering needs and open the roots served, so that the first call need not."""
        for root in self._roots.served_or_none():
            self._desk.open(root).warm_up()

    def abandon(self) -> None:
        """Ask passes to stop without waiting for them; for the end of the process, which frees the locks.

        Nothing is closed: the last one to close an index folds its log, and a process that waits for a disk
        cannot end.
        """
        self._desk.abandon()

    def index_in_background(self) -> None:
        """Begin to bring every served root up to the disk; for a server that was started to answer for it."""
        for root in self._roots.served_or_none():
            self._desk.open(root).index.refresh()

    def close(self) -> None:
        """Stop background work and close every index."""
        self._desk.close()

    # -- maintenance ---------------------------------------------------------------------

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
        for one in known:
            if root in (one.repository, str(one.path)):
                self._desk.close_root(one)
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
            from codebase_server.service import naming

        return naming.sample_query(self.opened(None))

    def _every_root(self) -> list[OpenRoot]:
        return [self._desk.open(root) for root in self._roots.everything()]
