"""What every operation stands on: the roots, what is open of them, and how it begins and ends."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.hosting.meter import Meter
from codebase_server.service.desk import Desk
from codebase_server.service.roots import Root, Roots
from codebase_server.settings import Settings

if TYPE_CHECKING:
    from codebase_server.service.opened import OpenRoot


class ServiceBase:
    """Finds and opens the root of a call. Thread-safe.

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

    def offer_roots(self, folders: Iterable[Path]) -> bool:
        """Take the client's MCP roots when no root was found otherwise; whether any can be used."""
        return self._roots.offer(folders)

    def opened(self, given: str | None) -> OpenRoot:
        """The root that a call means, opened. Raises the root errors of `Roots.select`."""
        return self._desk.open(self._roots.select(given))

    def told_of_scope(self, given: str | None, path: str | None) -> list[str]:
        """That more is answered for than the folder below a root that a call named as its root."""
        if given is None or path:
            return []
        root = self._roots.select(given)
        below = self._roots.below(given, root)
        return [f"The root is {root.path}, all of it: give `path` '{below}' for that part."] if below else []

    def roots(self) -> list[Root]:
        """Served roots, then all others that the data folder has an index of."""
        return self._roots.everything()

    def served_roots(self) -> list[Root]:
        """The roots this server was started for; empty when none was named or found yet."""
        return list(self._roots.served_or_none())

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

    def _every_root(self) -> list[OpenRoot]:
        """Served and known roots, opened."""
        return [self._desk.open(root) for root in self._roots.everything()]
