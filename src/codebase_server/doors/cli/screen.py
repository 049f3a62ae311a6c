"""What a command prints: colours and links for a person, plain stable rows for a pipe.

Rich is imported only for what needs it (tables, highlighted code, progress
bars): its import alone is half of the time in which `search` must answer.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from codebase_server.doors.cli.wording import of_the_shell

if TYPE_CHECKING:
    from rich.console import Console

_STYLES: Final = {
    "bold": "1",
    "dim": "2",
    "path": "36",
    "name": "1;33",
    "good": "32",
    "bad": "31",
    "warn": "33",
}


class Screen:
    """Standard output of one command.

    ``terminal`` tells whether a person looks at it; ``color`` whether escape
    sequences may be used (never under ``NO_COLOR`` or ``TERM=dumb``).
    """

    def __init__(self) -> None:
        self.terminal = sys.stdout.isatty()
        plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        self.color = self.terminal and not plain
        self._console: Console | None = None

    @property
    def console(self) -> Console:
        """Rich's console for stdout, made when first asked for."""
        if self._console is None:
            from rich.console import Console

            self._console = Console(no_color=not self.color, highlight=False, soft_wrap=not self.terminal)
        return self._console

    def line(self, text: str = "") -> None:
        """One line, written at once."""
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def row(self, *fields: object) -> None:
        """One record of a plain listing: its fields divided by tabs."""
        self.line("\t".join(str(field).replace("\t", " ").replace("\n", " ") for field in fields))

    def json(self, answer: Mapping[str, Any]) -> None:
        """The answer as JSON: indented for a person, one line for a pipe."""
        self.line(json.dumps(answer, ensure_ascii=False, indent=2 if self.terminal else None))

    def styled(self, text: str, style: str) -> str:
        """`text` in one of the few styles, where colours are allowed."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.color else text

    def place(self, root: str, file_path: str, start: int, end: int) -> str:
        """``path:start-end``, in a terminal a link that opens the file."""
        text = self.styled(f"{file_path}:{start}-{end}", "path")
        target = (Path(root) / file_path).as_uri() if self.color else ""
        # of a share of another machine a terminal is shown no link (`console.visible`)
        linked = target.startswith("file:///")
        return f"\x1b]8;;{target}\x1b\\{text}\x1b]8;;\x1b\\" if linked else text

    def code(self, content: str, language: str, first_line: int) -> None:
        """Code with line numbers, highlighted in a terminal."""
        if self.color:
            self._highlighted(content, language, first_line)
            return
        width = len(str(first_line + content.count("\n")))
        for number, text in enumerate(content.split("\n"), first_line):
            self.line(f"{number:>{width}}  {text}")

    def _highlighted(self, content: str, language: str, first_line: int) -> None:
        from rich.syntax import Syntax

        # A language that it does not know is shown without colours.
        self.console.print(
            Syntax(
                content,
                language or "text",
                theme="ansi_dark",
                line_numbers=True,
                start_line=first_line,
                word_wrap=False,
                background_color="default",
            )
        )

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """A table for a person, tab-divided rows under a head line for a pipe."""
        if not self.terminal:
            self.row(*columns)
            for fields in rows:
                self.row(*fields)
            return
        from rich.table import Table
        from rich.text import Text

        table = Table(*columns, box=None, header_style="bold", pad_edge=False)
        for fields in rows:
            table.add_row(*(Text(str(field)) for field in fields))
        self.console.print(table)

    def facts(self, pairs: Iterable[tuple[str, object]]) -> None:
        """Names and values, one a line, the values aligned."""
        listed = [(name, str(value)) for name, value in pairs]
        width = max((len(name) for name, _ in listed), default=0)
        for name, value in listed:
            if self.terminal:
                self.line(f"{self.styled(name.ljust(width), 'dim')}  {value}")
            else:
                self.row(name, value)

    def warnings(self, texts: Iterable[str]) -> None:
        """Warnings, on stderr so that a pipe stays clean."""
        for text in texts:
            said = of_the_shell(text)
            print(f"{self.styled('Warning:', 'warn')} {said}", file=sys.stderr)  # noqa: T201 - the door's own output
