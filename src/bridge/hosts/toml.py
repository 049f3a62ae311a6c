"""Editing one table of a TOML document as text, leaving everything else alone."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence

_HEADER = re.compile(r"^\s*\[\[?[^\]\n]+\]\]?\s*(?:#.*)?$", re.MULTILINE)
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")


class NotTomlError(ValueError):
    """The text is not TOML, or the table is written in a way that cannot be edited as one."""


def value_at(text: str, path: Sequence[str]) -> object:
    """The value at a path of names, or None. Raises `NotTomlError`."""
    value: object = _loads(text)
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value


def with_table(text: str, path: Sequence[str], entries: Mapping[str, object]) -> str:
    """`text` with the table at `path` holding exactly `entries` (texts, lists of texts, tables of texts)."""
    rest = without_table(text, path)
    lines = [f"[{_dotted(path)}]"]
    nested = []
    for name, value in entries.items():
        if isinstance(value, Mapping):
            nested.append(f"\n[{_dotted((*path, name))}]")
            nested.extend(f"{_key(inner)} = {_value(held)}" for inner, held in value.items())
        else:
            lines.append(f"{_key(name)} = {_value(value)}")
    made = "\n".join([*lines, *nested]) + "\n"
    gap = "" if not rest.strip() else ("\n" if rest.endswith("\n") else "\n\n")
    result = (rest if rest.strip() else "") + gap + made
    if value_at(result, path) != dict(entries):
        raise NotTomlError(f"[{_dotted(path)}] is written inline; edit it by hand")
    return result


def without_table(text: str, path: Sequence[str]) -> str:
    """`text` without the table at `path` and the tables below it. Raises `NotTomlError`."""
    _loads(text)
    headers = list(_HEADER.finditer(text))
    kept = text[: headers[0].start()] if headers else text
    for position, header in enumerate(headers):
        end = headers[position + 1].start() if position + 1 < len(headers) else len(text)
        if _names(header.group())[: len(path)] != list(path):
            kept += text[header.start() : end]
    if value_at(kept, path) is not None:
        raise NotTomlError(f"[{_dotted(path)}] is written inline; edit it by hand")
    return kept if kept == text else kept.rstrip("\n") + "\n" if kept.strip() else ""


def _loads(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise NotTomlError(str(problem)) from problem


def _names(header: str) -> list[str]:
    """The names of a table header, read by parsing it as a document of its own."""
    value: object = _loads(header.strip().split("#")[0].replace("[[", "[").replace("]]", "]"))
    names = []
    while isinstance(value, Mapping) and value:
        name = next(iter(value))
        names.append(str(name))
        value = value[name]
    return names


def _dotted(path: Sequence[str]) -> str:
    return ".".join(_key(name) for name in path)


def _key(name: str) -> str:
    return name if _BARE.match(name) else json.dumps(name)


def _value(value: object) -> str:
    # JSON's texts and lists of texts are TOML's as well.
    return json.dumps(value, ensure_ascii=False)
