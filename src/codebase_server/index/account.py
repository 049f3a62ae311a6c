"""The account of files that are not indexed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from codebase_server.store.batch import SkippedFile

Account = tuple[dict[str, int], dict[str, list[str]]]
"""Files that are not indexed: how many by reason, and the first few paths of each."""


def account(skips: Iterable[SkippedFile]) -> Account:
    """Count by reason, the commonest first, and name the first few."""
    counts: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    for skip in sorted(skips, key=lambda skip: skip.path):
        counts[skip.reason] += 1
        named = examples.setdefault(skip.reason, [])
        if len(named) < 3:
            named.append(skip.path)
    return dict(counts.most_common()), examples
