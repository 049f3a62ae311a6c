"""The lines of a file by where they begin: what stands beside what, also where no grammar understands it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from codebase_server.chunks.recovery.quoted import Quotes

if TYPE_CHECKING:
    from tree_sitter import Node

    from codebase_server.chunks.spec import Spec

TAB: Final = 4

_WORDS: Final = (
    "else elif elsif except finally catch rescue ensure end extends implements throws where then do with"
    " when in and or not case default"
)
_DEFINES: Final = re.compile(r"(?:async\s+def|def|class)\s+\w+\s*[(:]|@\w")
_GOES_ON: Final = re.compile(rf"(?:{'|'.join(_WORDS.split())})\b")
"""Words that go on with what began on a line above."""

_BEGINS: Final = re.compile(r"[\w@$#\[~<]")
_LEADS: Final = re.compile(r"@[\w.:]+(?:\s*\(.*[(),])?\s*$|#!?\[.*\]\s*$|\[[^\]]*\]\s*$|@[\w.:]+\s*\($")
"""Decorators, attributes and annotations that fill a line: they belong to what comes after them."""

_PREPROCESSED: Final = frozenset({"csharp", "swift"})
_DIRECTIVE: Final = re.compile(
    r"#[ \t]*(?:if|else|elseif|elif|endif|region|endregion|pragma|nullable|define|undef|line|error|warning)\b"
)
"""For the preprocessor, at the left margin however deep the code is that it is about."""

_CLOSES: Final = re.compile(r"[)\]}]|end\b")
_OPENS: Final = re.compile(r"[)\]>{].*[{:=]$|\{$")
"""The end of a head on a line of its own: ``):``, ``) {``, ``{``."""

NAMED: Final = re.compile(
    r"(?:[\w()\[\]:,*&<>'\"]+\s+){0,6}?"
    r"(?P<word>def|fn|func|fun|function|class|interface|struct|enum|trait|module|object|protocol)\s+"
    r"(?:\(\s*(?:\w+\s+)?\*?(?P<receiver>\w+)[^)]*\)\s*)?(?:self\.)?(?P<name>[A-Za-z_$][\w$]*[?!]?)"
)
"""A line that defines, as most languages write it."""


class Margins:
    """The lines of one file; rows are counted from 0."""

    def __init__(self, spec: Spec, data: bytes) -> None:
        self._spec = spec
        self.lines = data.decode("utf-8", "replace").split("\n")
        self.stripped = [line.strip() for line in self.lines]
        self._indents = [
            len(line[: len(line) - len(line.lstrip())].expandtabs(TAB)) if stripped else -1
            for line, stripped in zip(self.lines, self.stripped, strict=True)
        ]
        self._fences = [0]
        """How many lines above each row begin or end an example in prose."""
        for stripped in self.stripped:
            self._fences.append(self._fences[-1] + stripped.startswith("```"))
        self._has_directives = spec.grammar in _PREPROCESSED
        self._comments = (*spec.line_comments, *(opening for opening, _ in spec.block_comments))

    def taken_apart(
        self, begins: int, last: int, top: Node
    ) -> tuple[int, list[tuple[int, int]], list[tuple[int, int]]]:
        """The last row of a head, the rows of each part, and those of the line that closes it, if any."""
        base = self._indents[begins]
        end = self.last_filled(begins, last)
        closer: list[tuple[int, int]] = []
        if end > begins and self._indents[end] == base and _CLOSES.match(self.stripped[end]):
            closer = [(end, end)]
            end -= 1
        header = begins
        for row in range(begins + 1, end + 1):
            if self._indents[row] == base:
                header = row if _OPENS.match(self.stripped[row]) else header
                break
        # Lines of a text that is quoted may stand further left than the code around them.
        inside = (row for row in range(header + 1, end + 1) if self._indents[row] > base)
        inner = min((self._indents[row] for row in inside if self._begins(row)), default=-1)
        parts = list(self.cut(header + 1, end, inner, top)) if inner > base else []
        return (parts[0][0] - 1 if parts else header), parts, closer

    def cut(self, first: int, last: int, indent: int, top: Node) -> Iterator[tuple[int, int]]:
        """Rows from each beginning at an indentation to before the next, comments before it included."""
        start, lead = -1, -1
        quotes = Quotes(top, first, last)
        for row in range(first, last + 1):
            if self._indents[row] != indent:
                if -1 < self._indents[row] < indent:
                    lead = -1
                continue
            if self._is_lead(row):
                lead = row if lead < 0 else lead
            elif self._begins(row) and not self._is_quoted(row, quotes):
                at = row if lead < 0 else lead
                if start >= 0:
                    yield start, at - 1
                start, lead = at, -1
            else:
                lead = -1
        if start >= 0:
            yield start, last

    def _is_lead(self, row: int) -> bool:
        stripped = self.stripped[row]
        return (stripped.startswith(self._comments or ("\0",)) and not stripped.startswith("#[")) or bool(
            _LEADS.match(stripped)
        )

    def _begins(self, row: int) -> bool:
        stripped = self.stripped[row]
        if self._has_directives and _DIRECTIVE.match(stripped):
            return False
        return bool(_BEGINS.match(stripped)) and not _GOES_ON.match(stripped)

    def _is_quoted(self, row: int, quotes: Quotes) -> bool:
        """Whether a row lies in a string or comment that is closed.

        Where one of three quotes is missing, code seems to stand in strings from there on: in them what
        begins a definition is believed, but for that of an example between fences. So it is within an error,
        where a quote that opens is taken for one that closes, and so on to the end.
        """
        quoted = quotes.around(row, len(self.lines[row]) - len(self.lines[row].lstrip()))
        if quoted is None:
            return False
        is_open = quoted.is_open
        if self._spec.docstrings and _DEFINES.match(self.stripped[row]):
            is_open = is_open or (self._fences[row] - self._fences[quoted.row]) % 2 == 0
        is_misread = quoted.in_error and NAMED.match(self.stripped[row]) is not None
        return not (is_open or quoted.has_error or is_misread)

    def declared(self, first: int, last: int) -> int:
        """The row on which what a stretch defines begins, behind comments and decorators."""
        base = self._indents[first]
        rows = range(first, last + 1)
        return next(
            (r for r in rows if self._indents[r] == base and not self._is_lead(r) and self._begins(r)), first
        )

    def last_filled(self, first: int, last: int) -> int:
        """The last of some rows that is not blank; the first where all others are."""
        return next((row for row in range(last, first, -1) if self.stripped[row]), first)
