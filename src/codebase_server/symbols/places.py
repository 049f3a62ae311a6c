"""Files and folders by parts of their paths, among the paths of all indexed files."""

from __future__ import annotations

from collections.abc import Iterable


def paths_holding(paths: Iterable[str], part: str) -> list[str]:
    """Those that have ``part`` in them, as they would begin and end with ``/``; in the order given."""
    # What is within the slashes is looked for first: nothing is put together for paths that lack it.
    inside = part.strip("/")
    return [path for path in paths if inside in path and part in f"/{path}/"]


def places_ending(paths: Iterable[str], ending: str, limit: int) -> list[str]:
    """Files and their folders whose path is or ends in ``ending``, with or without a file's own ending
    (``src/pool`` for ``src/pool.ts``); in the order given."""
    found: dict[str, None] = {}
    for path in paths:
        if ending not in path:
            continue
        whole = f"/{path}/"
        at = whole.rfind(f"/{ending}.")
        if whole.endswith(f"/{ending}/") or (at >= 0 and "/" not in whole[at + 1 + len(ending) : -1]):
            found[path] = None
        elif (at := whole.rfind(f"/{ending}/")) >= 0:
            found[whole[1 : at + 1 + len(ending)]] = None
    return list(found)[:limit]
