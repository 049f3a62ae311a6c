"""A Markdown file with check-lists: each `- [ ]` line is an item, deeper ones its children.

A heading becomes a parent, of type project, only where boxes stand below it. A box's key is the path of
texts to it, so a second import of an edited file finds the same items again and adds the new ones. Other
text describes the box it is indented below, or the heading it stands under; what has neither is reported.
"""

import re
from dataclasses import dataclass, field, replace
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


@dataclass
class _Text:
    """What stands between boxes and headings: indented below a box, it describes that; else it describes the
    heading it stands under.
    """

    of: dict[str, list[str]] = field(default_factory=dict)
    at: dict[str, list[int]] = field(default_factory=dict)

    def add(self, key: str, number: int, line: str) -> None:
        """Keep a line; an empty one only between others."""
        if line.strip() or self.of.get(key):
            self.of.setdefault(key, []).append(line)
        if line.strip():
            self.at.setdefault(key, []).append(number)

    def whole(self, key: str) -> str:
        """The lines under a key as one text."""
        return "\n".join(self.of.get(key, ())).strip()


def read(path: Path) -> ForeignFile:
    """Read the boxes of a Markdown file.

    :raises UnreadableFile: when there is none.
    """
    items: dict[str, ForeignItem] = {}
    headings: dict[str, ForeignItem] = {}
    texts = _Text()
    above: list[_Open] = []
    last: str | None = None
    fenced = False
    for number, line in enumerate(read_text(path).splitlines(), 1):
        fenced ^= bool(_FENCE.match(line))
        heading, box = _HEADING.match(line), _BOX.match(line.expandtabs(4))
        if fenced or (heading is None and box is None):
            if last is not None and line.strip() and line[:1].isspace():
                texts.add(last, number, line.strip())
            else:
                texts.add(_heading_of(above), number, line.rstrip())
            continue
        level = len(heading[1]) if heading else 10 + len(box[1]) if box else 0
        text = heading[2] if heading else box[3] if box else ""
        above = [each for each in above if each.level < level]
        key = _unique(" / ".join([*(each.key for each in above[-1:]), text]), items | headings)
        parent = above[-1].key if above else None
        above.append(_Open(level, key))
        if box:
            items[key] = ForeignItem(
                key=key, title=text, status=_MARKS[box[2]], parent=parent, place=f"line {number}"
            )
            last = key
        else:
            headings[key] = ForeignItem(
                key=key, title=text, item_type="project", parent=parent, place=f"line {number}"
            )
            last = None
    if not items:
        raise UnreadableFile(f"{path} has no line like `- [ ] text`")
    found = _assembled(items, headings, texts)
    return ForeignFile("checklist", tuple(found), tuple(_nowhere(headings, found, texts)))


def _heading_of(above: list[_Open]) -> str:
    """The key of the innermost heading that is open; empty before the first."""
    return next((each.key for each in reversed(above) if each.level < 10), "")


def _nowhere(headings: dict[str, ForeignItem], found: list[ForeignItem], texts: _Text) -> list[str]:
    """What is of no item: text before the first heading, and headings without boxes with theirs."""
    kept = {item.key for item in found}
    told = []
    for key, title in {"": "", **{key: each.title for key, each in headings.items()}}.items():
        lines = texts.at.get(key, [])
        if key in kept or not (lines or key):
            continue
        what = f"heading '{title[:60]}' has no box below it" if key else "text under no heading"
        where = f": its text ({_lines(lines)})" if key and lines else f" ({_lines(lines)})" if lines else ""
        told.append(f"{what}{where}")
    return told


def _lines(numbers: list[int]) -> str:
    """`line 3`, `lines 3-9`."""
    return f"line {numbers[0]}" if len(numbers) == 1 else f"lines {numbers[0]}-{numbers[-1]}"


def _unique(key: str, taken: dict[str, ForeignItem]) -> str:
    number, candidate = 2, key
    while candidate in taken:
        candidate = f"{key} ({number})"
        number += 1
    return candidate


def _assembled(
    items: dict[str, ForeignItem], headings: dict[str, ForeignItem], texts: _Text
) -> list[ForeignItem]:
    """Headings that hold boxes, outermost first, then the boxes, each with the text that is about it."""
    used: dict[str, ForeignItem] = {}
    for item in items.values():
        chain = []
        parent = item.parent
        while parent in headings and parent not in used:
            chain.append(parent)
            parent = headings[parent].parent
        for key in reversed(chain):
            used[key] = headings[key]
    return [replace(item, description=texts.whole(item.key)) for item in (*used.values(), *items.values())]
