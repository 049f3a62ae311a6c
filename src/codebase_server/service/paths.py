"""Path arguments: they must lie inside the root, symbolic links included."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from codebase_server.service.errors import InvalidArgumentError, PathOutsideRootError


def inside(path: str, root: Path) -> str:
    """A file or folder argument as a path relative to `root` with ``/``; empty for the root itself.

    Takes ``\\`` for ``/`` on Windows and an absolute path inside the root. Raises
    `PathOutsideRootError`, `InvalidArgumentError` for a NUL character.
    """
    if "\0" in path:
        raise InvalidArgumentError("The path holds a NUL character.", "Give a path relative to the root.")
    given = path.replace("\\", "/") if os.sep == "\\" else path
    try:
        real = Path(os.path.realpath(root / given))
        lexical = Path(os.path.normpath(root / given))
    except (OSError, ValueError) as problem:
        raise PathOutsideRootError(path, str(root)) from problem
    if not real.is_relative_to(root) or not lexical.is_relative_to(root):
        raise PathOutsideRootError(path, str(root))
    # The index names files as they are written in the root, so the lexical path counts, not the real one.
    relative = PurePosixPath(lexical.relative_to(root).as_posix())
    return "" if str(relative) == "." else str(relative)


def glob_inside(glob: str, root: Path) -> str:
    """A glob relative to the root, of one that may begin with the root's own path or with ``./``.

    Raises `PathOutsideRootError` for one that could only match outside the root.
    """
    if glob.startswith("!"):  # all paths but those
        return "!" + glob_inside(glob[1:], root)
    if "\0" in glob:
        raise InvalidArgumentError("The path holds a NUL character.", "Give a glob such as 'src/**/*.py'.")
    given = glob.replace("\\", "/") if os.sep == "\\" else glob
    given = "." if Path(given) == root else given.removeprefix(f"{root.as_posix()}/")
    given = given.removeprefix("./")
    if ".." in given.replace("\\", "/").split("/") or Path(given).is_absolute():
        raise PathOutsideRootError(glob, str(root))
    return "**" if given in ("", ".") else given


def within(text: str, root: Path) -> str:
    """A text (a question, a trace) with the paths inside the root relative to it, as the index has them."""
    return text.replace(f"{root}{os.sep}", "")
