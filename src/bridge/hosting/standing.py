"""Paths as somebody at a shell means them: from the folder where they stand, where there is such a file.

Everywhere else a path begins at the root. At a shell that is what it means as well, unless the folder one
stands in has something of this name. Nothing is read, only looked for; what leaves the root is left as it is.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from bridge.agreed.globs import patterns_in
from bridge.agreed.syntax import parse

_WILDCARD = re.compile(r"[*?\[{]")


def path_from(text: str, root: Path | None, here: Path) -> str:
    """`text` from `root`, if it names something seen from `here`, a folder below it; else `text`.

    :param root: None where no root is known, which leaves everything as it is.
    """
    if root is None or not text.strip() or Path(text).is_absolute():
        return text
    top, stands = Path(os.path.realpath(root)), Path(os.path.realpath(here))
    if top not in stands.parents:
        return text
    meant = Path(os.path.normpath(stands / text))
    try:
        if not meant.is_relative_to(top) or not os.path.lexists(meant):
            return text
    except ValueError:  # a NUL
        return text
    ending = "/" if text.endswith("/") and meant != top else ""
    return meant.relative_to(top).as_posix() + ending


def glob_from(pattern: str, root: Path | None, here: Path) -> str:
    """As `path_from`, for a pattern whose folders before the first wildcard are seen from `here`.

    One that begins with a wildcard means every folder, wherever it is given. Each of several, divided by
    commas, is read so.
    """
    parts = patterns_in(pattern)
    if len(parts) > 1:
        return ",".join(glob_from(part, root, here) for part in parts)
    found = _WILDCARD.search(pattern)
    if found is None:
        return path_from(pattern, root, here)
    folder, slash, rest = pattern[: found.start()].rpartition("/")
    return (
        f"{path_from(folder, root, here)}/{rest}{pattern[found.start() :]}" if slash and folder else pattern
    )


def reference_from(text: str, root: Path | None, here: Path) -> str:
    """As `path_from`, for the path of a reference to code; other references are left as they are."""
    parsed = parse(text)
    if parsed.form not in ("symbol", "lines", "path"):
        return text
    path = path_from(parsed.path, root, here)
    if path == parsed.path:
        return text
    if parsed.form == "symbol":
        return f"{path}::{parsed.symbol}"
    if parsed.form == "path":
        return path
    last = f"-{parsed.end_line}" if parsed.end_line != parsed.start_line else ""
    return f"{path}:{parsed.start_line}{last}"
