"""A person's terminal, to which a command prints what others wrote.

Two things can go wrong with such text: a terminal obeys control characters (a line in a repository can move
the cursor, rewrite what stands above or set the clipboard), and a console with a code page of its own, as on
Windows, has no sign for an arrow and ends the command with an error.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Iterator
from typing import TextIO

from bridge.hosting.quotation import sign

_STYLE = r"(?:[01234]|2[234]|[349][0-79]|10[0-7])"
"""Bold, dim, italic, underlined and the sixteen colours; not hidden (8), which would hide what follows."""
_CONTROL = re.compile(
    rf"\x1b\[(?:{_STYLE}(?:;{_STYLE})*)?m"  # ours, and at worst a coloured line of others
    # links to files of this machine, as `Screen` and rich write them
    r"|\x1b\]8;(?:id=\d+)?;(?:file:///[!-~]*)?\x1b\\"
    r"|\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)
_LINK_OR_COLOUR = 2
"""Least length of what is left as it is."""


def visible(text: str) -> str:
    """`text` with control characters and direction overrides as signs; colours and file links stay."""
    return _CONTROL.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    if len(found[0]) >= _LINK_OR_COLOUR:
        return found[0]
    return sign(found)


class ReaderGoneError(Exception):
    """Who read standard output (``head``, ``less``) has seen enough: no failure of the command.

    click makes an exit code of 1 of a `BrokenPipeError`, which says that nothing was found.
    """


@contextlib.contextmanager
def reader_may_go() -> Iterator[None]:
    """Around what a command does: raises `ReaderGoneError` for a broken pipe."""
    try:
        yield
    except BrokenPipeError as gone:
        raise ReaderGoneError from gone


class Terminal(io.TextIOWrapper):
    """A stream to a person's terminal: whatever is written, only signs, colours and links arrive.

    `bare` is the stream beneath, for a bar that moves the cursor and shows texts of others as `visible`.
    """

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self.bare = stream
        super().__init__(
            stream.buffer, encoding=stream.encoding, errors="backslashreplace", line_buffering=True
        )

    def write(self, text: str, /) -> int:
        """Write `text` as `visible` makes it."""
        super().write(visible(text))
        return len(text)


def prepared(stream: TextIO) -> TextIO:
    """The stream for a command to print on: no text can be too foreign for it, nor steer a terminal."""
    if not isinstance(stream, io.TextIOWrapper):
        return stream  # a program that embeds the command brought its own
    stream.reconfigure(errors="backslashreplace")
    return Terminal(stream) if stream.isatty() else stream


def prepare() -> None:
    """Prepare standard output and standard error for the command line: warnings and errors repeat values."""
    sys.stdout = prepared(sys.stdout)
    sys.stderr = prepared(sys.stderr)
