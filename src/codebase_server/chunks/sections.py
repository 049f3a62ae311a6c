"""Prose by its headings: a section is a definition, its name the heading."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from codebase_server.chunks.items import Item

PROSE: Final = frozenset({"markdown", "mdx", "restructuredtext", "rst", "asciidoc", "rdoc", "org"})
"""Languages cut at headings."""

_MARKDOWN: Final = frozenset({"markdown", "mdx"})
_MARKDOWN_LEVELS: Final = {"=": 1, "-": 2}
_HEADINGS: Final = re.compile(r"^(#{1,6}|={1,6}|\*{1,6})\s+(\S.*?)\s*#*$")
_UNDERLINE: Final = re.compile(r"^([=\-~^\"'`*+#])\1{2,}\s*$")
_FENCE: Final = re.compile(r"^\s*(```|~~~)")


def sections_of(lines: Sequence[str], language: str = "markdown") -> list[Item]:
    """The sections of a text, each with its own lines only: from its heading to the next one."""
    heads = _heads(lines, dict(_MARKDOWN_LEVELS) if language in _MARKDOWN else {})
    items: list[Item] = []
    path: list[tuple[int, str]] = []
    for number, (line, level, title) in enumerate(heads):
        end = heads[number + 1][0] - 1 if number + 1 < len(heads) else len(lines)
        while path and path[-1][0] >= level:
            path.pop()
        parent = ".".join(name for _, name in path)
        name = title.replace(".", " ").strip()[:120]
        path.append((level, name))
        qualified = f"{parent}.{name}" if parent else name
        items.append(Item(name, qualified, "section", line, end, line, title, "", parent, True, True, False))
    return items


def _heads(lines: Sequence[str], levels: dict[str, int]) -> list[tuple[int, int, str]]:
    """Line, level and title of each heading; underlines not in ``levels`` rank as they come."""
    found: list[tuple[int, int, str]] = []
    fenced = False
    for number, line in enumerate(lines, 1):
        if _FENCE.match(line):
            fenced = not fenced
        if fenced:
            continue
        match = _HEADINGS.match(line)
        if match:
            found.append((number, len(match.group(1)), match.group(2)))
        elif number > 1 and (match := _UNDERLINE.match(line)):
            title = lines[number - 2].strip()
            if title and len(line.strip()) >= len(title) and not _UNDERLINE.match(title):
                level = levels.setdefault(match.group(1), len(levels) + 1)
                found.append((number - 1, level, title))
    return found
