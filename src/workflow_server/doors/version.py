"""The version that every door tells."""

from functools import cache


@cache
def version() -> str:
    """The installed distribution's version; `0` when run from a checkout that is not installed."""
    from importlib import metadata

    try:
        return metadata.version("tandem-mcp")
    except metadata.PackageNotFoundError:
        return "0"
