"""The OpenAPI 3.1 document, made from the same table as the routes."""

from __future__ import annotations

from typing import Any

from workflow_server.doors.operations import OPERATIONS
from workflow_server.doors.rest.failures import TOLD
from workflow_server.doors.rest.routes import TWINS, Twin
from workflow_server.doors.version import version

Schema = dict[str, Any]

_ERROR: Schema = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("error", "message", "hint", "see")},
    "required": ["error", "message", "hint", "see"],
}
_PROJECT: Schema = {
    "name": "project",
    "in": "query",
    "required": False,
    "schema": {"type": "string"},
    "description": "Default: the project of the repository that the server works in.",
}
_ACTOR: Schema = {
    "name": "X-Tandem-Actor",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "Who acts, in the history. Default: git's user.name of whoever runs the server, or its "
    "--actor, which wins.",
}
_NUMBER: Schema = {"type": "integer", "minimum": 0}
_PARAMETERS: dict[str, Schema] = {
    "since": {
        "anyOf": [_NUMBER, {"type": "string"}],
        "description": "`next_cursor` of an answer, or a moment: today, yesterday, 2h, 3d, 1w, a day, a time",
    },
    "before": _NUMBER,
    "actor": {"type": "string", "description": "only what they did"},
    "limit": _NUMBER,
}
_VIEWS = (
    ("/mcp/work_items/{id}/history", "Events of an item", ("since", "actor", "limit")),
    ("/mcp/work_items/{id}/why", "Why an item is not ready", ()),
    ("/mcp/history", "Events of the project", ("since", "before", "actor", "limit")),
    ("/mcp/types", "Types of items", ()),
    ("/mcp/statistics", "Figures of the project", ()),
    ("/health", "Alive", ()),
)


def document() -> Schema:
    """The whole document."""
    paths: dict[str, Schema] = {}
    for twin in TWINS:
        paths.setdefault(twin.path, {})[twin.method.lower()] = _operation(twin)
    for path, summary, names in _VIEWS:
        parameters = _path_parameters(path) + [_query(name, _PARAMETERS[name]) for name in names]
        paths.setdefault(path, {})["get"] = {
            "operationId": path.strip("/").replace("/", "_").replace("{id}", "item"),
            "summary": summary,
            "parameters": [*parameters, _PROJECT],
            "responses": _responses(200),
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tandem workflow-server", "version": version()},
        "paths": paths,
        "components": {
            "schemas": {"Error": _ERROR},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"bearer": []}],
    }


def _operation(twin: Twin) -> Schema:
    schema = OPERATIONS[twin.operation].checker.schema
    told = {name: value for name, value in schema["properties"].items() if name not in twin.hidden}
    required = [name for name in schema.get("required", ()) if name in told]
    operation: Schema = {
        "operationId": f"{twin.method.lower()}{twin.path}".replace("/", "_").replace("{id}", "by"),
        "summary": twin.summary,
        "parameters": [*_path_parameters(twin.path), _PROJECT, _ACTOR],
        "responses": _responses(twin.status),
    }
    if twin.source == "query":
        operation["parameters"] += [_query(name, value, name in required) for name, value in told.items()]
    elif twin.source == "body":
        body: Schema = {"type": "object", "properties": told, "additionalProperties": False}
        if required:
            body["required"] = required
        operation["requestBody"] = {
            "required": bool(required),
            "content": {"application/json": {"schema": body}},
        }
    return operation


def _path_parameters(path: str) -> list[Schema]:
    if "{id}" not in path:
        return []
    return [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}]


def _query(name: str, schema: Schema, required: bool = False) -> Schema:
    if schema.get("type") == "object":
        content = {"application/json": {"schema": schema}}
        return {"name": name, "in": "query", "required": required, "content": content}
    return {"name": name, "in": "query", "required": required, "schema": schema}


def _responses(status: int) -> Schema:
    error = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    good = {"description": "Done", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {
        str(status): good,
        **({"200": good} if status != 200 else {}),
        **{str(code): {"description": text, **error} for code, text in TOLD.items()},
    }
