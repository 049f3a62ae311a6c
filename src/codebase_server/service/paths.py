"""Path arguments: they must lie inside the root, symbolic links included."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from bridge.agreed.globs import patterns_in
from codebase_server.files import relative_to_root
from codebase_server.service.errors import InvalidArgumentError, PathOutsideRootError

_WILDCARD: Final = re.compile(r"[*?\[{]")
_ABSOLUTE: Final = re.compile(r"(?<![\w.~:/\\-])(?:/|[A-Za-z]:[/\\])[^\s\"'`<>|:;,()\[\]{}]+")
_MOST_PATHS: Final = 100
"""In one text: more than the frames of a long trace."""


def inside(path: str, root: Path) -> str:
    """A file or folder argument as a path relative to `root` with ``/``; empty for the root itself.

    Takes ``\\`` for ``/`` on Windows and an absolute path inside the root. Raises
    `PathOutsideRootError`, `InvalidArgumentError` for a NUL character.
    """
    if "\0" in path:
        raise InvalidArgumentError("The path holds a NUL character.", "Give a path relative to the root.")
    given = path.replace("\\", "/") if os.sep == "\\" else path
    try:
        relative = relative_to_root(given, root)
        stays = Path(os.path.realpath(root / given)).is_relative_to(root)
    except (OSError, ValueError) as problem:
        raise PathOutsideRootError(path, str(root)) from problem
    if relative is None or not stays:
        raise PathOutsideRootError(path, str(root))
    return relative


def glob_inside(glob: str, root: Path) -> str:
    """A glob, or several divided by commas, relative to the root: each may begin with the root's own path or
    with ``./``.

    Raises `PathOutsideRootError` for one that could only match outside the root.
    """
    parts = patterns_in(glob)
    if len(parts) > 1:
        return ",".join(glob_inside(part, root) for part in parts)
    if glob.startswith("!"):  # all paths but those
        return "!" + glob_inside(glob[1:], root)
    if "\0" in glob:
        raise InvalidArgumentError("The path holds a NUL character.", "Give a glob such as 'src/**/*.py'.")
    given = glob.replace("\\", "/") if os.sep == "\\" else glob
    given = _without_root(given, root).removeprefix("./")
    if ".." in given.replace("\\", "/").split("/") or Path(given).is_absolute():
        raise PathOutsideRootError(glob, str(root))
    return "**" if given in ("", ".") else given


def within(text: str, root: Path) -> str:
    """A text (a question, a trace) with the paths inside the root relative to it, as the index has them."""
    text = text.replace(f"{root}{os.sep}", "")
    return _ABSOLUTE.sub(lambda found: _without_root(found[0], root), text, count=_MOST_PATHS)


def _without_root(path: str, root: Path) -> str:
    """A path or glob without the way to the root, if it begins with one; else as it is."""
    if not Path(path).is_absolute():
        return path
    wild = _WILDCARD.search(path)
    plain = path[: path.rfind("/", 0, wild.start()) + 1] if wild else path
    try:
        relative = relative_to_root(plain, root)
    except (OSError, ValueError):
        return path
    if relative is None:
        return path
    rest = path[len(plain) :]
    folder = "/" if relative and plain.endswith("/") else ""
    return f"{relative}{folder}{rest}"
