"""What a request asks: arguments out of its path, query and body, and who sent it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request

from bridge.agreed.errors import TandemError
from bridge.loopback.bodies import json_object
from workflow_server.doors.application import Application
from workflow_server.doors.persons import person
from workflow_server.records import Actor, Call

BOARD_HEADER = "x-tandem-door"
ACTOR_HEADER = "x-tandem-actor"


def call_of(application: Application, request: Request, project: str | None = None) -> Call:
    """The circumstances: `?project=`, the sender's name (X-Tandem-Actor, else the person here) and
    program.
    """
    door = "board" if request.headers.get(BOARD_HEADER) == "board" else "rest"
    name = request.headers.get(ACTOR_HEADER) or person()
    actor = Actor(name, request.headers.get("user-agent", "")[:200], door)
    return application.call(actor, project or request.query_params.get("project"))


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object in the body; nothing is an empty one.

    :raises TandemError: `invalid_json` or `invalid_request`.
    """
    raw = await request.body()
    if not raw.strip():
        return {}
    if "json" not in request.headers.get("content-type", "application/json"):
        # a form cannot be posted here from another page, even where its origin is not told
        raise TandemError(
            "unsupported_media_type",
            f"The body is {request.headers['content-type']}.",
            "Send JSON with `Content-Type: application/json`.",
        )
    return json_object(raw)


def query_of(request: Request, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The query's parameters as the arguments' types want them; `project` is not among them.

    A list is given by repeating the name or with commas. What does not convert stays text, for the check to
    name.
    """
    properties: Mapping[str, Any] = schema["properties"]
    given: dict[str, Any] = {}
    for name in dict.fromkeys(request.query_params.keys()):
        if name != "project":
            given[name] = _converted(request.query_params.getlist(name), properties.get(name, {}))
    return given


def _converted(values: Sequence[str], schema: Mapping[str, Any]) -> Any:
    kind = schema.get("type")
    if kind == "array":
        return [part for value in values for part in value.split(",") if part]
    last = values[-1]
    if kind in ("integer", "number", "boolean", "object"):
        try:
            return json.loads(last)
        except (ValueError, RecursionError):
            return last
    return last
