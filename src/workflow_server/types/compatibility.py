"""Whether everything that fitted a schema still fits its successor, told from the schemas alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

Json = Mapping[str, Any]

_ANNOTATIONS = frozenset(
    {"title", "description", "default", "examples", "$comment", "$schema", "$id", "deprecated"}
)
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_ALL_TYPES = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})


def breaking_changes(old: Json, new: Json, where: str = "metadata") -> list[str]:
    """What the new schema refuses and the old one took, in sentences; empty for an additive change.

    Understands properties, required, types, enumerations, bounds, patterns and
    items. A change of any other keyword counts as breaking: it cannot be told
    from outside whether it widens or narrows.
    """
    found: list[str] = []
    handled = set(_ANNOTATIONS)
    for keywords, compare in _COMPARISONS:
        handled.update(keywords)
        found += compare(old, new, where)
    for keyword in sorted((old.keys() | new.keys()) - handled):
        if _text(old.get(keyword)) != _text(new.get(keyword)):
            found.append(f"{where}: {keyword} changes")
    return found


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _properties(old: Json, new: Json, where: str) -> list[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    found = [f"{where}.{name} is removed" for name in before if name not in after]
    for name in before.keys() & after.keys():
        if isinstance(before[name], dict) and isinstance(after[name], dict):
            found += breaking_changes(before[name], after[name], f"{where}.{name}")
        elif before[name] != after[name]:
            found.append(f"{where}.{name} changes")
    return found


def _required(old: Json, new: Json, where: str) -> list[str]:
    return [
        f"{where}.{name} becomes required"
        for name in new.get("required", ())
        if name not in old.get("required", ())
    ]


def _types(old: Json, new: Json, where: str) -> list[str]:
    lost = _kinds(old) - _kinds(new)
    return [f"{where} may no longer be of type {', '.join(sorted(lost))}"] if lost else []


def _kinds(schema: Json) -> frozenset[str]:
    kinds = schema.get("type", _ALL_TYPES)
    given = {kinds} if isinstance(kinds, str) else set(kinds)
    return frozenset(given | ({"integer"} if "number" in given else set()))


def _choices(old: Json, new: Json, where: str) -> list[str]:
    before = [old["const"]] if "const" in old else old.get("enum")
    after = [new["const"]] if "const" in new else new.get("enum")
    if after is None:
        return []
    if before is None:
        return [f"{where} is restricted to {', '.join(map(_text, after))}"]
    lost = [choice for choice in before if choice not in after]
    return [f"{where} may no longer be {', '.join(map(_text, lost))}"] if lost else []


def _bounds(old: Json, new: Json, where: str) -> list[str]:
    raised = [name for name in _LOWER if name in new and (name not in old or new[name] > old[name])]
    lowered = [name for name in _UPPER if name in new and (name not in old or new[name] < old[name])]
    return [f"{where}: {name} becomes {new[name]}" for name in raised + lowered]


def _exact(old: Json, new: Json, where: str) -> list[str]:
    return [
        f"{where}: {name} becomes {_text(new[name])}"
        for name in ("pattern", "format", "multipleOf", "uniqueItems")
        if name in new and new[name] is not False and new[name] != old.get(name)
    ]


def _items(old: Json, new: Json, where: str) -> list[str]:
    before, after = old.get("items", True), new.get("items", True)
    if isinstance(before, dict) and isinstance(after, dict):
        return breaking_changes(before, after, f"{where}[]")
    return [f"{where}: items narrow"] if after is not True and before != after else []


def _others(old: Json, new: Json, where: str) -> list[str]:
    before, after = old.get("additionalProperties", True), new.get("additionalProperties", True)
    if isinstance(before, dict) and isinstance(after, dict):
        return breaking_changes(before, after, f"{where}.*")
    return (
        [f"{where}: other properties are restricted"]
        if after is not True and before != after and before is not False
        else []
    )


_COMPARISONS: tuple[tuple[tuple[str, ...], Callable[[Json, Json, str], list[str]]], ...] = (
    (("properties",), _properties),
    (("required",), _required),
    (("type",), _types),
    (("enum", "const"), _choices),
    ((*_LOWER, *_UPPER), _bounds),
    (("pattern", "format", "multipleOf", "uniqueItems"), _exact),
    (("items",), _items),
    (("additionalProperties",), _others),
)
