"""JSON Schema 2020-12, compiled once for each schema and offline: a ``$ref`` out of the schema is refused,
and so is what would keep the validator busy (`bounded`).
"""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import islice
from typing import Any

from workflow_server.items.checks import check_nesting, invalid, shown

Json = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_SCHEMA_CHARACTERS = 20_000
MAX_SCHEMA_LEVELS = 100
"""Objects and lists within each other; a `properties` and what it holds are two."""
"""Of a schema as JSON. Checking one of this size against the dialect takes a second."""


_LOOKED_AT, _TOLD = 1_000, 50
"""Violations among which the most telling are looked for, and how many of those are told."""


def problems(schema: Json, value: Any) -> list[str]:
    """Every violation in a sentence with its path and the valid values, most telling first."""
    errors, lost = _violations(schema, value)
    return [lost] if lost else [_sentence(error) for error in errors[:_TOLD]]


def _violations(schema: Json, value: Any) -> tuple[list[Any], str]:
    """What the validator finds, or why it finds its way to no end."""
    from referencing.exceptions import Unresolvable

    from workflow_server.types import bounded

    validator = _compiled(json.dumps(schema))
    bounded.begin()
    try:
        errors = sorted(
            islice(validator.iter_errors(value), _LOOKED_AT),
            key=lambda error: (len(error.absolute_path), str(error.absolute_path)),
        )
    except Unresolvable as error:
        return [], f"the schema refers to {error.ref}, which it does not have"
    except bounded.CircularSchemaError:
        return [], "a $ref of the schema leads back to itself"
    except bounded.EndlessSchemaError:
        return [], "the schema takes too many steps to check"
    return errors, ""


def check_schema(schema: Any) -> Json:
    """``schema`` when it is a JSON Schema for an object, else ``invalid_argument`` with the failing path."""
    if not isinstance(schema, dict):
        raise invalid(
            "schema", "must be a JSON Schema object.", 'Write {"type": "object", "properties": {...}}.'
        )
    check_nesting("schema", schema, MAX_SCHEMA_LEVELS)
    if schema.get("type", "object") != "object":
        raise invalid(
            "schema", f"describes a {schema['type']}; metadata is an object.", 'Write "type": "object".'
        )
    if str(schema.get("$schema", DIALECT)).rstrip("#") != DIALECT:
        raise invalid("schema", f"names the dialect {schema['$schema']}.", f"Only {DIALECT} is understood.")
    outside = [reference for reference in _references(schema) if not reference.startswith("#")]
    if outside:
        raise invalid("schema", f"refers to {outside[0]}, outside itself.", 'Use "$defs" and "#/$defs/...".')
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        path = "/".join(map(str, error.absolute_path)) or "the top"
        raise invalid("schema", f"is no JSON Schema 2020-12: at {path}: {error.message}.") from None
    except RecursionError:
        raise invalid("schema", "is nested too deeply.") from None
    _refuse_lost(schema)
    return {"type": "object", **schema}


def _refuse_lost(schema: Json) -> None:
    """Raise for a ``$ref`` that leads nowhere or, at the top, back to itself. Where the schema names parts of
    itself by ``$id``, only values tell: `problems` does then.
    """
    from referencing import Registry
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    resolver = Registry().resolver_with_root(DRAFT202012.create_resource(schema))
    for reference in _references(schema) if "$id" not in json.dumps(schema) else []:
        try:
            resolver.lookup(reference)
        except Unresolvable:
            raise invalid(
                "schema", f"refers to {reference}, which it does not have.", 'Put it under "$defs".'
            ) from None
    if lost := _violations(schema, {})[1]:
        raise invalid("schema", f"cannot be followed: {lost}.", "Let each $ref lead to another schema.")


def check_effort(schema: Any) -> None:
    """Raise ``invalid_argument`` for a new schema that takes long to look at, or has a pattern that cannot be
    matched in linear time. Those of earlier releases may; then such a pattern is not enforced.
    """
    from workflow_server.types import bounded

    check_nesting("schema", schema, MAX_SCHEMA_LEVELS)
    if (size := len(json.dumps(schema))) > MAX_SCHEMA_CHARACTERS:
        raise invalid("schema", f"takes {size:,} characters, at most {MAX_SCHEMA_CHARACTERS:,} fit.")
    patterns = _patterns(schema)
    repeated = sum(map(bounded.repetitions, patterns))
    if repeated > bounded.MOST_REPETITIONS:
        raise invalid(
            "schema",
            f"has patterns whose counted repetitions multiply to {repeated:,}.",
            f"At most {bounded.MOST_REPETITIONS:,}, all patterns together; `+` and `*` count as one.",
        )
    for pattern in patterns:
        if bounded.linear(pattern) is None:
            raise invalid(
                "schema",
                f"has the pattern {shown(pattern)}, which cannot be matched in linear time.",
                "Write it without look-around and back-references.",
            )
    text = json.dumps(schema)
    if '"unevaluatedProperties"' in text and '"patternProperties"' in text:
        raise invalid(
            "schema", "has unevaluatedProperties beside patternProperties.", "Use additionalProperties."
        )


def _patterns(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [pattern for value in schema for pattern in _patterns(value)]
    if not isinstance(schema, dict):
        return []
    own = [schema["pattern"]] if isinstance(schema.get("pattern"), str) else []
    by_name = schema.get("patternProperties")
    own += list(by_name) if isinstance(by_name, dict) else []
    return own + [pattern for value in schema.values() for pattern in _patterns(value)]


@lru_cache(maxsize=256)
def _compiled(schema: str) -> Any:
    from jsonschema import Draft202012Validator
    from referencing import Registry

    from workflow_server.types import bounded

    return bounded.validator_class(schema)(
        json.loads(schema), registry=Registry(), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def _references(schema: Any) -> list[str]:
    if isinstance(schema, dict):
        own = [
            value
            for key, value in schema.items()
            if key in ("$ref", "$dynamicRef") and isinstance(value, str)
        ]
        return own + [reference for value in schema.values() for reference in _references(value)]
    if isinstance(schema, list):
        return [reference for value in schema for reference in _references(value)]
    return []


def _sentence(error: Any) -> str:
    where = "metadata" + "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path
    )
    shown = json.dumps(error.instance, ensure_ascii=False)
    shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
    rule, value = error.validator, error.validator_value
    if rule == "enum":
        choices = ", ".join(json.dumps(choice, ensure_ascii=False) for choice in value[:_TOLD])
        return f"{where} is {shown}, valid are: {choices}"
    if rule == "type":
        kinds = value if isinstance(value, str) else " or ".join(value)
        return f"{where} is {shown}, it must be of type {kinds}"
    if rule == "required":
        missing = [name for name in value if name not in error.instance]
        return f"{where} lacks {', '.join(missing)}"
    if rule == "additionalProperties" and value is False:
        known = error.schema.get("properties", {})
        extra = [name for name in error.instance if name not in known]
        return f"{where} has {', '.join(extra)}, known are: {', '.join(known) or 'none'}"
    if rule in (
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minLength",
        "maxLength",
        "pattern",
    ):
        return f"{where} is {shown}, but {rule} is {json.dumps(value)}"
    return f"{where}: {error.message}"
