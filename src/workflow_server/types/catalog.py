"""The types of one project: built in, and defined by its users."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from bridge.agreed.errors import did_you_mean
from workflow_server.items.checks import invalid
from workflow_server.types.builtin import BUILT_IN
from workflow_server.types.validation import problems

Json = dict[str, Any]


RETRACTED = "null"
"""What stands for the schema of a type whose definition was taken back."""


@dataclass(frozen=True, slots=True)
class TypeDefinition:
    """One type at its newest version."""

    name: str
    version: int
    description: str
    schema: Json

    @property
    def built_in(self) -> bool:
        """Whether every project has it."""
        return self.name in BUILT_IN


def find(connection: sqlite3.Connection, name: str) -> TypeDefinition | None:
    """The newest definition of ``name``."""
    row = connection.execute(
        "SELECT * FROM item_type WHERE name = ? ORDER BY version DESC LIMIT 1", (name,)
    ).fetchone()
    if row and row["schema"] != RETRACTED:
        return TypeDefinition(name, row["version"], row["description"], json.loads(row["schema"]))
    if name in BUILT_IN:
        description, schema = BUILT_IN[name]
        return TypeDefinition(name, 1, description, schema)
    return None


def names(connection: sqlite3.Connection) -> list[str]:
    """All type names, built-in ones first."""
    newest = connection.execute(
        "SELECT name, schema, max(version) FROM item_type GROUP BY name ORDER BY name"
    )
    defined = [row["name"] for row in newest if row["schema"] != RETRACTED]
    return [*BUILT_IN, *(name for name in defined if name not in BUILT_IN)]


def required(connection: sqlite3.Connection, name: str, field: str = "item_type") -> TypeDefinition:
    """The type, or an error that lists the types there are."""
    definition = find(connection, name)
    if definition is None:
        valid = names(connection)
        raise invalid(
            field,
            f"is '{name}', which is no type of this project.",
            f"Types: {', '.join(valid)}. Define another with define_item_type.{did_you_mean(name, valid)}",
        )
    return definition


def check_metadata(definition: TypeDefinition, metadata: Json, field: str = "metadata") -> None:
    """Raise ``invalid_metadata`` with every failing path unless ``metadata`` fits the type."""
    if not metadata and "required" not in definition.schema and definition.built_in:
        return
    found = problems(definition.schema, metadata)
    if found:
        error = invalid(
            field,
            f"does not fit type '{definition.name}': {'; '.join(found[:5])}.",
            "Properties of the type: "
            + (", ".join(definition.schema.get("properties", {})) or "none named")
            + ".",
            problems=found,
        )
        error.code = "invalid_metadata"
        raise error
