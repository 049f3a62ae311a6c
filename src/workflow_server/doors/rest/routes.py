"""The REST twins of the tools: one row a route. The same table makes the routes and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bridge.agreed.errors import TandemError
from workflow_server.doors.application import Application
from workflow_server.doors.operations import OPERATIONS, Operation
from workflow_server.doors.rest.failures import guarded
from workflow_server.doors.rest.json_answer import JSONAnswer
from workflow_server.doors.rest.requests import body_of, call_of, query_of

Record = Mapping[str, Any]
Source = Literal["query", "body", "nothing"]


@dataclass(frozen=True)
class Twin:
    """One route that does what a tool does.

    `source` is where the arguments come from, `fixed` those that the route itself says, and `shape` picks the
    answer's body. `{id}` in the path is the argument `id_name`.
    """

    method: str
    path: str
    operation: str
    summary: str
    source: Source
    shape: Callable[[Record], Record]
    status: int = 200
    id_name: Literal["id", "ids", "name"] = "id"
    fixed: tuple[tuple[str, Any], ...] = ()

    @property
    def hidden(self) -> frozenset[str]:
        """Arguments that the path or the route gives."""
        named = {self.id_name} if "{" in self.path else set()
        return frozenset(named | {name for name, _ in self.fixed} | {"project", "max_tokens"})


def whole(answer: Record) -> Record:
    """The item with the warnings of the call."""
    item = answer["item"] if "item" in answer else answer["items"][0]
    item = item.get("item", item)
    own = answer["items"][0].get("warnings", ()) if answer.get("items") else ()
    warnings = list(dict.fromkeys([*answer.get("warnings", ()), *item.get("warnings", ()), *own]))
    event = {"event": answer["event"]} if "event" in answer else {}
    return {**item, **event, "project": answer["project"], "warnings": warnings}


def same(answer: Record) -> Record:
    """The service's answer as it is."""
    return answer


TWINS: tuple[Twin, ...] = (
    Twin("POST", "/mcp/work_items", "create_work_item", "Create an item", "body", whole, 201),
    Twin("POST", "/mcp/work_items/batch", "create_work_items", "Create a plan", "body", same, 201),
    Twin("GET", "/mcp/work_items", "list_work_items", "List items", "query", same),
    Twin("PATCH", "/mcp/work_items", "update_work_item", "Update several items", "body", same),
    Twin("POST", "/mcp/work_items/claim", "claim_work_item", "Claim the best ready item", "body", same),
    Twin("GET", "/mcp/work_items/{id}", "get_work_item", "Get an item", "query", whole, id_name="ids"),
    Twin("PATCH", "/mcp/work_items/{id}", "update_work_item", "Update an item", "body", whole, id_name="ids"),
    Twin("DELETE", "/mcp/work_items/{id}", "delete_work_item", "Delete an item", "query", same),
    Twin(
        "POST", "/mcp/work_items/{id}/restore", "delete_work_item", "Restore an item", "nothing", same,
        fixed=(("restore", True),),
    ),
    Twin("POST", "/mcp/work_items/{id}/claim", "claim_work_item", "Claim, renew or release", "body", same),
    Twin("POST", "/mcp/work_items/{id}/undo", "undo", "Undo an item's last change", "nothing", same),
    Twin("POST", "/mcp/undo", "undo", "Undo an event", "body", same),
    Twin("POST", "/mcp/references/check", "check_references", "Check and relink references", "body", same),
    Twin("PUT", "/mcp/types/{id}", "define_item_type", "Define a type", "body", same, id_name="name"),
    Twin(
        "GET", "/mcp/projects", "manage_projects", "List projects", "nothing", same,
        fixed=(("action", "list"),),
    ),
    Twin(
        "POST", "/mcp/projects", "manage_projects", "Create a project", "body", same, 201,
        fixed=(("action", "create"), ("restore", False)),
    ),
    Twin(
        "POST", "/mcp/projects/{id}/archive", "manage_projects", "Archive a project", "nothing", same,
        id_name="name", fixed=(("action", "archive"),),
    ),
    Twin(
        "POST", "/mcp/projects/{id}/restore", "manage_projects", "Take a project back from the archive",
        "nothing", same, id_name="name", fixed=(("action", "archive"), ("restore", True)),
    ),
)  # fmt: skip


def twin_routes(application: Application) -> list[Route]:
    """A route for each twin, in the table's order: literal paths stand before those with an id."""
    return [Route(twin.path, guarded(_endpoint(application, twin)), methods=[twin.method]) for twin in TWINS]


def _endpoint(application: Application, twin: Twin) -> Callable[[Request], Any]:
    operation = OPERATIONS[twin.operation]

    async def endpoint(request: Request) -> Response:
        given, project = await _arguments(request, twin, operation)
        accepted = operation.checker.accept(given)
        answer = await operation.carry_out(
            application.service, call_of(application, request, project), accepted
        )
        body = dict(twin.shape(answer))
        # a create that its idempotency key found again created nothing
        found = twin.operation == "create_work_item" and not answer.get("created", True)
        return JSONAnswer(
            body, 200 if found or answer.get("dry_run") else twin.status, headers=_headers(body)
        )

    return endpoint


async def _arguments(request: Request, twin: Twin, operation: Operation) -> tuple[dict[str, Any], str | None]:
    given: dict[str, Any] = {}
    if twin.source == "query":
        given = query_of(request, operation.checker.schema)
    elif twin.source == "body":
        given = await body_of(request)
        if twin.operation == "update_work_item":
            given = {
                name: operation.emptied.get(name, "") if value is None else value
                for name, value in given.items()
            }
    project = given.pop("project", None)
    _no_silence(request, twin, given)
    given |= dict(twin.fixed)
    if "id" in request.path_params:
        value = request.path_params["id"]
        given[twin.id_name] = [value] if twin.id_name == "ids" else value
    if twin.operation == "update_work_item" and "if-match" in request.headers:
        tag = request.headers["if-match"].strip('W/" ')
        given.setdefault(
            "expected_version", int(tag) if tag.isascii() and tag.isdecimal() and len(tag) < 19 else tag
        )
    if twin.operation == "create_work_item" and "idempotency-key" in request.headers:
        given.setdefault("idempotency_key", request.headers["idempotency-key"])
    return given, project


def _no_silence(request: Request, twin: Twin, given: Record) -> None:
    """Refuse what would be passed over: a query where the body speaks, an id beside the path's."""
    if twin.source != "query" and (unknown := set(request.query_params) - {"project"}):
        takes = " The arguments stand in the JSON body." if twin.source == "body" else ""
        raise TandemError(
            "invalid_arguments",
            f"Unknown query parameter `{min(unknown)}` of {twin.method} {twin.path}.",
            f"It takes `project`.{takes}",
        )
    if "id" in request.path_params and twin.id_name in given:
        raise TandemError(
            "invalid_arguments",
            f"`{twin.id_name}` stands in the path already.",
            f"Leave it out, or call {twin.path.removesuffix('/{id}')}.",
        )


def _headers(body: Record) -> dict[str, str]:
    return {"ETag": f'"{body["version"]}"'} if isinstance(body.get("version"), int) else {}
