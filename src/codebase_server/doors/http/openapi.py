"""The OpenAPI 3.1 document of the loopback door, made from the same signatures as its routes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from codebase_server.doors.http.statuses import TOLD

Schema = dict[str, Any]

_ERROR: Final[Schema] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("error", "message", "hint", "see")},
    "required": ["error", "message", "hint", "see"],
}
_ROOT: Final[Schema] = {
    "name": "root",
    "in": "query",
    "required": False,
    "schema": {"type": "string", "maxLength": 4096},
    "description": "Served root: path or repository id",
}
_RESOLVE: Final[Schema] = {
    "type": "object",
    "properties": {
        "references": {
            "type": "array",
            "items": {"type": "object", "properties": {"ref": {"type": "string"}}, "required": ["ref"]},
        },
        "content": {"type": "boolean"},
    },
    "required": ["references"],
}


def document(version: str, posted: Mapping[str, Schema]) -> Schema:
    """The whole document; ``posted`` has the body's schema of each route that takes its arguments so."""
    chunk = {"name": "chunk_id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    paths: dict[str, Schema] = {
        "/mcp/chunks/{chunk_id}": {"get": _operation("chunk", "A living chunk", [chunk, _ROOT])},
        "/health": {"get": _operation("health", "Alive, and for which roots")},
        "/metrics": {"get": _operation("metrics", "Counts and times, as Prometheus reads them", text=True)},
    }
    for path, schema in (*posted.items(), ("/mcp/chunks/resolve", _RESOLVE)):
        name = path.removeprefix("/mcp/").replace("/", "_")
        paths.setdefault(path, {})["post"] = _operation(name, f"POST {path}", body=schema)
    paths["/mcp/index"]["get"] = _operation("index_status", "State of the index", [_ROOT])
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tandem codebase-server", "version": version},
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {"Error": _ERROR},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"bearer": []}],
    }


def _operation(
    name: str,
    summary: str,
    parameters: list[Schema] | None = None,
    *,
    body: Schema | None = None,
    text: bool = False,
) -> Schema:
    error = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    good = (
        {"text/plain": {"schema": {"type": "string"}}}
        if text
        else {"application/json": {"schema": {"type": "object"}}}
    )
    told: Schema = {
        "operationId": name,
        "summary": summary,
        "parameters": parameters or [],
        "responses": {
            "200": {"description": "Done", "content": good},
            **{str(code): {"description": words, **error} for code, words in TOLD.items()},
        },
    }
    if body is not None:
        told["requestBody"] = {
            "required": bool(body.get("required")),
            "content": {"application/json": {"schema": body}},
        }
    return told
