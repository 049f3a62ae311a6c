"""Where a program is that we run: never in the folder that it is to look at.

A bare name is looked up by the system with its working folder counted in: on Windows always and first,
elsewhere where PATH has an entry that is empty or relative. That folder is the repository, which could bring
a ``git`` of its own.
"""

from __future__ import annotations

import errno
import ntpath
import os
import posixpath
import sys
from functools import lru_cache
from pathlib import Path
from typing import Final

GIT_MEMORY_BYTES: Final = 4 * 1024**3
"""What a git that we start may have of its own. Reading a ref that leads to a device without end, it would
take all there is.
"""


def program(name: str, path: str | None = None, platform: str = sys.platform) -> str:
    """The full path of a program in one of the absolute folders of PATH.

    :param path: looked through; the environment's PATH unless given.
    :raises FileNotFoundError: where none of them has it.
    """
    return _found(name, os.environ.get("PATH", os.defpath) if path is None else path, platform)


@lru_cache(maxsize=16)
def _found(name: str, path: str, platform: str) -> str:
    windows = platform == "win32"
    flavour = ntpath if windows else posixpath
    for folder in path.split(";" if windows else ":"):
        # a drive without a folder, or a folder without a drive, is relative too
        if not flavour.isabs(folder) or (windows and not ntpath.splitdrive(folder)[0]):
            continue
        file = str(flavour.join(folder, f"{name}.exe" if windows else name))
        if Path(file).is_file() and os.access(file, os.X_OK):
            return file
    raise FileNotFoundError(errno.ENOENT, "not in any absolute folder of PATH", name)
