"""Writing a file that a person named, where somebody else may have been before."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from bridge.agreed import system


def write_whole(file: Path, text: str) -> None:
    """Write a text beside its place and put it there: what stood there is never left half overwritten.

    A link to a file, or to none, is replaced and not followed, nor is one beside it: a folder that somebody
    else filled, as a repository's, may have one that leads to a file of the user's. Its folder must be there.
    A pipe or a terminal is written to. Raises `OSError`.
    """
    content = text.encode()
    if _is_stream(file):
        file.write_bytes(content)
        return
    part = file.with_name(f"{file.name[:100]}.{os.urandom(6).hex()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as stream:
            stream.write(content)
        system.put_in_place(part, file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _is_stream(file: Path) -> bool:
    try:
        mode = file.stat().st_mode
    except OSError:
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)
