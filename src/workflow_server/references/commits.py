"""References to commits, and what commits say of work: ``Tandem:`` trailers and touched code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
_HUNK: Final = re.compile(r"^@@ -(?P<old>\d+)(?:,(?P<lines>\d+))? \+\d+(?:,\d+)? @@")


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
    """The places that a unified diff touches, in terms of the code before it."""
    found: list[Touched] = []
    old = ""
    left = 0  # lines of the open hunk still to come: a removed line may look like a file header
    for line in diff.splitlines():
        if left > 0 and line[:1] in {" ", "-", ""}:
            left -= 1
            continue
        if match := _FILE.match(line):
            path = _path(match["path"])
            if line.startswith("-"):
                old = path
            elif path and not old:
                found.append(Touched(path, 0, 0))
        elif (match := _HUNK.match(line)) and old:
            start = int(match["old"])
            left = int(match["lines"]) if match["lines"] is not None else 1
            found.append(Touched(old, max(start, 1), max(start + left - 1, start, 1)))
    return found


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


def about(records: Sequence[Mapping[str, Any]], places: Sequence[Touched]) -> list[str]:
    """The references (their texts) whose kept place a diff touches."""
    return [str(record["ref"]) for record in records if any(_meets(record, place) for place in places)]


def _meets(record: Mapping[str, Any], place: Touched) -> bool:
    kept = record.get("snapshot") or {}
    reference = parse(str(record["ref"]))
    path = kept.get("path") or reference.path
    if path != place.path:
        return False
    start = kept.get("start_line") or reference.start_line
    end = kept.get("end_line") or reference.end_line
    if not start or not place.start_line:
        return True
    return bool(start <= place.end_line and place.start_line <= end)
