"""A Markdown file with check-lists: each `- [ ]` line is an item, deeper ones its children.

A heading becomes a parent, of type project, only where boxes stand below it. A box's key is the path of
texts to it, so a second import of an edited file finds the same items again and adds the new ones.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from workflow_server.exchange.foreign import ForeignFile, ForeignItem, UnreadableFile
from workflow_server.exchange.readers.text import read_text

_BOX = re.compile(r"^(\s*)(?:[-*+]|\d+[.)]) \[([ xX~/-])\]\s+(.+?)\s*$")
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*\s*$")
_FENCE = re.compile(r"^\s*(```|~~~)")
_MARKS = {
    " ": "planned",
    "x": "completed",
    "X": "completed",
    "/": "active",
    "~": "cancelled",
    "-": "cancelled",
}


@dataclass(frozen=True)
class _Open:
    """A heading or box that later lines may stand below: its level (headings 1 to 6, boxes 10 and their
    indentation) and its key.
    """

    level: int
    key: str


def read(path: Path) -> ForeignFile:
    """Read the boxes of a Markdown file.

    :raises UnreadableFile: when there is none.
    """
    items: dict[str, ForeignItem] = {}
    headings: dict[str, ForeignItem] = {}
    notes: dict[str, list[str]] = {}
    above: list[_Open] = []
    last: str | None = None
    fenced = False
    for line in read_text(path).splitlines():
        fenced ^= bool(_FENCE.match(line))
        heading, box = _HEADING.match(line), _BOX.match(line.expandtabs(4))
        if fenced or (heading is None and box is None):
            if last is not None and line.strip() and line[:1].isspace():
                notes.setdefault(last, []).append(line.strip())
            continue
        level = len(heading[1]) if heading else 10 + len(box[1]) if box else 0
        text = heading[2] if heading else box[3] if box else ""
        above = [each for each in above if each.level < level]
        key = _unique(" / ".join([*(each.key for each in above[-1:]), text]), items | headings)
        parent = above[-1].key if above else None
        above.append(_Open(level, key))
        if box:
            items[key] = ForeignItem(key=key, title=text, status=_MARKS[box[2]], parent=parent)
            last = key
        else:
            headings[key] = ForeignItem(key=key, title=text, item_type="project", parent=parent)
            last = None
    if not items:
        raise UnreadableFile(f"{path} has no line like `- [ ] text`")
    return ForeignFile("checklist", tuple(_assembled(items, headings, notes)))


def _unique(key: str, taken: dict[str, ForeignItem]) -> str:
    number, candidate = 2, key
    while candidate in taken:
        candidate = f"{key} ({number})"
        number += 1
    return candidate


def _assembled(
    items: dict[str, ForeignItem], headings: dict[str, ForeignItem], notes: dict[str, list[str]]
) -> list[ForeignItem]:
    """Headings that hold boxes, outermost first, then the boxes with the indented text below them."""
    used: dict[str, ForeignItem] = {}
    for item in items.values():
        chain = []
        parent = item.parent
        while parent in headings and parent not in used:
            chain.append(parent)
            parent = headings[parent].parent
        for key in reversed(chain):
            used[key] = headings[key]
    described = [
        ForeignItem(**{**vars(item), "description": "\n".join(notes.get(key, ()))})
        for key, item in items.items()
    ]
    return [*used.values(), *described]
