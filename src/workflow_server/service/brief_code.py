"""The code that comes with a claim: enough to begin, not all of a long function."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from bridge.agreed.wording import counted

Json = dict[str, Any]

MOST_OF_ONE: Final = 2_000
"""Characters of code for one reference: some fifty lines, what an item keeps of code as well."""

MOST_IN_ALL: Final = 6_000
"""Characters of code for all references of an item."""

_KINDS: Final = ("diff", "content", "code")
"""In the order of their use: what changed since the item was written says more than the code at length."""


def shorten(details: Sequence[Json], item_id: str) -> None:
    """Cut the code of ``reference_details`` to `MOST_OF_ONE` and `MOST_IN_ALL`, in place, by whole lines from
    the top, or from the signature where so much stands above it that it would be cut off: a definition says
    there what it is. Where something is cut, ``left_out`` says how much, and how to get it.
    """
    left = MOST_IN_ALL
    for detail in details:
        allowed = min(left, MOST_OF_ONE)
        missing = 0
        for kind in _KINDS:
            if text := detail.get(kind):
                name = str(detail.get("symbol") or "") if kind != "diff" else ""
                kept, cut = _head(text, allowed, name)
                allowed -= len(kept)
                left -= len(kept)
                missing += cut
                detail[kind] = kept
                if not kept:
                    del detail[kind]
        if missing:
            detail["left_out"] = (
                f"{counted(missing, 'more line')}; "
                f'all with get_work_item(ids=["{item_id}"], include=["code"])'
            )


def _head(text: str, most: int, symbol: str = "") -> tuple[str, int]:
    """The first lines of ``text``, or of ``symbol`` in it, that fit ``most`` characters, and how many are
    left out.
    """
    lines = text.splitlines(keepends=True)
    kept: list[str] = []
    for line in lines[_signature(lines, most, symbol) :]:
        if len(line) > most:
            break
        most -= len(line)
        kept.append(line)
    return "".join(kept), len(lines) - len(kept)


def _signature(lines: Sequence[str], most: int, symbol: str) -> int:
    """The line on which ``symbol`` is defined, if decorators or comments above it fill ``most`` characters
    by half; else 0.
    """
    name = re.split(r"[.#:]", symbol)[-1]
    defines = re.compile(rf"^\s*(?:\w+\s+)*(?:def|class|func|function|fn)\s+{re.escape(name)}\b")
    before = 0
    for number, line in enumerate(lines if name else ()):
        if defines.match(line):
            return number if before > most // 2 else 0
        before += len(line)
    return 0
