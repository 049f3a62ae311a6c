"""Which door to ask, and which endpoint files not to believe.

The token is sent to whatever an endpoint file names: a file that another user
could have written, or that names another machine, is refused, and the reason
is told.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bridge.agreed import endpoint as endpoints
from bridge.agreed import places, system
from bridge.agreed.endpoint import EndpointRoot
from bridge.client import faults
from bridge.client.faults import Fault

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Target:
    """A door to ask. ``stamp`` changes when its endpoint file is written anew; ``proof`` is how it proves
    that it knows the token before that is sent.
    """

    url: str
    token: str
    stamp: tuple[int, ...] = ()
    roots: tuple[EndpointRoot, ...] = ()
    proof: str = ""


class Discovery:
    """Finds doors. ``url`` and ``token`` override the files; ``url`` alone sends no token."""

    def __init__(self, url: str | None = None, token: str | None = None, folder: Path | None = None) -> None:
        self._override = Target(url.rstrip("/"), token or "") if url else None
        self._folder = folder
        self._read: dict[Path, tuple[tuple[int, ...], _Believed | Fault]] = {}

    def targets(self) -> list[Target] | Fault:
        """The doors that may be asked, the main one first, or why there is none. Never raises."""
        try:
            return self._targets()
        except Exception as error:
            logger.exception("the endpoint files could not be looked at")
            return faults.untrusted("the endpoint file", f"it cannot be looked at ({type(error).__name__})")

    def _targets(self) -> list[Target] | Fault:
        if self._override is not None:
            return [self._override] if _is_http(self._override.url) else _no_address(self._override.url)
        folder = self._folder or places.runtime_folder()
        main = folder / "codebase-endpoint.json"
        found = [self._target(file) for file in (main, *sorted(folder.glob("codebase-endpoint.*.json")))]
        doors = [one for one in found if isinstance(one, Target)]
        problems = [one for one in found if isinstance(one, Fault)]
        if doors:
            return doors
        return problems[0] if problems else faults.absent()

    def _target(self, file: Path) -> Target | Fault | None:
        try:
            seen = file.lstat()
        except OSError:
            self._read.pop(file, None)
            return None
        stamp = (seen.st_mtime_ns, seen.st_ino, seen.st_size, seen.st_mode)
        known = self._read.get(file)
        if known is None or known[0] != stamp:
            known = (stamp, self._believed(file, seen, stamp))
            self._read[file] = known
        believed = known[1]
        if isinstance(believed, Fault):
            return believed
        if not system.process_runs(believed.pid, own=True):
            return faults.gone(believed.pid)
        return believed.target

    def _believed(self, file: Path, seen: os.stat_result, stamp: tuple[int, ...]) -> _Believed | Fault:
        problem = endpoints.distrust(seen)
        told = None if problem else endpoints.read(file)
        if not problem and told is None:
            problem = "it is half-written or no endpoint file"
        if told is not None and not endpoints.on_this_machine(told.url):
            problem = f"it points outside this machine or to no address ({told.url:.60})"
        found = None if problem else endpoints.read_own(file)
        if not problem and found is None:
            problem = "it was replaced while it was read"
        if found is not None and not (found.token.isascii() and found.token.isprintable()):
            problem = "its token is no token"
        if problem or found is None:
            return faults.untrusted(str(file), problem)
        url = found.url.rstrip("/")
        return _Believed(Target(url, found.token, stamp, found.roots, found.proof), found.pid)


@dataclass(frozen=True, slots=True)
class _Believed:
    """A door and the process that wrote its file: while that lives, the file is no relic."""

    target: Target
    pid: int


def choose(targets: list[Target], wanted: Collection[str]) -> Target:
    """The door that serves most of the ``wanted`` roots and repositories; the main one when none does."""

    def served(target: Target) -> int:
        return sum(one.root in wanted or one.repository in wanted for one in target.roots)

    return max(targets, key=served)  # the first of equals: the main door


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _no_address(url: str) -> Fault:
    return Fault("untrusted", f"CODEBASE_URL is no address: {url:.60}", "Give http://127.0.0.1:PORT.")
