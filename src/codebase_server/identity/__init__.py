"""Chunk ids that outlive edits, moves and renames.

- `derived_id`, `unused_id`: the id of code that nothing was carried to.
- `normal_hash`, `same_code`: code without white space, comments and formatting.
- `match`: which of the chunks that appeared is which of those that vanished (pure).
- `resolve.resolve`: what became of references, from a snapshot of the index.
- `resolve.history`: the generations in which a chunk changed; `resolve.diff`: a unified diff.

The last two are imported from their module, so that parsing workers need not load them.
"""

from codebase_server.identity.derive import derived_id, unused_id
from codebase_server.identity.match import Assignment, match
from codebase_server.identity.normal import normal_hash, same_code
from codebase_server.identity.pieces import DEAD, Match, Piece, Rules
from codebase_server.identity.similarity import profile, similarity

__all__ = [
    "DEAD",
    "Assignment",
    "Match",
    "Piece",
    "Rules",
    "derived_id",
    "match",
    "normal_hash",
    "profile",
    "same_code",
    "similarity",
    "unused_id",
]
