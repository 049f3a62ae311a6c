"""A JSON Schema validator that ends: whoever wrote a schema may want it not to.

A schema can keep a validator busy for ever, and with it the one thread that writes a project: by a pattern
that backtracks, by references that lead back to themselves or double with each step, by comparing each
of many values with each of many others. Patterns are matched by Rust's engine, in time that is linear in the
text (https://docs.rs/regex/#untrusted-input), and the steps taken for one value are counted.
"""

from __future__ import annotations

import json
import math
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from pydantic_core import SchemaError, SchemaValidator, core_schema

MOST_STEPS: Final = 120_000
"""Keywords applied, names and choices looked at, for one value: two thirds of a second at 5 µs each."""
MOST_DEEP: Final = 250
"""Keywords within keywords: two for each of the 100 levels that metadata may have, where a schema refers
to itself. They take three frames of Python each, and so end before its limit, at which parts of the
library panic."""
MOST_REPETITIONS: Final = 2_000
"""Of the counted repetitions of a pattern (``{2,50}``), multiplied: each is a copy in the compiled form."""
_COUNTED = re.compile(r"\{\d*,?(\d*)\}")


class EndlessSchemaError(Exception):
    """Checking a value against the schema takes more steps than any honest one."""


class CircularSchemaError(Exception):
    """Keywords lead to keywords without an end, as where a ``$ref`` leads back to itself."""


class _Taken(threading.local):
    steps = 0
    depth = 0


_taken = _Taken()


def begin() -> None:
    """Count anew: a value is going to be checked."""
    _taken.steps = _taken.depth = 0


def repetitions(pattern: str) -> int:
    """How often the counted repetitions of a pattern repeat each other's parts, at most."""
    return math.prod(max(1, int(most[:6] or 1)) for most in _COUNTED.findall(pattern))


@lru_cache(maxsize=64)
def linear(pattern: str) -> SchemaValidator | None:
    """What finds `pattern` anywhere in a text in linear time, or None where that cannot be had: for
    look-around, back-references, and very many repetitions.
    """
    if repetitions(pattern) > MOST_REPETITIONS:
        return None
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
    except SchemaError:
        return None


def _found(pattern: str, text: str, *, otherwise: bool) -> bool:
    compiled = linear(pattern)
    return otherwise if compiled is None else compiled.isinstance_python(text)


def _pattern(validator: Any, pattern: str, instance: Any, _: Any) -> Iterator[Any]:
    # one that is not linear is of a type that an earlier release took, and is not enforced
    if validator.is_type(instance, "string") and not _found(pattern, instance, otherwise=True):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Mapping[str, Any], instance: Any, _: Any) -> Iterator[Any]:
    if not validator.is_type(instance, "object"):
        return
    for pattern, schema in patterns.items():
        _take(len(instance))
        for name, value in instance.items():
            if _found(pattern, name, otherwise=False):
                yield from validator.descend(value, schema, path=name, schema_path=pattern)


def _additional_properties(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if not validator.is_type(instance, "object"):
        return
    named, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    _take(len(instance) * (1 + len(patterns)))
    extra = [
        name
        for name in instance
        if name not in named and not any(_found(one, name, otherwise=True) for one in patterns)
    ]
    if isinstance(allowed, dict):
        for name in extra:
            yield from validator.descend(instance[name], allowed, path=name)
    elif not allowed and extra:
        yield ValidationError(f"{', '.join(map(repr, extra))} are not among the properties")


def _unique_items(validator: Any, wanted: bool, instance: Any, _: Any) -> Iterator[Any]:
    # the library compares each with each where they cannot be sorted
    array = wanted and validator.is_type(instance, "array")
    if array and len({_canonical(one) for one in instance}) < len(instance):
        yield ValidationError(f"{instance!r} has non-unique elements")


def _canonical(value: Any) -> str:
    """A text that two values share when JSON Schema calls them equal: 1 and 1.0 are, 1 and true are not."""
    return json.dumps(_whole(value), sort_keys=True)


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return {name: _whole(one) for name, one in value.items()} if isinstance(value, dict) else value


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_size, value.values()))
    return 1 + sum(map(_size, value)) if isinstance(value, list) else 1


def _take(steps: int) -> None:
    _taken.steps += steps
    if _taken.steps > MOST_STEPS:
        raise EndlessSchemaError


def _counted(keyword: str, apply: Callable[..., Any]) -> Callable[..., Iterator[Any]]:
    """`apply` as a keyword whose steps are counted before they are taken."""
    compared = keyword in ("enum", "const")

    def counted(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
        _take(_size(value) if compared else 1 + (len(value) if isinstance(value, list | dict) else 0))
        _taken.depth += 1
        try:
            if _taken.depth > MOST_DEEP:
                raise CircularSchemaError
            yield from apply(validator, value, instance, schema) or ()
        finally:
            _taken.depth -= 1

    return counted


_OWN: Final[Mapping[str, Callable[..., Any]]] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "uniqueItems": _unique_items,
}
_KEYWORDS: Final = {
    keyword: _counted(keyword, apply)
    for keyword, apply in {**Draft202012Validator.VALIDATORS, **_OWN}.items()
}
_Bounded: Final = extend(Draft202012Validator, _KEYWORDS)
# The library looks for unevaluated properties with the patterns of `patternProperties` in its own way.
_WithoutUnevaluated: Final = extend(_Bounded, {"unevaluatedProperties": lambda *_: ()})


def validator_class(schema: str) -> Any:
    """The validator for a schema, given as JSON."""
    both = '"patternProperties"' in schema and '"unevaluatedProperties"' in schema
    return _WithoutUnevaluated if both else _Bounded
