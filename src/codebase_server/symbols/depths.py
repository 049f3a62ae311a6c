"""How deep a definition is in a map, where what only wraps classes (``namespace db``) is no level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from codebase_server.chunks.kinds import CLASS_LIKE

_WRAPPING: Final = frozenset({"namespace", "module"})


def in_map(definitions: Sequence[tuple[str, str, str]]) -> dict[str, int]:
    """The depth of each qualified name of one file, without those that wrap.

    :param definitions: qualified name, parent and kind of each definition of the file, by line.
    """
    parents = {parent for _, parent, _ in definitions}
    holding = {parent for _, parent, kind in definitions if kind in CLASS_LIKE or kind in _WRAPPING}
    wrappers = {
        qualified
        for qualified, _, kind in definitions
        if (kind == "namespace" and qualified in parents) or (kind == "module" and qualified in holding)
    }
    depths: dict[str, int] = {}
    for qualified, parent, _ in definitions:
        depths[qualified] = depths[parent] + (parent not in wrappers) if parent in depths else 0
    return {qualified: depth for qualified, depth in depths.items() if qualified not in wrappers}
