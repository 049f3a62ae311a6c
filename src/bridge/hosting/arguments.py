"""Checking a tool call's arguments, with errors that read as sentences.

Strict where silence hides a mistake (unknown names, values of another kind), and
lenient where real clients err and only one thing can be meant: an array, an object, a
number or a switch that arrives as a string of JSON is parsed, one text where a list of
texts is wanted is a list of one, a whole float counts as an integer, and null for what
need not be given means that it was left out, at any depth. A parameter that admits None
of its own gets a null that was given, so that the tool can tell it from silence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bridge.agreed.errors import TandemError, did_you_mean
from bridge.hosting import schemas

_SHOWN_ERRORS = 5
_SHOWN_CHARACTERS = 60
_ABOUT_NAMES = frozenset({"extra_forbidden", "missing"})


class Arguments:
    """The arguments of one tool: `schema` as published, `accept` to check a call's.

    ``skip`` names the parameters that the server fills in.
    """

    def __init__(self, function: Callable[..., Any], skip: frozenset[str] = frozenset()) -> None:
        self.schema, self._adapter = schemas.of_arguments(function, skip)
        self._admit_null = schemas.admitting_null(self._adapter)

    def accept(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as the function takes them.

        Raises `TandemError` ``invalid_arguments`` naming each wrong argument, its
        value and what would be valid.
        """
        lenient = self._lenient(given)
        try:
            return dict(self._adapter.validate_python(lenient))
        except ValidationError as error:
            raise self._explained(error, lenient) from None

    def _lenient(self, given: Mapping[str, Any]) -> dict[str, Any]:
        properties: dict[str, schemas.Schema] = self.schema["properties"]
        required: Sequence[str] = self.schema.get("required", ())
        taken = {}
        for name, value in given.items():
            schema = properties.get(name)
            if schema is None:
                taken[name] = value
            elif value is None and name in self._admit_null:
                taken[name] = None
            elif value is None and name not in required and not _takes_null(schema):
                continue
            else:
                taken[name] = _read_leniently(value, schema)
        return taken

    def _explained(self, error: ValidationError, given: dict[str, Any]) -> TandemError:
        sentences: dict[str, str] = {}
        for problem in error.errors(include_url=False):
            location = problem["loc"]
            if problem["type"] in _ABOUT_NAMES:
                parent = _Place.find(location[:-1], given, self.schema)
                name = str(location[-1])
                about = _unknown if problem["type"] == "extra_forbidden" else _missing
                sentences[f"{parent.path}.{name}"] = about(name, parent)
            else:
                place = _Place.find(location, given, self.schema)
                # One place gives one sentence: a union reports a problem for each of its branches.
                sentences.setdefault(place.path, _wrong(problem, place))
        texts = list(sentences.values())
        if len(texts) > _SHOWN_ERRORS:
            texts[_SHOWN_ERRORS:] = [f"And {len(texts) - _SHOWN_ERRORS} more like these."]
        return TandemError("invalid_arguments", " ".join(texts))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the arguments a problem is: its written path, the value there and the schema for it."""

    path: str
    value: object
    schema: schemas.Schema

    @classmethod
    def find(cls, location: tuple[int | str, ...], given: object, schema: schemas.Schema) -> _Place:
        """Follow a validator's location, passing over the union branches it names."""
        path, value = "", given
        for step in location:
            if isinstance(value, Mapping) and isinstance(step, str) and step in value:
                path = f"{path}.{_shortened(step)}" if path else _shortened(step)
                value, schema = value[step], _property(schema, step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                path, value, schema = f"{path}[{step}]", value[step], _items(schema)
        return cls(path, value, schema)


def _property(schema: schemas.Schema, name: str) -> schemas.Schema:
    for choice in (schema, *schema.get("anyOf", ())):
        if name in choice.get("properties", {}):
            found: schemas.Schema = choice["properties"][name]
            return found
    return {}


def _items(schema: schemas.Schema) -> schemas.Schema:
    for choice in (schema, *schema.get("anyOf", ())):
        if "items" in choice:
            found: schemas.Schema = choice["items"]
            return found
    return {}


def _takes_null(schema: schemas.Schema) -> bool:
    return bool(schema) and schemas.permits(schema, "null")


def _read_leniently(value: object, schema: schemas.Schema) -> object:
    if isinstance(value, str) and not schemas.permits(schema, "string"):
        value = _meant(value, schema)
    if isinstance(value, float) and value.is_integer() and not schemas.permits(schema, "number"):
        return int(value) if schemas.permits(schema, "integer") else value
    if isinstance(value, list):
        inner = _items(schema)
        return [_fields_read(one, inner) for one in value] if inner else value
    return value


def _fields_read(value: object, schema: schemas.Schema) -> object:
    """An object of a list, with its own fields read leniently."""
    if not isinstance(value, dict):
        return value
    return {
        name: _read_leniently(one, _property(schema, name))
        for name, one in value.items()
        if one is not None or not _may_be_left_out(name, schema)
    }


def _may_be_left_out(name: str, schema: schemas.Schema) -> bool:
    """Whether null for this field can only mean that it was left out."""
    for choice in (schema, *schema.get("anyOf", ())):
        if name in choice.get("properties", {}):
            return name not in choice.get("required", ()) and not _takes_null(choice["properties"][name])
    return False


def _meant(text: str, schema: schemas.Schema) -> object:
    """What a text stands for where none is wanted; the text itself where that is not certain."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        parsed = None
    for kind, types in _PARSED.items():
        fits = isinstance(parsed, types) and isinstance(parsed, bool) == (kind == "boolean")
        if fits and schemas.permits(schema, kind):
            return parsed
    of_texts = schemas.permits(schema, "array") and schemas.permits(_items(schema) or {"const": 0}, "string")
    return [text] if of_texts and text.strip() else text


_PARSED: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "object": (dict,),
    "integer": (int, float),
    "number": (int, float),
    "boolean": (bool,),
}
"""JSON's names of types, and what a parsed text may be for each."""


def _wrong(problem: Mapping[str, Any], place: _Place) -> str:
    if problem["type"] == "value_error":
        return f"`{place.path}`: {problem['ctx']['error']}"
    choices = _choices(place.schema)
    suggestion = did_you_mean(place.value, choices) if isinstance(place.value, str) and choices else ""
    return f"`{place.path}` must be {describe(place.schema)}, not {shown(place.value)}.{suggestion}"


def _missing(name: str, parent: _Place) -> str:
    where = f" in `{parent.path}`" if parent.path else ""
    return f"Argument `{name}` is missing{where}: give {describe(_property(parent.schema, name))}."


def _unknown(name: str, parent: _Place) -> str:
    valid = sorted(_names(parent.schema))
    noun = "field" if parent.path else "argument"
    where = f" in `{parent.path}`" if parent.path else ""
    listed = f" Valid {noun}s: {', '.join(valid)}." if valid else f" It takes no {noun}s."
    return f"Unknown {noun} `{_shortened(name)}`{where}.{did_you_mean(name, valid)}{listed}"


def _names(schema: schemas.Schema) -> set[str]:
    return {name for choice in (schema, *schema.get("anyOf", ())) for name in choice.get("properties", ())}


def _choices(schema: schemas.Schema) -> list[str]:
    found = [value for value in schema.get("enum", ()) if isinstance(value, str)]
    if "const" in schema:
        found.append(str(schema["const"]))
    inner = [schema["items"]] if "items" in schema else []
    for part in (*schema.get("anyOf", ()), *inner):
        found.extend(_choices(part))
    return found


def shown(value: object) -> str:
    """A value in an error text: short ones whole, long ones by kind and size."""
    if isinstance(value, str):
        if len(value) > _SHOWN_CHARACTERS:
            return f"text of {len(value):,} characters"
        return f'the text "{value}"'
    if value is None:
        return "null"
    if isinstance(value, list) and len(str(value)) > _SHOWN_CHARACTERS:
        return f"a list of {len(value):,}"
    if isinstance(value, dict) and len(str(value)) > _SHOWN_CHARACTERS:
        return f"an object with {', '.join(sorted(_shortened(str(name)) for name in value)[:8])}"
    return json.dumps(value, ensure_ascii=False, default=repr)


def _shortened(name: str) -> str:
    """A name that a caller gave, cut where nobody would read on."""
    return name if len(name) <= _SHOWN_CHARACTERS else f"{name[:_SHOWN_CHARACTERS]}…"


def describe(schema: schemas.Schema) -> str:
    """What a schema wants, in words: ``a whole number from 1 to 50``."""
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if "const" in schema:
        return f"{schema['const']}"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(describe(choice) for choice in schema["anyOf"]))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " or ".join(describe({**schema, "type": one}) for one in kind)
    describer = _DESCRIBERS.get(str(kind))
    return describer(schema) if describer else "a value"


def _number(noun: str) -> Callable[[schemas.Schema], str]:
    def words(schema: schemas.Schema) -> str:
        words = _bounds(schema.get("minimum"), schema.get("maximum"))
        open_ends = (("above", "exclusiveMinimum"), ("below", "exclusiveMaximum"))
        beyond = [f"{side} {schema[bound]}" for side, bound in open_ends if bound in schema]
        return noun + words + "".join(f" {one}" for one in (" and ".join(beyond),) if one)

    return words


def _text(schema: schemas.Schema) -> str:
    pattern = f" matching {schema['pattern']}" if "pattern" in schema else ""
    low, high = schema.get("minLength"), schema.get("maxLength")
    size = "" if low is None and high is None else f" of{_size(low, high)} characters"
    return f"text{size}{pattern}"


def _list(schema: schemas.Schema) -> str:
    low, high = schema.get("minItems"), schema.get("maxItems")
    size = "" if low is None and high is None else f" of{_size(low, high)} items"
    inner = f", each {describe(schema['items'])}" if schema.get("items") else ""
    return f"a list{size}{inner}"


def _bounds(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f" from {low} to {high}"
    if low is not None:
        return f" of at least {low}"
    return "" if high is None else f" of at most {high}"


def _size(low: int | None, high: int | None) -> str:
    if low and high is not None:
        return f" {low:,} to {high:,}"
    return f" at least {low:,}" if high is None else f" at most {high:,}"


def _object(schema: schemas.Schema) -> str:
    names = ", ".join(schema.get("properties", ()))
    return f"an object with {names}" if names else "an object"


_DESCRIBERS: dict[str, Callable[[schemas.Schema], str]] = {
    "integer": _number("a whole number"),
    "number": _number("a number"),
    "string": _text,
    "array": _list,
    "object": _object,
    "boolean": lambda _: "true or false",
    "null": lambda _: "null",
}
