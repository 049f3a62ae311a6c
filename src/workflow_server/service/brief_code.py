"""The code that comes with a claim: enough to begin, not all of a long function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

Json = dict[str, Any]

MOST_OF_ONE: Final = 2_000
"""Characters of code for one reference: some fifty lines, what an item keeps of code as well."""

MOST_IN_ALL: Final = 6_000
"""Characters of code for all references of an item."""

_KINDS: Final = ("diff", "content", "code")
"""In the order of their use: what changed since the item was written says more than the code at length."""


def shorten(details: Sequence[Json], item_id: str) -> None:
    """Cut the code of ``reference_details`` to `MOST_OF_ONE` and `MOST_IN_ALL`, in place, by whole lines from
    the top: a definition says there what it is. Where something is cut, ``left_out`` says how much, and how
    to get it.
    """
    left = MOST_IN_ALL
    for detail in details:
        allowed = min(left, MOST_OF_ONE)
        missing = 0
        for kind in _KINDS:
            if text := detail.get(kind):
                kept, cut = _head(text, allowed)
                allowed -= len(kept)
                left -= len(kept)
                missing += cut
                detail[kind] = kept
                if not kept:
                    del detail[kind]
        if missing:
            detail["left_out"] = (
                f"{missing} more line{'' if missing == 1 else 's'}; "
                f'all with get_work_item(ids=["{item_id}"], include=["code"])'
            )


def _head(text: str, most: int) -> tuple[str, int]:
    """The first lines of ``text`` that fit ``most`` characters, and how many are left out."""
    lines = text.splitlines(keepends=True)
    kept: list[str] = []
    for line in lines:
        if len(line) > most:
            break
        most -= len(line)
        kept.append(line)
    return "".join(kept), len(lines) - len(kept)
