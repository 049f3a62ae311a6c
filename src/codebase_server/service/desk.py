"""What a process has open: the register, and one `OpenRoot` a root, made when first asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from codebase_server.service.importing import IMPORTING
from codebase_server.service.roots import Root
from codebase_server.settings import Settings

if TYPE_CHECKING:
    from codebase_server.search.candidates.keeping import VectorKeeper
    from codebase_server.search.engine import Engine
    from codebase_server.service.opened import OpenRoot
    from codebase_server.store import Registry


class Desk:
    """The open roots of a process; those of one repository share a search engine. Thread-safe.

    Making one is cheap: what opening needs is imported by the first root that is opened.

    :param busy: whether the process is answering a call.
    """

    def __init__(self, settings: Settings, busy: Callable[[], bool] = lambda: False) -> None:
        self._settings = settings
        self._busy = busy
        self._open: dict[Path, OpenRoot] = {}
        self._engines: dict[str, Engine] = {}
        self._vectors: VectorKeeper | None = None
        self._registry: Registry | None = None
        self._lock = threading.Lock()

    @property
    def registry(self) -> Registry:
        """The register of the data folder."""
        with self._lock:
            return self._registry_unlocked()

    def open(self, root: Root) -> OpenRoot:
        """What a process keeps of a root: made at the first call, the same at each further one."""
        with IMPORTING:
            from codebase_server.search.candidates.keeping import VectorKeeper
            from codebase_server.search.engine import Engine
            from codebase_server.service.opened import OpenRoot

        with self._lock:
            opened = self._open.get(root.path)
            if opened is None:
                if self._vectors is None:
                    self._vectors = VectorKeeper(self._settings.vectors)
                engine = self._engines.setdefault(root.repository, Engine(gather=self._vectors.gather))
                opened = OpenRoot(root, self._registry_unlocked(), self._settings, engine, self._busy)
                self._open[root.path] = opened
            return opened

    def all_open(self) -> list[OpenRoot]:
        """The roots that were asked for so far."""
        with self._lock:
            return list(self._open.values())

    def close_root(self, root: Root) -> None:
        """Close one root, if it is open."""
        with self._lock:
            opened = self._open.pop(root.path, None)
        if opened is not None:
            opened.close()

    def abandon(self) -> None:
        """Ask every pass to stop. Waits for nobody, not even for one who is opening a root now."""
        for one in list(self._open.values()):
            one.abandon()

    def close(self) -> None:
        """Close every root and what they share."""
        with self._lock:
            opened = list(self._open.values())
            self._open.clear()
        for one in opened:
            one.close()
        if self._vectors is not None:
            self._vectors.close()

    def known_roots(self) -> list[Root]:
        """All roots of the data folder."""
        return [Root(row.path, row.repository) for row in self.registry.roots()]

    def identify(self, folder: Path) -> str:
        """The identity of the repository that a folder is a root of."""
        from bridge.agreed import identity

        registered = self.registry.root_at(folder)
        if registered is not None:
            return registered.repository
        return self.registry.canonical(identity.of_folder(folder).id)

    def _registry_unlocked(self) -> Registry:
        if self._registry is None:
            with IMPORTING:
                from codebase_server.store import Registry

            self._registry = Registry(self._settings.data_dir)
        return self._registry
