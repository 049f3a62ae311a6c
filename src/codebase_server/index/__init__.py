"""Keeping the index of a root up to the disk.

- `RootIndex`: what doors and searches use: `refresh`, `snapshot`, `run_pass`, `status`, `close`.
- `IndexOptions`: settings of indexing; `PassResult`, `IndexStatus`: what is reported.

A pass goes ``files.scan → plan → (adopt | prepare in workers) → assign ids → publish``;
one process at a time makes it, elected by an operating system's lock, and any
number of others read what it publishes.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codebase_server.index.options import IndexingCancelledError, IndexOptions, PassResult
    from codebase_server.index.root import RootIndex
    from codebase_server.index.status import IndexStatus

__all__ = ["IndexOptions", "IndexStatus", "IndexingCancelledError", "PassResult", "RootIndex"]

_MODULES = {"RootIndex": "root", "IndexStatus": "status"}


def __getattr__(name: str) -> object:
    # A worker imports what prepares files from this package, and nothing of what keeps an index.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_MODULES.get(name, 'options')}")
    return getattr(module, name)
