"""Prose by its headings: a section is a definition, its name the heading."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from codebase_server.chunks.items import Item


@dataclass(frozen=True, slots=True)
class _Markup:
    """How a language of prose marks a heading.

    ``before``: signs of which one to six begin its line, as many as it is deep. ``below``: those that its
    underline is made of; they rank as in ``levels``, others as they come. ``fenced``: whether code stands
    between fences, where nothing is a heading.
    """

    before: str
    below: str
    levels: Mapping[str, int] = field(default_factory=dict)
    fenced: bool = False

    def heading(self, line: str) -> tuple[int, str] | None:
        """Level and title of a line that is a heading."""
        sign = line[:1]
        if not sign or sign not in self.before:
            return None
        marks, *rest = line.split(None, 1)
        title = rest[0].strip().rstrip("#" if sign == "#" else "").rstrip() if rest else ""
        return (
            (len(marks), title) if title and len(marks) <= _DEEPEST and marks == sign * len(marks) else None
        )

    def underlines(self, line: str, title: str) -> bool:
        """Whether a line makes the one above it a heading."""
        title = title.strip()
        return bool(title) and self._is_rule(line, len(title)) and not self._is_rule(title, 0)

    def _is_rule(self, line: str, width: int) -> bool:
        line = line.rstrip()
        return (
            len(line) >= max(_SHORTEST_UNDERLINE, width)
            and line[0] in self.below
            and line == line[0] * len(line)
        )


_DEEPEST: Final = 6
_SHORTEST_UNDERLINE: Final = 3
_MARKDOWN: Final = _Markup("#", "=-", {"=": 1, "-": 2}, fenced=True)
_RST: Final = _Markup("", "=-~^\"'`*+#.:_")
_OF: Final = {
    "markdown": _MARKDOWN,
    "mdx": _MARKDOWN,
    "restructuredtext": _RST,
    "rst": _RST,
    "asciidoc": _Markup("=#", "=-~^+", {"=": 1, "-": 2, "~": 3, "^": 4, "+": 5}, fenced=True),
    "rdoc": _Markup("=", ""),
    "org": _Markup("*", ""),
}
PROSE: Final = frozenset(_OF)
"""Languages cut at headings."""

_IMAGE: Final = re.compile(r"!\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_LINK: Final = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_FENCE: Final = re.compile(r"\s*(`{3,}|~{3,})(.*)")


def sections_of(lines: Sequence[str], language: str = "markdown") -> list[Item]:
    """The sections of a text, each with its own lines only: from its heading to the next one."""
    heads = _heads(lines, _OF[language])
    items: list[Item] = []
    path: list[tuple[int, str]] = []
    for number, (line, level, title) in enumerate(heads):
        end = heads[number + 1][0] - 1 if number + 1 < len(heads) else len(lines)
        while path and path[-1][0] >= level:
            path.pop()
        parent = ".".join(name for _, name in path)
        name = _plain(title)
        path.append((level, name))
        qualified = f"{parent}.{name}" if parent else name
        items.append(Item(name, qualified, "section", line, end, line, title, "", parent, True, True, False))
    return items


def _plain(title: str) -> str:
    """A heading as a name: a link by its text, and images away unless there is nothing else; without dots,
    which part the names of sections."""
    text = _LINK.sub(r"\1", _IMAGE.sub("", title)).strip() or _IMAGE.sub(r"\1", title)
    return " ".join(text.replace(".", " ").split())[:120]


def _heads(lines: Sequence[str], markup: _Markup) -> list[tuple[int, int, str]]:
    """Line, level and title of each heading."""
    found: list[tuple[int, int, str]] = []
    levels = dict(markup.levels)
    fence = previous = ""
    for number, line in enumerate(lines, 1):
        mark = _FENCE.match(line) if markup.fenced else None
        if fence:
            if mark is not None and mark[1].startswith(fence) and not mark[2].strip():
                fence = previous = ""
            continue
        if mark is not None:
            fence = mark[1]
            continue
        heading = markup.heading(line)
        if heading is not None:
            found.append((number, *heading))
        elif markup.underlines(line, previous):
            level = levels.setdefault(line[0], len(levels) + 1)
            found.append((number - 1, level, previous.strip()))
        previous = line
    return found
