"""Finding out, before a search, whether anything changed on disk."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from codebase_server.files import FileEntry, Scan
from codebase_server.files.scanning import skip_by_stat
from codebase_server.index.plan import KnownFile, Plan, make_plan
from codebase_server.index.prepare import FORMAT
from codebase_server.store.batch import SkippedFile

_RULES = (".gitignore", ".ignore", ".codebaseignore", ".gitmodules", "info/exclude")


@dataclass(frozen=True, slots=True)
class Changes:
    """What to fold in: a scan, and whether it is of some known paths only."""

    scan: Scan
    only: tuple[str, ...] | None
    files: int
    bytes: int


def changes_in(root: Path, touched: Iterable[str], known: Mapping[str, KnownFile]) -> Changes | None:
    """Changes among touched paths when the index knows them all as files; None when only a scan can tell.

    A new path may be ignored, a folder may hold anything, a rule file changes
    what belongs to the root.
    """
    paths = sorted(set(touched))
    if any(path not in known or path.endswith(_RULES) for path in paths):
        return None
    started_ns = time.time_ns()
    entries: list[FileEntry] = []
    for path in paths:
        entry = _entry(root, path)
        if entry is None:
            continue  # gone, or no file any more: it will be missing from the scan, and so removed
        if not stat.S_ISREG(entry.mode) or skip_by_stat(entry) is not None:
            return None
        entries.append(entry)
    scan = Scan(str(root), "walk", tuple(entries), (), started_ns)
    return Changes(scan, tuple(paths), len(paths), sum(entry.size for entry in entries))


def changes_of(
    scan: Scan, known: Mapping[str, KnownFile], skipped: Mapping[str, SkippedFile]
) -> Changes | None:
    """What a whole scan shows to have changed; None when nothing has."""
    plan = make_plan(scan, known, skipped, format_=FORMAT)
    if not plan.touched and not _skips_differ(plan, skipped):
        return None
    size = sum(entry.size for entry in (*plan.changed, *plan.new))
    return Changes(scan, None, plan.touched, size)


def differing(root: Path, paths: Iterable[str], known: Mapping[str, KnownFile]) -> list[str]:
    """Those of some indexed paths whose file is no longer as it was when read."""
    found = []
    for path in paths:
        file = known.get(path)
        if file is None:
            continue
        entry = _entry(root, path)
        if entry is None or (entry.size, entry.mtime_ns, entry.ctime_ns, entry.inode) != (
            file.stat.size,
            file.stat.mtime_ns,
            file.stat.ctime_ns,
            file.stat.inode,
        ):
            found.append(path)
    return found


def _skips_differ(plan: Plan, skipped: Mapping[str, SkippedFile]) -> bool:
    return bool(plan.unskipped) or any(
        skipped.get(skip.path) is None or skipped[skip.path].reason != skip.reason for skip in plan.skips
    )


def _entry(root: Path, path: str) -> FileEntry | None:
    try:
        status = os.lstat(root / path)
    except OSError:
        return None
    return FileEntry(
        path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_mode
    )
