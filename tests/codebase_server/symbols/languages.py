"""Small repositories whose names and references are known, one a language: the texts in ``known/``.

A text holds the files, each behind ``=== path``, then what names are known to find (``defined``) and from
where they are used (``used``), as ``name -> path:line, path:line``: the lines of a language server's "go to
definition" and "find references", best first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

TEXTS = sorted(Path(__file__).with_name("known").glob("*.txt"))


@dataclass(frozen=True)
class Known:
    """Files by path; places by name."""

    files: dict[str, str]
    defined: dict[str, list[str]]
    used: dict[str, list[str]]


def read(text: Path) -> Known:
    """One repository and what is known of it."""
    _, *parts = re.split(r"^=== (.+)\n", text.read_text(encoding="utf-8"), flags=re.MULTILINE)
    files = dict(zip(parts[::2], parts[1::2], strict=True))
    defined, used = _places(files.pop("defined")), _places(files.pop("used"))
    return Known(files, defined, used)


def _places(lines: str) -> dict[str, list[str]]:
    rows = [line.split(" -> ") for line in lines.splitlines()]
    return {name: places.split(", ") for name, places in rows}
