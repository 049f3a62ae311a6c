"""Reading small files that a repository may have put there: a pipe that nobody writes to, a device without
end, or gigabytes.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

LONGEST_LINE: Final = 16_384
"""Bytes; no system has longer paths."""


def whole(file: Path, most: int) -> bytes:
    """What a file holds. Raises `OSError`, also where that is no regular file or more than ``most`` bytes."""
    with os.fdopen(os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OSError(errno.EINVAL, "is no regular file", os.fspath(file))
        content = stream.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"has more than {most:,} bytes", os.fspath(file))
    return content


def line_of(file: Path) -> str:
    """The one line of a file, without its end. Raises `OSError` and `UnicodeDecodeError`."""
    return whole(file, LONGEST_LINE).decode("utf-8").strip()
