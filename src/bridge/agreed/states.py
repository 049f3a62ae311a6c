"""The states of a reference to code, and the fixed first words of warnings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias, get_args

ReferenceState: TypeAlias = Literal["valid", "moved", "changed", "stale", "unresolved", "unchecked"]
"""What became of the code a reference names.

``valid``: same code, same path and symbol. ``moved``: same code elsewhere.
``changed``: same identity, other code. ``stale``: a complete index has no such
code. ``unresolved``: given as text and never found yet. ``unchecked``: could
not be asked, or the index cannot tell.
"""

STATES: Final[tuple[ReferenceState, ...]] = get_args(ReferenceState)

FOUND: Final[frozenset[ReferenceState]] = frozenset({"valid", "moved", "changed"})
"""States in which the code still exists: these references stand in ``valid_references``."""

DENIED: Final[frozenset[ReferenceState]] = frozenset({"stale", "unresolved"})
"""States that say that there is no such code: wrong where an index has not seen the disk as it is."""

MOVED: Final = "Same code, other path or symbol."
MOVED_TO_COPY: Final = "Same code, other path or symbol: it stood there before it went here."
CHANGED: Final = "Same chunk, other code."
CHANGED_AND_MOVED: Final = "Same chunk, other code, and other path or symbol."
FILE_CHANGED: Final = "Same path, other content."
FILE_MOVED: Final = "Same content, other path."
GONE: Final = "No such code is left in this root."
PLAIN_REASONS: Final = frozenset({MOVED, CHANGED, CHANGED_AND_MOVED, FILE_CHANGED, FILE_MOVED})
"""Reasons that say no more than a state and its places do: a line that shows those can leave them out."""

NOT_FINISHED: Final = "not finished yet"
BEING_INDEXED: Final = "being indexed"
BEING_LOOKED_AT: Final = "being looked at"
BEING_MADE: Final = "being made"
_PASSING: Final = (NOT_FINISHED, BEING_INDEXED, BEING_LOOKED_AT, BEING_MADE)

_WORST_FIRST: Final[tuple[ReferenceState, ...]] = (
    "stale",
    "unchecked",
    "unresolved",
    "changed",
    "moved",
    "valid",
)

NEEDED_FIRST: Final[tuple[ReferenceState, ...]] = (
    "stale",
    "unresolved",
    "changed",
    "moved",
    "unchecked",
    "valid",
)
"""The order in which somebody who puts references right wants to read of them."""

UNAVAILABLE: Final = "code_search_unavailable: codebase-mcp server not reachable"
"""The first words of the warning when the codebase server could not be asked."""


def passes(state: str, reason: str) -> bool:
    """Whether what is ``unchecked`` for this reason can be checked in a moment, without anybody's doing.

    A reason of codebase-server that passes by itself has one of the words above; that a file is not indexed
    because it is too large has none.
    """
    return state == "unchecked" and any(words in reason for words in _PASSING)


def worst(states: Sequence[ReferenceState]) -> ReferenceState:
    """The state of a range: the worst of its chunks'. Raises `ValueError` for none."""
    return min(states, key=_WORST_FIRST.index)


def unavailable(reason: str, done: str, remedy: str) -> str:
    """The warning when the codebase server could not be asked.

    ``reason`` says why, ``done`` what was done all the same, ``remedy`` what to do.
    """
    return f"{UNAVAILABLE} ({reason}). {done} {remedy}".rstrip()


def only_stale(reference: str) -> str:
    """The first words of the warning when an item's only reference is stale."""
    return (
        f"Entity reference '{reference}' not found in codebase-mcp. Code may have been deleted or re-indexed."
    )


def one_of_several_stale(reference: str, valid: int, total: int) -> str:
    """The first words of the warning when one of several references is stale."""
    return (
        f"Entity reference '{reference}' not found in codebase-mcp. "
        f"{valid} of {total} entity references remain valid."
    )


def gone_where_it_stood(equals: int) -> str:
    """Why code is gone of which equal code stands in one or more other places."""
    where = "another place" if equals == 1 else f"{equals} other places"
    return f"Gone where it stood. The same code stands in {where}; whether one is meant cannot be told."
