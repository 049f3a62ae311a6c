"""The version that every door tells."""

import sys
from functools import cache
from pathlib import Path

DISTRIBUTION = "tandem-mcp"


@cache
def version() -> str:
    """The installed distribution's version; `0` when run from a checkout that is not installed.

    The name of its metadata folder tells it; `importlib.metadata` would cost a command 20 ms for the same.
    """
    stem = DISTRIBUTION.replace("-", "_")
    for entry in sys.path:
        for folder in sorted(Path(entry).glob(f"{stem}-*.dist-info")):
            return folder.name.removeprefix(f"{stem}-").removesuffix(".dist-info")
    from importlib import metadata

    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "0"
