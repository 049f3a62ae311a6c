"""Which folders may be a root."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bridge.agreed import places
from codebase_server.files.errors import RootError


def check_root(path: Path) -> Path:
    """The real path of a folder that may be indexed.

    Raises `RootError` for what does not exist, is not a readable folder, or
    holds far more than one project: ``/``, a drive root, a home directory or
    a folder above one.
    """
    try:
        real = Path(os.path.realpath(places.expanded(path)))
        is_folder = real.is_dir()
        exists = is_folder or real.exists()
    except (OSError, RuntimeError, ValueError) as error:
        raise RootError(
            "root_unreadable", f"Cannot look at {os.fspath(path)!r}: {error}.", "Name an existing folder."
        ) from error
    if _is_unwritable(real):
        encoding = sys.getfilesystemencoding()
        raise RootError(
            "root_unreadable",
            f"The name {os.fspath(real)!r} is no text in {encoding}, the encoding of this process.",
            "Start it with PYTHONUTF8=1 or LC_ALL=C.UTF-8; a name that is no UTF-8 either must be changed.",
        )
    if not exists:
        raise RootError(
            "root_not_found",
            f"No folder at '{real}'.",
            "Name the folder of a repository or project that exists.",
        )
    if not is_folder:
        raise RootError(
            "root_not_a_folder", f"'{real}' is not a folder.", f"Did you mean its folder, '{real.parent}'?"
        )
    what = _too_wide(real)
    if what:
        raise RootError(
            "root_refused",
            f"'{real}' is {what} and is not indexed as one project.",
            "Name the folder of one repository or project, for example with --root.",
        )
    if not os.access(real, os.R_OK | os.X_OK):
        raise RootError(
            "root_unreadable",
            f"No permission to list '{real}'.",
            "Give this user read and execute permission on it.",
        )
    return real


def _is_unwritable(path: Path) -> bool:
    """Whether a name holds bytes that the locale does not decode: Python keeps them as lone surrogates."""
    return any("\ud800" <= character <= "\udfff" for character in str(path))


def relative_to_root(path: str, root: Path) -> str | None:
    """A path as the index names it, relative to ``root`` with ``/``; None when it lies elsewhere.

    ``path`` is relative to the root, or absolute by any way that leads into it: below a linked folder
    (``/tmp`` on macOS, ``~/code``) the same file has two absolute names. Links inside the root stay as they
    are written, for so the index names files. Empty for the root itself. Raises `OSError` and `ValueError`
    for what is no path on this system.
    """
    lexical = Path(os.path.normpath(root / path))
    if lexical.is_relative_to(root):
        inside = lexical.relative_to(root)
    else:
        for entered in (*reversed(lexical.parents), lexical):
            real = Path(os.path.realpath(entered))
            if real.is_relative_to(root):
                inside = real.relative_to(root) / lexical.relative_to(entered)
                break
        else:
            return None
    return "" if inside == Path() else inside.as_posix()


def _too_wide(real: Path) -> str:
    """What makes a folder too wide to be one project, in words; empty when it is not."""
    if real.parent == real:
        return "the root of a file system or drive"
    home = _home()
    if home is None:
        return ""
    if real == home:
        return "your home directory"
    if real in home.parents:
        return "a folder that holds home directories"
    return ""


def _home() -> Path | None:
    try:
        return Path(os.path.realpath(Path.home()))
    except (OSError, RuntimeError):  # no HOME and no entry in the user database
        return None
