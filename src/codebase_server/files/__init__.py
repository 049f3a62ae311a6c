"""Which files belong to a root, and what is in them.

`scan` lists the files of a root with their stat and accounts for every file it
leaves out; `read` turns one of them into a `SourceFile` or says why not.

What belongs to a root:

- In a git checkout, what git tracks or would track. An initialised submodule
  belongs to the root; another repository that merely lies in the folder does
  not (it is a root of its own) and is counted as ``nested_repository``.
- Elsewhere, every file that the nested ``.gitignore`` and ``.ignore`` files
  leave, without the folders that tools fill (``node_modules``, caches, ...).
- In both, less what nested ``.codebaseignore`` files and ``exclude`` name.

Symbolic links are never followed, and nothing that a repository brings along
(hooks, filters, monitors) is ever run.
"""

import importlib
from typing import TYPE_CHECKING

from codebase_server.files.errors import RootError
from codebase_server.files.kinds import is_vendored, kind_of, may_hold_names
from codebase_server.files.languages import LANGUAGES, language_of
from codebase_server.files.limits import DEFAULT_MAX_FILE_BYTES
from codebase_server.files.reading import decode, read
from codebase_server.files.records import FileEntry, Scan, Skip, SkipReason

if TYPE_CHECKING:
    from codebase_server.files.git import end_running
    from codebase_server.files.looking import belonging
    from codebase_server.files.roots import check_root, relative_to_root
    from codebase_server.files.scanning import scan, skip_by_stat

__all__ = [
    "DEFAULT_MAX_FILE_BYTES",
    "LANGUAGES",
    "FileEntry",
    "RootError",
    "Scan",
    "Skip",
    "SkipReason",
    "belonging",
    "check_root",
    "decode",
    "end_running",
    "is_vendored",
    "kind_of",
    "language_of",
    "may_hold_names",
    "read",
    "relative_to_root",
    "scan",
    "skip_by_stat",
]

_MODULES = {
    "belonging": "looking",
    "check_root": "roots",
    "end_running": "git",
    "relative_to_root": "roots",
    "scan": "scanning",
    "skip_by_stat": "scanning",
}
"""Where names are that only a look at a whole root needs."""


def __getattr__(name: str) -> object:
    # A worker imports what reads a file from this package, and nothing of git or of ignore rules.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
