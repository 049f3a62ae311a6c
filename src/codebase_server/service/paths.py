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


def check_glob(glob: str, root: Path) -> None:
    """Refuse a glob that could only match outside the root. Raises `PathOutsideRootError`."""
    if "\0" in glob:
        raise InvalidArgumentError("The path holds a NUL character.", "Give a glob such as 'src/**/*.py'.")
    parts = glob.replace("\\", "/").split("/")
    if ".." in parts or Path(glob).is_absolute():
        raise PathOutsideRootError(glob, str(root))
