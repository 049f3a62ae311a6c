"""Small JSON Schemas out of Python signatures.

Pydantic's schemas carry ``$defs``, ``$ref`` and a ``title`` for every name. A
model reads each of these tokens in every conversation, and strict clients refuse
references, so they are inlined and dropped here.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any, NotRequired, Required, TypeAlias, cast

from pydantic import ConfigDict, TypeAdapter
from typing_extensions import TypedDict

Schema: TypeAlias = dict[str, Any]
Validator: TypeAlias = TypeAdapter[dict[str, Any]]

_POINTER = "#/$defs/"
_STRICT = ConfigDict(extra="forbid", strict=True, arbitrary_types_allowed=True)


def of_arguments(
    function: Callable[..., Any], skip: frozenset[str]
) -> tuple[Schema, TypeAdapter[dict[str, Any]]]:
    """The published schema of a function's parameters, and what validates against it.

    Parameters in ``skip`` are filled by the server. Every other must be annotated;
    ``Annotated[..., Field(description=..., ge=...)]`` says the rest. A parameter
    that may be ``None`` and defaults to it is published as optional without null.

    Raises `TypeError` for a parameter without annotation or a recursive type.
    """
    parameters = {
        name: parameter
        for name, parameter in inspect.signature(function, eval_str=True).parameters.items()
        if name not in skip
    }
    fields: dict[str, Any] = {}
    for name, parameter in parameters.items():
        if parameter.annotation is inspect.Parameter.empty:
            raise TypeError(f"parameter {name!r} of tool {function.__name__!r} has no annotation")
        required = parameter.default is inspect.Parameter.empty
        fields[name] = Required[parameter.annotation] if required else NotRequired[parameter.annotation]
    make = cast("Callable[[str, dict[str, Any]], Any]", TypedDict)
    arguments = make(f"{function.__name__}_arguments", fields)
    arguments.__pydantic_config__ = _STRICT
    adapter: Validator = TypeAdapter(arguments)
    schema = compact(adapter.json_schema())
    schema.setdefault("properties", {})
    for name, parameter in parameters.items():
        schema["properties"][name] = _with_default(schema["properties"][name], parameter.default)
    return schema, adapter


def admitting_null(adapter: Validator) -> frozenset[str]:
    """The fields for which null is a value of its own, whatever is published of them."""
    properties = compact(adapter.json_schema()).get("properties", {})
    return frozenset(name for name, schema in properties.items() if schema and permits(schema, "null"))


def of_output(declared: Schema | type) -> Schema:
    """The published output schema: a dict as it is, a TypedDict (of `typing_extensions`) made compact."""
    if isinstance(declared, dict):
        return declared
    return compact(TypeAdapter(declared).json_schema(mode="serialization"))


def compact(schema: Schema) -> Schema:
    """The same schema without references, titles and words that say nothing.

    Raises `TypeError` when a definition refers to itself.
    """
    return _compact(schema, schema.get("$defs", {}), ())


def _compact(schema: Schema, definitions: dict[str, Schema], open_refs: tuple[str, ...]) -> Schema:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_POINTER)
        if name in open_refs:
            raise TypeError(f"schema of {name!r} refers to itself; give it as a plain object")
        siblings = {key: value for key, value in schema.items() if key != "$ref"}
        return _compact({**definitions[name], **siblings}, definitions, (*open_refs, name))
    result: Schema = {}
    for key, value in schema.items():
        if key in {"title", "$defs"} or (key == "additionalProperties" and value is True):
            continue
        if key == "properties":
            result[key] = {name: _compact(inner, definitions, open_refs) for name, inner in value.items()}
        elif key in {"anyOf", "allOf", "oneOf", "prefixItems"}:
            result[key] = [_compact(inner, definitions, open_refs) for inner in value]
        elif isinstance(value, dict) and key in {"items", "additionalProperties", "not", "propertyNames"}:
            inner = _compact(value, definitions, open_refs)
            if inner or key == "not":
                result[key] = inner
        else:
            result[key] = value
    return _plain_union(result)


def _plain_union(schema: Schema) -> Schema:
    """``anyOf`` of bare types as one ``type`` list: half the tokens."""
    choices = schema.get("anyOf")
    if choices and all(set(choice) == {"type"} and isinstance(choice["type"], str) for choice in choices):
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        return {"type": [choice["type"] for choice in choices], **rest}
    return schema


def _with_default(schema: Schema, default: object) -> Schema:
    """Add the parameter's default; a default of None removes null from the published choices."""
    if default is inspect.Parameter.empty:
        return schema
    if default is None:
        return _without_null(schema)
    try:
        json.dumps(default)
    except TypeError:
        return schema
    return {**schema, "default": default}


def _without_null(schema: Schema) -> Schema:
    kind = schema.get("type")
    if isinstance(kind, list):
        rest = [one for one in kind if one != "null"]
        return {**schema, "type": rest[0] if len(rest) == 1 else rest}
    choices = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    if len(choices) == 1:
        outer = {key: value for key, value in schema.items() if key != "anyOf"}
        return {**choices[0], **outer}
    if choices:
        return {**schema, "anyOf": choices}
    return schema


def permits(schema: Schema, kind: str) -> bool:
    """Whether a value of JSON type ``kind`` can be valid under ``schema``."""
    declared = schema.get("type")
    if declared is not None:
        return declared == kind or (isinstance(declared, list) and kind in declared)
    if "anyOf" in schema:
        return any(permits(choice, kind) for choice in schema["anyOf"])
    if "enum" in schema:
        return kind == "string" and any(isinstance(value, str) for value in schema["enum"])
    return not schema or "const" not in schema
