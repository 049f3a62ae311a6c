"""Filters over metadata, compiled to parameterised SQL on the value index. No part of a caller's text
enters the SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflow_server.items.checks import invalid, shown
from workflow_server.types.values import MAX_TEXT, escape, scalar

Condition = tuple[str, list[Any]]
"""SQL that is true of a row of ``item``, and its parameters."""

_IN = "item.n IN (SELECT n FROM metadata_value WHERE path = ?{rest})"


def conditions(filters: Mapping[str, Any]) -> list[Condition]:
    """One condition for each path and operator; a plain value means equality, an object without
    operators nests.
    """
    found: list[Condition] = []
    for key, wanted in filters.items():
        found += _of_path(str(key), wanted)
    return found


def _of_path(path: str, wanted: Any) -> list[Condition]:
    if not path:
        raise invalid("metadata", "filters on an empty path.", 'Write {"name": value} or {"a.b": value}.')
    if not isinstance(wanted, Mapping):
        return [_equal(path, wanted)]
    operators = wanted.keys() & OPERATORS.keys()
    if operators and operators == wanted.keys():
        return [OPERATORS[name](path, value) for name, value in wanted.items()]
    if operators or not wanted or any(_means_operator(str(name)) for name in wanted):
        unknown = sorted(wanted.keys() - OPERATORS.keys())
        raise invalid(
            f"metadata.{path}",
            f"has {', '.join(unknown) if unknown else 'no operator'} among its operators.",
            f'Operators: {", ".join(OPERATORS)}. For a nested value write {{"{path}.name": value}}.',
        )
    return [
        condition
        for key, inner in wanted.items()
        for condition in _of_path(f"{path}.{escape(str(key))}", inner)
    ]


_OF_OTHERS = frozenset(
    "like ilike glob match matches regex regexp not neq is has any all nin between before after startswith "
    "starts_with endswith ends_with icontains contains_any min max".split()
)
"""Operators of other query languages. Read as the name of a nested value each would only find nothing."""


def _means_operator(name: str) -> bool:
    return name.casefold() in _OF_OTHERS or not any(map(str.isalnum, name)) or name.startswith("$")


def _plain(path: str, value: Any, *kinds: type) -> tuple[str, float, str]:
    if isinstance(value, Mapping | list) or (
        kinds and (not isinstance(value, kinds) or isinstance(value, bool))
    ):
        raise invalid(
            f"metadata.{path}", f"is compared with {shown(value)}.", "Compare with a text or a number."
        )
    return scalar(value)


def _equal(path: str, value: Any) -> Condition:
    if isinstance(value, list):
        parts = [_equal(path, inner) for inner in value]
        parts.append((_IN.format(rest=" AND kind = 'a'"), [path]))
        return " AND ".join(sql for sql, _ in parts), [one for _, values in parts for one in values]
    kind, number, text = _plain(path, value)
    return _IN.format(rest=" AND kind = ? AND number = ? AND text = ?"), [path, kind, number, text]


def _not_equal(path: str, value: Any) -> Condition:
    sql, parameters = _equal(path, value)
    return f"NOT ({sql})", parameters


def _compared(sign: str) -> Callable[[str, Any], Condition]:
    def compare(path: str, value: Any) -> Condition:
        kind, number, text = _plain(path, value, str, int, float)
        column, operand = ("number", number) if kind == "n" else ("text", text)
        return _IN.format(rest=f" AND kind = ? AND {column} {sign} ?"), [path, kind, operand]

    return compare


def _among(path: str, values: Any) -> Condition:
    if not isinstance(values, list) or not values:
        raise invalid(f"metadata.{path}.in", f"is {shown(values)}.", "Write a list with at least one value.")
    parts = [_equal(path, value) for value in values]
    return "(" + " OR ".join(sql for sql, _ in parts) + ")", [one for _, inner in parts for one in inner]


def _contains(path: str, value: Any) -> Condition:
    if isinstance(value, Mapping):
        parts = [
            part for key, inner in value.items() for part in _of_path(f"{path}.{escape(str(key))}", inner)
        ]
        return " AND ".join(sql for sql, _ in parts) or "1", [one for _, inner in parts for one in inner]
    if isinstance(value, list):
        parts = [_contains(path, inner) for inner in value]
        return " AND ".join(sql for sql, _ in parts) or "1", [one for _, inner in parts for one in inner]
    if isinstance(value, str):
        return _IN.format(rest=" AND kind = 's' AND instr(text, ?) > 0"), [path, value[:MAX_TEXT]]
    return _equal(path, value)


def _exists(path: str, value: Any) -> Condition:
    if not isinstance(value, bool):
        raise invalid(f"metadata.{path}.exists", f"is {shown(value)}.", "Write true or false.")
    return ("" if value else "NOT ") + _IN.format(rest=""), [path]


OPERATORS: dict[str, Callable[[str, Any], Condition]] = {
    "eq": _equal,
    "ne": _not_equal,
    "gt": _compared(">"),
    "gte": _compared(">="),
    "lt": _compared("<"),
    "lte": _compared("<="),
    "in": _among,
    "contains": _contains,
    "exists": _exists,
}
