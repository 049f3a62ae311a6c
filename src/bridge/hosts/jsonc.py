"""Editing one member of a JSON document as text.

Settings files of editors are JSON with comments and trailing commas, and people
care for how they look. So the document is scanned for where things stand, and
only the characters of the one member are put in, replaced or taken out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

_SPACE = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_REST_OF_LINE = re.compile(r"[ \t]*(?://[^\n]*)?(?=\n)")
_SCALAR = re.compile(r"[^\s,\]}/]+")


class NotJsonError(ValueError):
    """The text is not JSON, even with comments allowed. The message says where it stops being so."""


class Member(NamedTuple):
    """One member of an object: its name and the offsets of its key and value."""

    name: str
    start: int
    value: int
    end: int


class Object(NamedTuple):
    """One object: the offsets of its braces and its members."""

    start: int
    end: int
    members: tuple[Member, ...]

    def member(self, name: str) -> Member | None:
        """The last member of that name, which is the one that counts."""
        return next((member for member in reversed(self.members) if member.name == name), None)


def check_strict(text: str) -> None:
    """Raise `NotJsonError` for a text that is JSON only with comments or trailing commas allowed.

    Many hosts read their settings strictly, and take no server at all from a file that has either.
    """
    try:
        json.loads(text)
    except json.JSONDecodeError as problem:
        _loads(text)  # what is no JSON at all is told as that
        told = "it has comments or trailing commas, which this host does not read"
        raise NotJsonError(f"line {problem.lineno}: {told} ({problem.msg})") from None


def value_at(text: str, path: Sequence[str]) -> Any:
    """The value at a path of names, or None when something on the way is missing.

    Raises `NotJsonError`.
    """
    place = _find(text, path)
    return None if place is None else _loads(text[place.value : place.end])


def with_member(text: str, path: Sequence[str], value: Any) -> str:
    """`text` with the member at `path` set to `value`; missing objects on the way are made.

    An empty text counts as an empty object. Raises `NotJsonError` when the text is
    not JSON or something on the way is not an object.
    """
    if not text.strip():
        text = "{\n}\n"
    at = _top(text)
    for depth, name in enumerate(path):
        found = _object_at(text, at).member(name)
        if found is None:
            nested: Any = value
            for missing in reversed(path[depth + 1 :]):
                nested = {missing: nested}
            return _inserted(text, _object_at(text, at), name, nested)
        if depth == len(path) - 1:
            written = _written(value, _indent_of(text, found.start), _step_of(text))
            return text[: found.value] + written + text[found.end :]
        at = found.value
    return text


def without_member(text: str, path: Sequence[str]) -> str:
    """`text` without the member at `path`, its comma and its line; unchanged when it is not there.

    Raises `NotJsonError`.
    """
    place = _find(text, path)
    if place is None:
        return text
    holder = _find(text, path[:-1])
    owner = _object_at(text, holder.value if holder else _top(text))
    start, end = place.start, place.end
    after = _skip(text, end)
    if text[after] == ",":
        end = after + 1
    elif (position := owner.members.index(place)) > 0:
        before = _skip(text, owner.members[position - 1].end)
        if text[before] == ",":
            text = text[:before] + text[before + 1 :]
            start, end = start - 1, end - 1
    line_start = text.rfind("\n", 0, start) + 1
    if not text[line_start:start].strip():
        line_end = text.find("\n", end)
        rest = text[end : line_end if line_end >= 0 else len(text)]
        if not rest.strip():
            start, end = line_start, end + len(rest) + 1
    return text[:start] + text[end:]


def _find(text: str, path: Sequence[str]) -> Member | None:
    if not text.strip():
        return None
    at = _top(text)
    found = None
    for name in path:
        found = _object_at(text, at).member(name)
        if found is None:
            return None
        at = found.value
    return found


def _inserted(text: str, owner: Object, name: str, value: Any) -> str:
    step = _step_of(text)
    outer = _indent_of(text, owner.start)
    inner = outer + step
    member = f"{json.dumps(name)}: {_written(value, inner, step)}"
    if not owner.members:
        inside = text[owner.start + 1 : owner.end - 1].rstrip()
        return f"{text[: owner.start + 1]}{inside}\n{inner}{member}\n{outer}{text[owner.end - 1 :]}"
    last = owner.members[-1]
    after = _skip(text, last.end)
    trailing = text[after] == ","
    if not trailing:
        text = f"{text[: last.end]},{text[last.end :]}"
        after = last.end
    # A comment behind the last member belongs to it and stays on its line.
    rest = _REST_OF_LINE.match(text, after + 1)
    at = rest.end() if rest else after + 1
    return f"{text[:at]}\n{inner}{member}{',' if trailing else ''}{text[at:]}"


def _written(value: Any, indent: str, step: str) -> str:
    lines = json.dumps(value, indent=step, ensure_ascii=False).split("\n")
    return ("\n" + indent).join(lines)


def _indent_of(text: str, at: int) -> str:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip())]


def _step_of(text: str) -> str:
    """The indentation of one level: that of the first indented line."""
    found = re.search(r"\n([ \t]+)\S", text)
    return found.group(1) if found else "  "


def _top(text: str) -> int:
    at = _skip(text, 0)
    try:
        _object_at(text, at)
    except RecursionError:
        raise NotJsonError("it is nested deeper than any settings file") from None
    return at


def _object_at(text: str, at: int) -> Object:
    if text[at : at + 1] != "{":
        raise NotJsonError(f"line {_line(text, at)}: an object is wanted here, not {text[at : at + 20]!r}")
    members = []
    position = _skip(text, at + 1)
    while text[position : position + 1] != "}":
        key = _STRING.match(text, position)
        if key is None:
            raise NotJsonError(f"line {_line(text, position)}: a name in quotes is wanted here")
        colon = _skip(text, key.end())
        if text[colon : colon + 1] != ":":
            raise NotJsonError(f"line {_line(text, colon)}: a ':' is wanted here")
        value = _skip(text, colon + 1)
        end = _end_of_value(text, value)
        members.append(Member(_name(text, key), position, value, end))
        position = _after_comma(text, end, "}")
    return Object(at, position + 1, tuple(members))


def _name(text: str, key: re.Match[str]) -> str:
    try:
        return str(json.loads(key.group()))
    except ValueError as problem:
        raise NotJsonError(f"line {_line(text, key.start())}: {problem}") from None


def _end_of_value(text: str, at: int) -> int:
    start = text[at : at + 1]
    if start == "{":
        return _object_at(text, at).end
    if start == "[":
        position = _skip(text, at + 1)
        while text[position : position + 1] != "]":
            position = _after_comma(text, _end_of_value(text, position), "]")
        return position + 1
    found = (_STRING if start == '"' else _SCALAR).match(text, at)
    if found is None:
        raise NotJsonError(f"line {_line(text, at)}: a value is wanted here")
    return found.end()


def _after_comma(text: str, at: int, closing: str) -> int:
    position = _skip(text, at)
    if text[position : position + 1] == ",":
        return _skip(text, position + 1)
    if text[position : position + 1] != closing:
        raise NotJsonError(f"line {_line(text, position)}: a ',' or '{closing}' is wanted here")
    return position


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _loads(text: str) -> Any:
    """JSON with comments and trailing commas as a value."""
    plain = re.sub(
        r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', lambda found: found.group(1) or "", text, flags=re.DOTALL
    )
    plain = re.sub(r'("(?:[^"\\]|\\.)*")|,(?=\s*[\]}])', lambda found: found.group(1) or "", plain)
    try:
        return json.loads(plain)
    except (ValueError, RecursionError) as problem:
        raise NotJsonError(str(problem)) from problem
