"""Whether asking the codebase server again in a moment may tell more than it told now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bridge.agreed.resolution import Resolution
from bridge.agreed.states import passes
from bridge.client.faults import Fault
from workflow_server.records import Patience

_SLOW: Final = frozenset({"timed out", "reset"})
_NOT_THERE: Final = frozenset({"absent", "refused"})


def may_help(found: Sequence[Resolution] | Fault, patience: Patience) -> bool:
    """Whether the server is slow, starts just now, or has not read all of the code yet."""
    if isinstance(found, Fault):
        return found.kind in _SLOW or (patience.for_a_start and found.kind in _NOT_THERE)
    return any(passes(one.state, one.reason) for one in found)
