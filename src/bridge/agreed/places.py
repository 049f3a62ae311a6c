"""The folders of this user, and how private ones are made.

``TANDEM_RUNTIME_DIR`` moves the runtime folder; the rest follows the platform's
conventions (``platformdirs``).
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from bridge.agreed import system
from bridge.agreed.errors import TandemError

logger = logging.getLogger(__name__)

APPLICATION = "tandem"
_OTHERS = 0o007
"""What everybody else may. A file or folder that was opened to a group by hand (0660, 0770) has none of it;
what is made where nobody thinks of its mode (0644, 0664) has.
"""
REGISTRY = "registry.sqlite3"
"""What tells a data folder of either program."""
_PARTS_OF_A_DATA_FOLDER = frozenset({"repositories", "projects", "backups"})
_looked_at: set[Path] = set()
"""Folders whose modes this process has seen to."""


def expanded(given: str | Path) -> Path:
    """A path as a person writes it, with ``~`` for the home folder. A name after it that no user has stays as
    it is (`Path.expanduser` raises).
    """
    return Path(os.path.expanduser(given))  # noqa: PTH111 - for that reason


def runtime_folder() -> Path:
    """The folder of endpoint files and the token. It may not exist yet: see `private_folder`."""
    moved = os.environ.get("TANDEM_RUNTIME_DIR")
    if moved:
        return expanded(moved)
    import platformdirs

    with warnings.catch_warnings():
        # where a host passes no XDG_RUNTIME_DIR the fallback serves as well; `doctor` names the folder
        warnings.simplefilter("ignore")
        return Path(platformdirs.user_runtime_dir(APPLICATION, appauthor=False))


def data_folder(program: str) -> Path:
    """The default data folder of ``codebase-server`` or ``workflow-server``."""
    import platformdirs

    return Path(platformdirs.user_data_dir(APPLICATION, appauthor=False)) / program


def config_file() -> Path:
    """The user's settings file; it may not exist."""
    import platformdirs

    return Path(platformdirs.user_config_dir(APPLICATION, appauthor=False)) / "config.toml"


def cache_folder() -> Path:
    """The folder for what can be computed again."""
    import platformdirs

    return Path(platformdirs.user_cache_dir(APPLICATION, appauthor=False))


def log_folder() -> Path:
    """The folder of the rotating log files (under the state folder on Linux)."""
    import platformdirs

    return Path(platformdirs.user_log_dir(APPLICATION, appauthor=False))


def own_folder(folder: Path) -> None:
    """Make a folder for what is this user's alone, code and work items, and its parents likewise.

    One that stands there is closed to others if this program made it: it is one of the platform's folders of
    this program, or a part of a data folder. What the user named stays as it is: it may be shared on purpose.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileNotFoundError:
        own_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        if not folder.is_dir():
            raise
    if folder not in _looked_at:
        _looked_at.add(folder)
        for one in _made_here(folder):
            _close(one, stat.S_ISDIR, 0o700)


def own_file(file: Path) -> None:
    """Make a database file that this user alone reads, or close one that earlier releases left open to all.

    SQLite gives its log the same mode. A file that was opened to a group by hand (0660) stays open to it.
    """
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        for one in (file, file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")):
            _close(one, stat.S_ISREG, 0o600)


def _made_here(folder: Path) -> Sequence[Path]:
    """A folder and those around it, as far as they are, or lie in, one of this program's or a part of a data
    folder, wherever that is."""
    named = (data_folder(""), cache_folder(), log_folder())
    around = (folder, *folder.parents)
    for last in range(len(around) - 1, -1, -1):
        one = around[last]
        is_part = one.name in _PARTS_OF_A_DATA_FOLDER and (one.parent / REGISTRY).is_file()
        if is_part or one in named:
            return around[: last + 1]
    return ()


def _close(one: Path, wanted: Callable[[int], bool], mode: int) -> None:
    """Take from others what they may with a file or folder of this user's. What is a link, another's, or on a
    disk without modes stays as it is.

    By its name: to open a database and close it again would give up the locks that SQLite has on it here.
    """
    with contextlib.suppress(OSError):
        seen = one.lstat()
        ours = wanted(seen.st_mode) and not system.another_user(seen, 0)
        if ours and os.name != "nt" and seen.st_mode & _OTHERS:
            one.chmod(mode)
            told = "%s was open to other users (mode %04o): it is yours alone now"
            logger.warning(told, one, stat.S_IMODE(seen.st_mode))


def private_folder(folder: Path) -> Path:
    """Make ``folder`` (mode 0700) or check that the one that stands there is this user's own.

    Raises `TandemError` ``unsafe_folder`` when it is a link, belongs to another
    user or can be written by others: secrets put there would not be secret.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if reason := _unsafe(folder):
        raise TandemError(
            "unsafe_folder",
            f"The folder {folder} {reason}.",
            "Remove it, correct its owner and mode (0700), or set TANDEM_RUNTIME_DIR to your own folder.",
        )
    return folder


def _unsafe(folder: Path) -> str:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        return "is not a folder"
    return system.another_user(found, stat.S_IWGRP | stat.S_IWOTH)
