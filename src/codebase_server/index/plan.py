"""What a pass has to do: the root as it was published against the root as it lies on disk."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from codebase_server.files import FileEntry, Scan
from codebase_server.store.batch import FileStat, SkippedFile

logger = logging.getLogger(__name__)

_FINE_NS = 50_000_000
"""Clocks of file systems tick in steps of up to 10 ms; a write within this of the scan may look like none."""

_COARSE_NS = 2_000_000_000
"""The same for file systems that keep whole or even seconds."""

RACY = FileStat(-1, 0, 0, 0)
"""Stored instead of a stat that a later write might not change: the file is hashed again next time."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the index has of a path. ``file_id`` is 0 for a file that was read and skipped."""

    stat: FileStat
    file_id: int
    content_hash: bytes
    format: int


@dataclass(slots=True)
class Plan:
    """Files by what is to be done with them. ``same`` need nothing; ``skips`` are not indexed."""

    changed: list[FileEntry] = field(default_factory=list)
    new: list[FileEntry] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    same: int = 0
    skips: list[SkippedFile] = field(default_factory=list)
    unskipped: list[str] = field(default_factory=list)
    started_ns: int = 0

    @property
    def touched(self) -> int:
        """How many files must be looked into, or taken away."""
        return len(self.changed) + len(self.new) + len(self.removed)


def known_files(
    connection: sqlite3.Connection, root_id: int, only: Sequence[str] | None = None
) -> dict[str, KnownFile]:
    """Every file of the root (or of ``only``) that was ever read: indexed, or skipped for its content."""
    within, paths = _among("root_file.path", only)
    rows = connection.execute(
        "SELECT root_file.path, root_file.size, mtime_ns, ctime_ns, inode, file_id, content_hash, format "
        f"FROM root_file JOIN file USING (file_id) WHERE root_id = ?{within}",
        (root_id, *paths),
    )
    found = {
        path: KnownFile(FileStat(size, mtime, ctime, inode), file_id, content_hash, format_)
        for path, size, mtime, ctime, inode, file_id, content_hash, format_ in rows
    }
    for path, skip in known_skips(connection, root_id, only).items():
        if skip.stat is not None:
            found[path] = KnownFile(skip.stat, 0, b"", 0)
    return found


def known_skips(
    connection: sqlite3.Connection, root_id: int, only: Sequence[str] | None = None
) -> dict[str, SkippedFile]:
    """The files (or those of ``only``) noted as not indexed."""
    within, paths = _among("path", only)
    rows = connection.execute(
        "SELECT path, reason, detail, size, mtime_ns, ctime_ns, inode FROM root_skip "
        f"WHERE root_id = ?{within}",
        (root_id, *paths),
    )
    return {
        path: SkippedFile(path, reason, detail, FileStat(size, mtime, ctime, inode) if size >= 0 else None)
        for path, reason, detail, size, mtime, ctime, inode in rows
    }


def _among(column: str, paths: Sequence[str] | None) -> tuple[str, tuple[str, ...]]:
    """The condition that a column has one of some paths, with its value; of None, no condition."""
    if paths is None:
        return "", ()
    return f" AND {column} IN (SELECT value FROM json_each(?))", (json.dumps(list(paths)),)


def make_plan(
    scan: Scan,
    known: Mapping[str, KnownFile],
    skipped: Mapping[str, SkippedFile],
    *,
    format_: int,
    force: bool = False,
) -> Plan:
    """Compare a scan with what is known.

    What a newer program parsed stays: of two releases that serve a root during an upgrade each would else
    undo all that the other did, at every look.
    """
    plan = Plan(started_ns=scan.started_ns)
    on_disk = set()
    outdated = 0
    for entry in scan.entries:
        on_disk.add(entry.path)
        before = known.get(entry.path)
        if before is None:
            plan.new.append(entry)
        elif force or before.stat != stat_of(entry) or (before.file_id and before.format < format_):
            (plan.changed if before.file_id else plan.new).append(entry)
            outdated += bool(before.file_id and before.format < format_)
        else:
            plan.same += 1
            if not before.file_id:
                plan.skips.append(skipped[entry.path])
    if outdated:
        logger.warning("%d files were parsed by an older release's rules: they are parsed again.", outdated)
    for skip in scan.skips:
        plan.skips.append(SkippedFile(skip.path, skip.reason, skip.detail))
        on_disk.discard(skip.path)
    plan.removed = sorted(path for path, file in known.items() if file.file_id and path not in on_disk)
    now_skipped = {skip.path for skip in plan.skips}
    plan.unskipped = sorted(path for path in skipped if path not in now_skipped)
    return plan


def stat_of(entry: FileEntry) -> FileStat:
    """The part of a file's stat that is compared."""
    return FileStat(entry.size, entry.mtime_ns, entry.ctime_ns, entry.inode)


def stat_to_keep(entry: FileEntry, started_ns: int) -> FileStat:
    """The stat to remember of a file read after ``started_ns``, or `RACY` where it proves nothing.

    A file written while the scan ran, or about then, may be written again
    within the same tick of the file system's clock: its stat would not tell.
    The same goes for files from the future, as after the clock was set back.
    """
    newest = max(entry.mtime_ns, entry.ctime_ns)
    slack = _COARSE_NS if entry.mtime_ns % 1_000_000_000 == 0 else _FINE_NS
    return RACY if newest >= started_ns - slack else stat_of(entry)
