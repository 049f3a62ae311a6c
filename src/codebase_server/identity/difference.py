"""What changed between two texts of a chunk."""

from __future__ import annotations

import difflib


def unified(before: str, now: str, was: str, becomes: str) -> str:
    """A unified diff without a final line break; ``was`` and ``becomes`` name the two. Empty if equal."""
    lines = difflib.unified_diff(before.splitlines(), now.splitlines(), was, becomes, lineterm="")
    return "\n".join(lines)
