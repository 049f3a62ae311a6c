"""References to commits, and what commits say of work: ``Tandem:`` trailers and touched code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bridge.agreed import identity
from bridge.agreed.resolution import Resolution
from bridge.agreed.syntax import parse

_TRAILER: Final = re.compile(
    r"^Tandem:[ \t]*(?P<ids>wi_[a-z2-7]{7}(?:[ ,]+wi_[a-z2-7]{7})*)[ \t]*$", re.MULTILINE
)
_ITEM_ID: Final = re.compile(r"wi_[a-z2-7]{7}")
_FILE: Final = re.compile(r'^(?:---|\+\+\+) (?P<path>"(?:[^"\\]|\\.)*"|.+?)(?:\t.*)?$')
_ESCAPE: Final = re.compile(rb"\\([0-7]{3}|.)")
_ESCAPED: Final = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
_HUNK: Final = re.compile(r"^@@ -(?P<start>\d+)(?:,(?P<old>\d+))? \+\d+(?:,(?P<new>\d+))? @@")


@dataclass(frozen=True, slots=True)
class Touched:
    """Lines of a file as it was before a diff; both 0 for a file that the diff adds."""

    path: str
    start_line: int
    end_line: int


def resolution(record: Mapping[str, Any], folders: Sequence[Path]) -> Resolution:
    """The state of a reference that no codebase server knows: a commit is valid where git has it."""
    reference = str(record["ref"])
    if parse(reference).form != "commit":
        return Resolution(reference, "unresolved", reason="A URL is kept as text, it is no code.")
    for folder in folders:
        if (full := identity.commit(folder, reference)) is not None:
            return Resolution(reference, "valid", content_hash=full)
    if any(identity.is_unanswered(folder) for folder in folders):
        reason = "git takes too long to answer in the repository of this folder; it is asked again later."
        return Resolution(reference, "unchecked", reason=reason)
    return Resolution(reference, "unresolved", reason="No such commit in the repository of this folder.")


def trailers(message: str) -> list[str]:
    """The items that a commit message names in ``Tandem: wi_...`` trailers, each once, in order."""
    named = [item for match in _TRAILER.finditer(message) for item in _ITEM_ID.findall(match["ids"])]
    return list(dict.fromkeys(named))


def touched(diff: str) -> list[Touched]:
    """The places that a unified diff changes, in terms of the code before it; its context is none of them.

    Lines that are only added are told by the line above them: what is written at the end of a function
    belongs to it, what is written after the blank line behind it does not.
    """
    found: list[Touched] = []
    old = ""
    lines = iter(diff.split("\n"))  # code has form feeds, which end no line of a diff
    for line in lines:
        if match := _FILE.match(line):
            path = _path(match["path"])
            if line.startswith("-"):
                old = path
            elif path and not old:
                found.append(Touched(path, 0, 0))
        elif (match := _HUNK.match(line)) and old:
            found += (Touched(old, start, end) for start, end in _changed(match, lines))
    return found


def _changed(head: re.Match[str], lines: Iterator[str]) -> Iterator[tuple[int, int]]:
    """The old lines of each run of changes in one hunk, whose lines are taken from `lines`: as many as its
    head says, since a removed or an added line may look like the head of a file.
    """
    old, new = (1 if head[count] is None else int(head[count]) for count in ("old", "new"))
    # of a hunk without old lines the head names the line above
    at = int(head["start"]) + (old == 0)
    first, added = at, False
    while old > 0 or new > 0:
        line = next(lines, None)
        if line is None:
            break
        if line.startswith("+"):
            new, added = new - 1, True
        elif line.startswith("-"):
            old, at = old - 1, at + 1
        elif not line.startswith("\\"):  # "no newline at the end of the file"
            yield from _run(first, at, added)
            old, new, at, added = old - 1, new - 1, at + 1, False
            first = at
    yield from _run(first, at, added)


def _run(first: int, behind: int, added: bool) -> Iterator[tuple[int, int]]:
    """The old lines of a run of changes from `first` to before `behind`."""
    if behind > first:
        yield first, behind - 1
    elif added:
        yield max(first - 1, 1), max(first - 1, 1)


def _path(written: str) -> str:
    """A file of a diff's head, without git's prefix; empty for ``/dev/null``. Git quotes a name with other
    than plain characters as C does, each byte of them in octal.
    """
    if written.startswith('"'):
        raw = written[1:-1].encode("utf-8", "surrogateescape")
        written = _ESCAPE.sub(_unescaped, raw).decode("utf-8", "replace")
    if written == "/dev/null":
        return ""
    return written[2:] if written.startswith(("a/", "b/")) else written


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8) & 0xFF]) if len(code) == 3 else _ESCAPED.get(code, code)
