"""Before a pass: has anything changed on disk."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from codebase_server import files
from codebase_server.files import FileEntry, Scan
from codebase_server.index.plan import KnownFile, Plan, make_plan, stat_of
from codebase_server.index.prepare import FORMAT
from codebase_server.index.published import Known, Published
from codebase_server.store.batch import SkippedFile

_RULES = (".gitignore", ".ignore", ".codebaseignore", ".gitmodules", "info/exclude")


@dataclass(frozen=True, slots=True)
class Changes:
    """What to fold in: a scan, and whether it is of some paths only."""

    scan: Scan
    only: tuple[str, ...] | None
    files: int
    bytes: int

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to do."""
        return self.only is not None and not self.only


def changes_in(
    root: Path, touched: Iterable[str], published: Published, exclude: Sequence[str] = ()
) -> Changes | None:
    """Changes among touched paths, at a cost in proportion to them; None when only a scan can tell.

    A rule file changes what belongs to the root, a folder that came or went may have held
    anything, and what was noted as not indexed is looked at with the rest.
    """
    paths = sorted(set(touched))
    if any(path.endswith(_RULES) for path in paths):
        return None
    started_ns = time.time_ns()
    known = published.of(paths)
    there = {path: entry for path in paths if (entry := _entry(root, path)) is not None}
    if _one_under_two_names(there):
        return None
    strange = [
        path for path in paths if path not in known.files and not _skipped_as_before(path, there, known)
    ]
    if strange:
        come = _come(root, strange, there, known, published, exclude)
        if come is None:
            return None
        strange = come
    entries: list[FileEntry] = []
    changed: list[str] = []
    for path in sorted([*known.files, *strange]):
        before, entry = known.files.get(path), there.get(path)
        if entry is not None:
            if not stat.S_ISREG(entry.mode) or files.skip_by_stat(entry) is not None:
                return None
            if before is not None and before.stat == stat_of(entry):
                continue  # an event that came late, of what is indexed already
            entries.append(entry)
        changed.append(path)  # gone, or no file any more: it is missing from the scan, and so removed
    scan = Scan(str(root), "walk", tuple(entries), (), started_ns)
    return Changes(scan, tuple(changed), len(changed), sum(entry.size for entry in entries))


def _one_under_two_names(there: Mapping[str, FileEntry]) -> bool:
    """Whether two of the paths are of one file but for case, as a file system shows them that does not tell
    case: one of them is what the file was called before, and only a scan has the name that it bears."""
    known: dict[str, FileEntry] = {}
    for path, entry in there.items():
        other = known.setdefault(path.casefold(), entry)
        if other is not entry and other.inode == entry.inode:
            return True
    return False


def _skipped_as_before(path: str, there: Mapping[str, FileEntry], known: Known) -> bool:
    """Whether a file is noted as left out for its name or size, and still would be."""
    noted, entry = known.skips.get(path), there.get(path)
    if noted is None or entry is None or not stat.S_ISREG(entry.mode):
        return False
    skip = files.skip_by_stat(entry)
    return skip is not None and skip.reason == noted.reason


def _come(
    root: Path,
    strange: Sequence[str],
    there: Mapping[str, FileEntry],
    known: Known,
    published: Published,
    exclude: Sequence[str],
) -> list[str] | None:
    """Those of some paths which are no known files that are new ones; None when only a scan can tell.

    Most are not: an editor's temporary file that is gone again, what a build writes into an ignored folder.
    """
    if known.skips.keys() & set(strange) or published.hold_below(strange):
        return None
    asked = [path for path in strange if path in there]
    if not asked:
        return []
    return files.belonging(root, asked, source=published.source(), exclude=exclude)


def changes_of(scan: Scan, known: Known) -> Changes:
    """What a whole scan shows to have changed."""
    plan = make_plan(scan, known.files, known.skips, format_=FORMAT)
    skips_differ = _skips_differ(plan, known.skips)
    entries = (*plan.changed, *plan.new)
    size = sum(entry.size for entry in entries)
    if skips_differ:
        return Changes(scan, None, plan.touched, size)
    only = tuple(sorted([*(entry.path for entry in entries), *plan.removed]))
    return Changes(replace(scan, entries=entries, skips=()), only, plan.touched, size)


def differing(root: Path, paths: Iterable[str], known: Mapping[str, KnownFile]) -> list[str]:
    """Those of some indexed paths whose file is no longer as it was when read."""
    found = []
    for path in paths:
        file = known.get(path)
        if file is None:
            continue
        entry = _entry(root, path)
        if entry is None or stat_of(entry) != file.stat:
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
