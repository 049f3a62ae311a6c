"""What a scan finds: entries, skips and their tally."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

SkipReason = Literal[
    "ignored",
    "secret",
    "binary",
    "minified",
    "generated",
    "huge",
    "symlink",
    "special",
    "unreadable",
    "bad_name",
    "missing",
    "nested_repository",
    "changing",
]
"""Why a file is not indexed.

``ignored`` by ``.codebaseignore``, ``--exclude`` or, without git, by an ignore
file (a folder left out as a whole counts once); ``special`` is a FIFO, socket
or device; ``bad_name`` has a control character or is not UTF-8; ``missing`` is
tracked but not on disk; ``changing`` was written faster than it could be read.
"""


class FileEntry(NamedTuple):
    """One candidate file: its path relative to the root, with ``/``, and its stat.

    Times are nanoseconds since the epoch, ``size`` is in bytes, ``mode`` is ``st_mode``.
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    mode: int


class Skip(NamedTuple):
    """One file that is not indexed, and why; a folder's path ends in ``/``."""

    path: str
    reason: SkipReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """All that is known of a root without opening its files.

    Reading may turn an entry into
    one more `Skip` (binary, minified, ...), never into a file unaccounted for.
    An entry whose ``mtime_ns`` or ``ctime_ns`` is not well before
    ``started_ns`` may change again without its stat telling.
    """

    root: str
    source: Literal["git", "walk"]
    entries: tuple[FileEntry, ...]
    skips: tuple[Skip, ...]
    started_ns: int
    warnings: tuple[str, ...] = field(default=())
