"""Whether asking the codebase server again in a moment may tell more than it told now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bridge.agreed.resolution import Resolution
from bridge.client.faults import Fault
from workflow_server.records import Patience

_SLOW: Final = frozenset({"timed out", "reset"})
_NOT_THERE: Final = frozenset({"absent", "refused"})
_UNDER_WAY: Final = ("not finished yet", "being indexed", "is being made")
"""In the reasons of codebase-server for what it cannot say yet. A file that it skips stays skipped."""


def may_help(found: Sequence[Resolution] | Fault, patience: Patience) -> bool:
    """Whether the server is slow, starts just now, or has not read all of the code yet."""
    if isinstance(found, Fault):
        return found.kind in _SLOW or (patience.for_a_start and found.kind in _NOT_THERE)
    return any(one.state == "unchecked" and any(words in one.reason for words in _UNDER_WAY) for one in found)
