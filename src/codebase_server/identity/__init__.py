"""Chunk ids that outlive edits, moves and renames.

- `derived_id`, `unused_id`: the id of code that nothing was carried to.
- `normal_hash`, `same_code`: code without white space, comments and formatting.
- `match.match`: which of the chunks that appeared is which of those that vanished (pure).
- `resolve.resolve`: what became of references, from a snapshot of the index.
- `resolve.history`: the generations in which a chunk changed; `resolve.diff`: a unified diff.

The others are loaded by need: a parsing worker hashes normalised code and nothing else.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codebase_server.identity.derive import derived_id, unused_id
    from codebase_server.identity.normal import normal_hash, same_code
    from codebase_server.identity.pieces import DEAD, Match, Piece, Rules

__all__ = ["DEAD", "Match", "Piece", "Rules", "derived_id", "normal_hash", "same_code", "unused_id"]

_MODULES = {"derived_id": "derive", "unused_id": "derive", "normal_hash": "normal", "same_code": "normal"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES.get(name, 'pieces')}"), name)
