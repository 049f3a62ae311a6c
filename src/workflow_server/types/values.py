"""Metadata taken apart into indexable values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MAX_TEXT = 1_000
"""Characters of a text that the index keeps; longer texts are compared by their beginning."""

Value = tuple[str, str, float, str]
"""Path, kind, number, text. Kinds: ``s`` text, ``n`` number, ``b`` boolean, ``z`` null, ``o`` object,
``a`` array.
"""


def flatten(metadata: dict[str, Any]) -> set[Value]:
    """Every value under its dotted path; elements of an array stand under the array's path."""
    return {value for key, inner in metadata.items() for value in _values(escape(key), inner)}


def escape(key: str) -> str:
    """One key as a step of a path: a dot inside it is written ``\\.``."""
    return key.replace("\\", "\\\\").replace(".", "\\.")


def _values(path: str, value: Any) -> Iterator[Value]:
    if isinstance(value, dict):
        yield path, "o", 0.0, ""
        for key, inner in value.items():
            yield from _values(f"{path}.{escape(key)}", inner)
    elif isinstance(value, list):
        yield path, "a", 0.0, ""
        for inner in value:
            yield from _values(path, inner)
    else:
        yield path, *scalar(value)


def scalar(value: Any) -> tuple[str, float, str]:
    """Kind, number and text of one plain value."""
    if value is None:
        return "z", 0.0, ""
    if isinstance(value, bool):
        return "b", float(value), ""
    if isinstance(value, int | float):
        return "n", float(value), ""
    return "s", 0.0, str(value)[:MAX_TEXT]
