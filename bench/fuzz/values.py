"""JSON values for a tool's arguments: some that fit its schema, some nearly, some not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hypothesis import strategies as st

TEXTS: Final = (
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "\udfff\ud800",
    "\u202e\u2066evil\u2069",
    "e\u0301" * 40,
    "\U0001f469\u200d\U0001f4bb" * 9,
    "\ufeff",
    "\r\n\t\x1b[31m",
    "../../../../etc/passwd",
    "..\\..\\x",
    "%2e%2e%2f%2e%2e%2f",
    "/etc/passwd",
    "file:///etc/passwd",
    "//host/share",
    "C:\\Windows",
    "~root",
    "$(touch x)",
    "`id`",
    "'; DROP TABLE item; --",
    '" OR 1=1 --',
    "1)) UNION SELECT sql FROM sqlite_master--",
    "NEAR(a b, 5)",
    '"unbalanced',
    "a AND OR NOT",
    "col:x*",
    "*",
    "-",
    "^x",
    "{a b}: c",
    "%",
    "_",
    "\\",
    "<script>alert(1)</script>",
    "![x](javascript:alert(1))",
    "{{7*7}}",
    "${7*7}",
    "%s%n%x",
    "null",
    "true",
    "NaN",
    "1e999",
    "c_aaaaaaaaaaaa",
    "wi_aaaaaaa",
    "r_aaaaaaaaaaaaaaaa",
    "a::b::c",
    "a:1-",
    "a:99999999999999999999",
    "a#L1-L",
    "::",
    ":",
    "x" * 5000,
    "x" * 100_000,
    "ä" * 3000,
    "[" * 5000,
    '{"a":' * 5000,
    "0" * 5000,
    "2026-13-45T99:99:99Z",
    "9999-12-31T23:59:59.999Z",
    "0001-01-01",
    "-1",
    "²",
    "١٢٣",
)
"""Texts that have broken parsers, shells, databases, file systems, terminals and pages."""

NUMBERS: Final = (
    0,
    -1,
    1,
    2,
    50,
    51,
    2**31 - 1,
    2**31,
    -(2**31),
    2**53,
    2**63 - 1,
    2**63,
    -(2**63) - 1,
    10**30,
    0.5,
    -0.0,
    1e308,
    1e-308,
    5e-324,
)


def deep(levels: int, as_list: bool) -> Any:
    """A value nested so many times."""
    value: Any = None
    for _ in range(levels):
        value = [value] if as_list else {"a": value}
    return value


def anything() -> st.SearchStrategy[Any]:
    """Any JSON value, with the famous ones over-represented."""
    scalars = st.one_of(
        st.none(),
        st.booleans(),
        st.sampled_from(NUMBERS),
        st.sampled_from(TEXTS),
        st.integers(),
        st.text(max_size=40),
        st.floats(allow_nan=False, allow_infinity=False),
    )
    nested = st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(TEXTS) | st.text(max_size=8), inner, max_size=4)
        ),
        max_leaves=8,
    )
    return nested | st.builds(deep, st.sampled_from((5, 60, 500)), st.booleans())


def fitting(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values of the schema's type, mostly within its bounds, with hostile content."""
    if "enum" in schema:
        return st.sampled_from(list(schema["enum"]))
    if "const" in schema:
        return st.just(schema["const"])
    if "anyOf" in schema:
        return st.one_of([fitting(choice) for choice in schema["anyOf"]])
    kind = schema.get("type")
    if isinstance(kind, list):
        return st.one_of([fitting({**schema, "type": one}) for one in kind])
    if kind == "integer":
        low, high = schema.get("minimum", -5), schema.get("maximum", 10**6)
        return st.integers(low, high) | st.sampled_from([low, high, low - 1, high + 1])
    if kind == "number":
        return st.floats(0, 1e6, allow_nan=False) | st.integers(0, 100)
    if kind == "boolean":
        return st.booleans()
    if kind == "array":
        return st.lists(fitting(schema.get("items", {})), max_size=4)
    if kind == "object":
        return _objects(schema)
    if kind == "string":
        return (
            st.sampled_from(TEXTS)
            | st.text(max_size=60)
            | st.sampled_from(("main", "wi_aaaaaaa", "src/main.py"))
        )
    return anything()


def _objects(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    properties = schema.get("properties", {})
    if not properties:
        return st.dictionaries(st.sampled_from(TEXTS) | st.text(max_size=8), anything(), max_size=4)
    required = set(schema.get("required", ()))
    return st.fixed_dictionaries(
        {name: fitting(properties[name]) for name in required},
        optional={name: fitting(inner) for name, inner in properties.items() if name not in required},
    )


def arguments(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """A call's arguments: fitting, with one wrong value or an unknown name, or anything at all."""
    fit = _objects(schema)
    names = st.sampled_from([*schema.get("properties", {"x": {}}), "zzz", "", "__proto__", "\0"])

    def spoiled(good: Any, name: str, value: Any) -> Any:
        return {**good, name: value} if isinstance(good, dict) else good

    required = {name: fitting(schema["properties"][name]) for name in schema.get("required", ())}
    few = st.sampled_from([*schema.get("properties", {"x": {}})]).flatmap(
        lambda name: st.fixed_dictionaries(
            {**required, name: fitting(schema.get("properties", {}).get(name, {}))}
        )
    )
    objects = st.dictionaries(st.text(max_size=5), anything(), max_size=3)
    return st.one_of(fit, few, few, st.builds(spoiled, fit, names, anything()), objects)
