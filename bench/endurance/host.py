"""A host: one server of each kind over stdio, started again when it died."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from bench.endurance.connection import GoneError, Server
from bench.endurance.faults import FailingDisk

MODULES = ("codebase_server", "workflow_server")


class Host:
    """Two servers that its agents share. ``disk`` is the failing one, where it has that."""

    def __init__(
        self,
        number: int,
        environment: Mapping[str, str],
        folder: Path,
        logs: Path,
        disk: FailingDisk | None = None,
    ) -> None:
        self.number = number
        self.disk = disk
        self.failed_starts = 0
        self._environment = dict(environment) | (disk.environment() if disk else {})
        self._folder = folder
        self._logs = logs
        self._guard = threading.Lock()
        self._servers: dict[str, Server] = {}
        self.foreign: list[bytes] = []

    def server(self, module: str) -> Server:
        """The running server of a kind; may be one that just died."""
        with self._guard:
            return self._servers[module]

    def servers(self) -> list[Server]:
        """Those that run."""
        with self._guard:
            return [one for one in self._servers.values() if one.process.poll() is None]

    def start_missing(self) -> None:
        """Start what does not run. A failing disk may refuse a start a few times."""
        for module in MODULES:
            with self._guard:
                standing = self._servers.get(module)
            if standing is not None and standing.process.poll() is None:
                continue
            if standing is not None:
                self.foreign += standing.foreign
            fresh = self._started(module)
            with self._guard:
                self._servers[module] = fresh

    def kill(self, module: str) -> None:
        """SIGKILL, in the middle of whatever it does."""
        self.server(module).kill()

    def close(self) -> list[str]:
        """End both as a host does; what was wrong with it."""
        wrong = []
        for server in self.servers():
            if code := server.close():
                wrong.append(f"{server.module} of host {self.number} ended with {code}")
            self.foreign += server.foreign
        return wrong + [f"foreign bytes on the wire: {line[:200]!r}" for line in self.foreign]

    def _started(self, module: str) -> Server:
        log = self._logs / f"host-{self.number}-{module}.log"
        for _ in range(20):
            try:
                return Server(module, self._environment, self._folder, log)
            except GoneError:
                if self.disk is None:
                    raise
                self.failed_starts += 1
        raise AssertionError(f"{module} does not start: see {log}")
