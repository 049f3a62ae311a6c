"""The folders of this user, and how private ones are made.

``TANDEM_RUNTIME_DIR`` moves the runtime folder; the rest follows the platform's
conventions (``platformdirs``).
"""

from __future__ import annotations

import contextlib
import os
import stat
import warnings
from pathlib import Path

from bridge.agreed import system
from bridge.agreed.errors import TandemError

APPLICATION = "tandem"
_LEFT_OPEN = 0o644
"""What becomes of a new file where nobody thinks of its mode."""


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
    """Make a folder for what is this user's alone: code and work items. One that stands there stays as it is:
    it may be a folder of the user's, with a purpose of its own.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def own_file(file: Path) -> None:
    """Make a database file that this user alone reads, or close one that earlier releases left open to all.

    SQLite gives its log the same mode. A file that was opened to a group by hand (0660) stays open to it.
    """
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        for one in (file, file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")):
            with contextlib.suppress(OSError):  # another user's, or on a disk without modes
                if stat.S_IMODE(one.stat().st_mode) == _LEFT_OPEN:
                    one.chmod(0o600)


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
