"""The truth: one SQLite file per repository, and the register of the roots of a data folder.

- `Registry`: roots, repositories, aliases, the data folder's id.
- `Database`: the file of one repository; `SystemLock`: who may write it.
- `Snapshot`: one root at one moment, for every reader (`index.RootIndex.snapshot` makes it).
- `Publisher` and `maintenance` are for the holder of the writer's lock.

A repository holds **versions** (what a chunk id was at some time; immutable,
numbered, never renumbered), **files** (which versions stand where in given
bytes), and per **root** which file stands at which path. Postings and vectors
refer to versions and are written with them, in one transaction.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codebase_server.store import removal, rows
    from codebase_server.store.database import Database
    from codebase_server.store.errors import (
        IndexCorruptError,
        IndexTooNewError,
        StorageDeniedError,
        StorageFullError,
        StorageLostError,
        StoreError,
        WriterBusyError,
        translated,
        translating,
    )
    from codebase_server.store.lock import SystemLock
    from codebase_server.store.records import (
        HistoryEntry,
        IndexedFile,
        Placement,
        RootState,
        StoredDefinition,
        StoredVersion,
        Tombstone,
    )
    from codebase_server.store.registry import RegisteredRoot, Registry
    from codebase_server.store.snapshot import Snapshot

__all__ = [
    "Database",
    "HistoryEntry",
    "IndexCorruptError",
    "IndexTooNewError",
    "IndexedFile",
    "Placement",
    "RegisteredRoot",
    "Registry",
    "RootState",
    "Snapshot",
    "StorageDeniedError",
    "StorageFullError",
    "StorageLostError",
    "StoreError",
    "StoredDefinition",
    "StoredVersion",
    "SystemLock",
    "Tombstone",
    "WriterBusyError",
    "removal",
    "rows",
    "translated",
    "translating",
]

_MODULES = {
    "Database": "database",
    "Registry": "registry",
    "RegisteredRoot": "registry",
    "Snapshot": "snapshot",
    "SystemLock": "lock",
    "HistoryEntry": "records",
    "IndexedFile": "records",
    "Placement": "records",
    "RootState": "records",
    "StoredDefinition": "records",
    "StoredVersion": "records",
    "Tombstone": "records",
}
"""Where names are that are not of ``errors``."""


def __getattr__(name: str) -> object:
    # A worker imports the records of a batch from this package, and nothing of the database.
    if name in ("removal", "rows"):
        return importlib.import_module(f"{__name__}.{name}")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_MODULES.get(name, 'errors')}")
    return getattr(module, name)
