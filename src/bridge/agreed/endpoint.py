"""The file in which the holder of a loopback door says where it is.

``codebase-endpoint.json`` in the runtime folder tells of the door on the
agreed port, ``codebase-endpoint.<port>.json`` of one that had to take a free
port; ``workflow-endpoint.json`` likewise. Mode 0600, written atomically,
removed only by the process whose id stands in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from bridge.agreed import places, system

Program = Literal["codebase", "workflow"]

_MAX_BYTES = 1_000_000
"""No true endpoint file is larger; more is not read."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class EndpointRoot:
    """A root that the server answers for: its real path and repository identity."""

    root: str
    repository: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a door is. ``token`` is empty when none is wanted; ``file`` is where this was read from;
    ``proof`` how the door proves that it knows the token (`bridge.agreed.proof`), empty when it cannot.
    """

    url: str
    token: str
    pid: int
    data_dir_id: str
    roots: tuple[EndpointRoot, ...] = ()
    file: Path | None = None
    proof: str = ""

    def to_json(self) -> dict[str, Any]:
        """As written."""
        return {
            "url": self.url,
            "token": self.token,
            "proof": self.proof,
            "pid": self.pid,
            "data_dir_id": self.data_dir_id,
            "roots": [{"root": one.root, "repository": one.repository} for one in self.roots],
        }

    @property
    def alive(self) -> bool:
        """Whether the process that wrote it still runs: one of this user's."""
        return system.process_runs(self.pid, own=True)


def file_of(program: Program, port: int | None = None) -> Path:
    """The endpoint file of a program: of its agreed port, or of the free port it had to take."""
    name = f"{program}-endpoint.json" if port is None else f"{program}-endpoint.{port}.json"
    return places.runtime_folder() / name


def write(file: Path, endpoint: Endpoint) -> None:
    """Put the file in place, readable by this user alone. Readers see the old one or the new one, whole."""
    folder = places.private_folder(file.parent)
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=file.name)  # made with mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(endpoint.to_json(), stream)
        system.put_in_place(name, file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def remove(file: Path, pid: int | None = None) -> bool:
    """Remove the file if process `pid`, this one unless given, stands in it; whether it did."""
    found = read(file)
    if found is None or found.pid != (os.getpid() if pid is None else pid):
        return False
    with contextlib.suppress(OSError):
        file.unlink()
    return True


def read(file: Path) -> Endpoint | None:
    """The endpoint that a file tells of, or None when there is none or it tells nothing sensible."""
    return _read(file)[0]


def read_own(file: Path) -> Endpoint | None:
    """The same, but None for a file that another may have put there, or that points off this machine.

    For whoever will send something to that address, or a person to it.
    """
    found, seen = _read(file)
    if found is None or seen is None or distrust(seen):
        return None
    return found if on_this_machine(found.url) else None


def _read(file: Path) -> tuple[Endpoint | None, os.stat_result | None]:
    """What a file tells, and the status of that very file: its name may stand for another a moment later.

    A link is not followed, and of a pipe, a socket or a device nothing is read.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with os.fdopen(os.open(file, flags), "rb") as stream:
            seen = os.fstat(stream.fileno())
            record = json.loads(stream.read(_MAX_BYTES)) if stat.S_ISREG(seen.st_mode) else None
    except (OSError, ValueError, RecursionError):
        return None, None
    return _endpoint(record, file) if isinstance(record, dict) else None, seen


def distrust(seen: os.stat_result) -> str:
    """Why a file with this status is not to be believed, as the end of a sentence; empty when it may be."""
    if not stat.S_ISREG(seen.st_mode):
        return "it is no regular file"
    if seen.st_size > _MAX_BYTES:
        return f"it has {seen.st_size:,} bytes"
    reason = system.another_user(seen, 0o077)
    return f"it {reason}" if reason else ""


def on_this_machine(url: str) -> bool:
    """Whether an address is a plain HTTP one of the loopback."""
    try:
        parts = urlsplit(url)
        plain = not (parts.username or parts.query or parts.fragment) and parts.path in {"", "/"}
        return parts.scheme == "http" and parts.hostname in _LOOPBACK and bool(parts.port) and plain
    except ValueError:
        return False


def read_all(program: Program) -> list[Endpoint]:
    """All endpoints of a program, that of the agreed port first; those of dead processes are among them."""
    folder = places.runtime_folder()
    others = sorted(folder.glob(f"{program}-endpoint.*.json"))
    found = [read(file) for file in (file_of(program), *others)]
    return [one for one in found if one is not None]


def sweep(program: Program) -> list[Path]:
    """Remove the files of free ports whose processes were killed, which leave theirs; the files removed.

    The file of the agreed port stays: the next holder of that door writes over it.
    """
    gone = [one for one in read_all(program) if one.file != file_of(program) and not one.alive]
    # Each is read once more: a new server may have got the same free port meanwhile.
    return [one.file for one in gone if one.file is not None and remove(one.file, pid=one.pid)]


def _endpoint(record: Mapping[str, Any], file: Path) -> Endpoint | None:
    url, token, pid = record.get("url"), record.get("token", ""), record.get("pid")
    data_dir_id, roots = record.get("data_dir_id", ""), record.get("roots", [])
    proof = record.get("proof", "")
    if not isinstance(url, str) or not isinstance(token, str) or not isinstance(data_dir_id, str):
        return None
    if not isinstance(proof, str):
        return None
    if not isinstance(pid, int) or isinstance(pid, bool) or not isinstance(roots, list):
        return None
    return Endpoint(url, token, pid, data_dir_id, tuple(_roots(roots)), file, proof)


def _roots(rows: Sequence[object]) -> list[EndpointRoot]:
    found = []
    for row in rows:
        if isinstance(row, dict):
            root, repository = row.get("root"), row.get("repository", "")
            if isinstance(root, str) and isinstance(repository, str):
                found.append(EndpointRoot(root, repository))
    return found
