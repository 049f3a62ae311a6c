"""What an answer lacks because files are left out of the index."""

from __future__ import annotations

from collections import Counter
from typing import Final

from codebase_server.store import Snapshot

_CODE: Final = ("generated", "minified", "huge")
"""Reasons for which files of code are left out."""


def why_not(snapshot: Snapshot, path: str | None) -> str:
    """That a file which a call names is left out, and why; empty where it is not."""
    reason = snapshot.skipped(path) if path else ""
    return f"'{path}' is not indexed: {reason}. index_status lists what is skipped." if reason else ""


def what_else(snapshot: Snapshot) -> str:
    """How many files of code no name is looked up in; empty where there are none."""
    counts = Counter(reason for _, reason in snapshot.skips())
    told = " and ".join(f"{counts[reason]:,} {reason}" for reason in _CODE if counts[reason])
    one = sum(counts[reason] for reason in _CODE) == 1
    return f"{told} file{' is' if one else 's are'} not indexed: index_status lists them." if told else ""
