"""The troubleshooting page, which every installation carries: beside this module, or in its sources."""

from __future__ import annotations

import re
from pathlib import Path

_NAME = "troubleshooting.md"
_HEADING = re.compile(r"(#+) (.+)")


def troubleshooting() -> str:
    """The page as Markdown; its sections are what `section_of` names. Raises `FileNotFoundError`."""
    here = Path(__file__).resolve()
    carried = here.with_name(_NAME)
    return (carried if carried.exists() else here.parents[3] / "docs" / _NAME).read_text("utf-8")


def explained(key: str) -> str:
    """The section that `section_of` names for a code or a heading; empty where there is none."""
    wanted, level, lines = _slug(key), 0, []
    for line in troubleshooting().splitlines():
        heading = _HEADING.fullmatch(line)
        if level and heading and len(heading[1]) <= level:
            break
        if not level and heading and _slug(heading[2]) == wanted:
            level = len(heading[1])
        if level:
            lines.append(line)
    return "\n".join(lines).strip()


def keys() -> list[str]:
    """What can be explained: the codes of errors, and the other headings as a link to them is written."""
    found = map(_HEADING.fullmatch, troubleshooting().splitlines())
    return [_slug(heading[2]) for heading in found if heading]


def _slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.casefold()).strip().replace(" ", "-")
