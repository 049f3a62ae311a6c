"""Checks of values, whatever field they are of. Each says which field, what it was, and what is valid."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from bridge.agreed.errors import TandemError, did_you_mean
from workflow_server.store.clock import parse, stamp

MAX_LIST = 200
MAX_METADATA_BYTES = 100_000
MAX_METADATA_LEVELS = 100
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")

Check = Callable[[str, Any], Any]
"""Takes the field's name and the value, answers the value as it is kept, or raises."""


def invalid(field: str, problem: str, hint: str = "", **details: Any) -> TandemError:
    """An ``invalid_argument`` error about one field."""
    return TandemError("invalid_argument", f"`{field}` {problem}", hint, details={"field": field, **details})


def shown(value: Any) -> str:
    """A value as an error may show it: JSON, at most 80 characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."


def text(longest: int, *, empty: bool = True, line: bool = False) -> Check:
    """A text of at most ``longest`` characters; ``line`` folds line ends into spaces and trims."""

    def check(field: str, value: Any) -> str:
        if not isinstance(value, str):
            raise invalid(field, f"must be a text, but is {shown(value)}.")
        if _CONTROL.search(value):
            raise invalid(
                field, "holds control characters or half of a surrogate pair.", "Send plain Unicode text."
            )
        kept: str = " ".join(value.split()) if line else value
        if not empty and not kept.strip():
            raise invalid(field, "must not be empty.", "Give at least one visible character.")
        if len(kept) > longest:
            raise invalid(
                field,
                f"is {len(kept):,} characters long, at most {longest:,} fit.",
                "Put the rest into `description` or a `note`." if field == "title" else "Shorten it.",
            )
        return kept

    return check


def optional(check: Check) -> Check:
    """A check that lets null pass as None."""
    return lambda field, value: None if value is None else check(field, value)


def one_of(choices: Sequence[str]) -> Check:
    """One word of a closed list."""

    def check(field: str, value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            meant = did_you_mean(value, choices) if isinstance(value, str) else ""
            raise invalid(field, f"is {shown(value)}.", f"It must be one of: {', '.join(choices)}.{meant}")
        return value

    return check


def list_of(check: Check, *, unique: bool = True) -> Check:
    """A list of at most 200 values, each checked; equal ones are kept once when ``unique``."""

    def checked(field: str, value: Any) -> tuple[Any, ...]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise invalid(field, f"must be a list, but is {shown(value)}.", f"Write [{shown(value)}].")
        if len(value) > MAX_LIST:
            raise invalid(field, f"has {len(value)} entries, at most {MAX_LIST} fit.")
        found: list[Any] = []
        for place, inner in enumerate(value):
            entry = check(f"{field}[{place}]", inner)
            if not unique or entry not in found:
                found.append(entry)
        return tuple(found)

    return checked


def priority(field: str, value: Any) -> int:
    """A priority: a whole number from 0, most urgent, to 4."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 4:
        raise invalid(field, f"is {shown(value)}.", "It must be a whole number from 0 (most urgent) to 4.")
    return value


def moment(field: str, value: Any) -> str:
    """A day as given, or a time in UTC."""
    if not isinstance(value, str):
        raise invalid(
            field, f"must be a text, but is {shown(value)}.", "Write 2026-03-31 or 2026-03-31T09:00:00Z."
        )
    try:
        if _DAY.match(value):
            date.fromisoformat(value)
            return value
        return stamp(parse(value))
    except (ValueError, OverflowError):
        raise invalid(
            field, f"is {shown(value)}, which is no date.", "Write 2026-03-31 or 2026-03-31T09:00:00Z."
        ) from None


def boolean(field: str, value: Any) -> bool:
    """True or false, and nothing that looks like it."""
    if not isinstance(value, bool):
        raise invalid(field, f"must be true or false, but is {shown(value)}.")
    return value


def metadata(field: str, value: Any) -> dict[str, Any]:
    """An object of at most 100 KB of JSON, its numbers within those of a double, its levels few."""
    if not isinstance(value, Mapping):
        raise invalid(field, f"must be an object, but is {shown(value)}.", 'Write {"name": value}.')
    try:
        size = len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
    except (TypeError, ValueError) as error:
        raise invalid(field, f"is not JSON: {error}.") from None
    except RecursionError:
        raise _too_nested(field) from None
    if size > MAX_METADATA_BYTES:
        raise invalid(
            field, f"takes {size:,} bytes, at most {MAX_METADATA_BYTES:,} fit.", "Keep large data in files."
        )
    check_nesting(field, value, MAX_METADATA_LEVELS)
    return dict(value)


def check_nesting(field: str, value: Any, levels: int) -> None:
    """Raise ``invalid_argument`` for what not every reader could walk: more ``levels``, or a number too large
    to be compared.
    """
    if isinstance(value, Mapping | list):
        if not levels:
            raise _too_nested(field)
        for inner in value.values() if isinstance(value, Mapping) else value:
            check_nesting(field, inner, levels - 1)
    elif isinstance(value, int) and abs(value) > sys.float_info.max:
        raise invalid(
            field, f"holds a number of {len(str(value))} digits.", "Write numbers beyond 1.8e308 as text."
        )


def _too_nested(field: str) -> TandemError:
    return invalid(field, f"has more than {MAX_METADATA_LEVELS} levels.", "Flatten it, or keep it in a file.")
