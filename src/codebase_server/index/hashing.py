"""Looking at bytes before parsing: those that are as before, or stored already, need not be parsed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codebase_server.files import FileEntry
from codebase_server.index.plan import KnownFile, Plan, stat_to_keep
from codebase_server.index.prepare import FORMAT
from codebase_server.store.batch import FileStat

_FLAGS = (
    os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)


@dataclass(slots=True)
class Looked:
    """What the bytes tell: the files to parse, hashes of what could be read, and files to be stored with
    another stat alone.
    """

    changed: list[FileEntry] = field(default_factory=list)
    hashed: list[tuple[FileEntry, bytes]] = field(default_factory=list)
    restat: list[tuple[str, FileStat]] = field(default_factory=list)


def look_before_parsing(root: Path, plan: Plan, known: Mapping[str, KnownFile], *, also_new: bool) -> Looked:
    """Hash the files of a plan whose stat has changed and, where some may be stored already, the new ones.

    A file as it was before the last parsers is parsed anew, whatever its bytes.
    """
    found = Looked()
    for entry in plan.changed:
        content_hash = hash_file(root, entry.path)
        before = known[entry.path]
        if content_hash == before.content_hash and before.format >= FORMAT:
            found.restat.append((entry.path, stat_to_keep(entry, plan.started_ns)))
            continue
        found.changed.append(entry)
        if content_hash is not None:
            found.hashed.append((entry, content_hash))
    for entry in plan.new if also_new else ():
        content_hash = hash_file(root, entry.path)
        if content_hash is not None:
            found.hashed.append((entry, content_hash))
    return found


def hash_file(root: Path, path: str) -> bytes | None:
    """BLAKE2b-128 of a file's bytes; None when it cannot be read (reading it properly will say why)."""
    try:
        descriptor = os.open(root / path, _FLAGS)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            return hashlib.blake2b(file.read(), digest_size=16).digest()
    except OSError:
        return None
