"""Errors as HTTP answers: `{"error": code, "message", "hint", …}` with the status that fits the code."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route

from bridge.agreed.errors import TandemError
from workflow_server.doors.rest.json_answer import JSONAnswer

logger = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]

STATUS_OF_CODE = {
    "invalid_json": 400,
    "invalid_request": 400,
    "unsupported_media_type": 415,
    "work_item_deleted": 410,
    "not_done": 409,
    "claimed": 409,
    "claim_lost": 409,
    "already_undone": 409,
    "breaking_change": 409,
    "internal_error": 500,
    "store_busy": 503,
    "store_not_writable": 503,
    "storage_failed": 503,
    "disk_full": 507,
}
BY_ENDING = (("_not_found", 404), ("_conflict", 409), ("_exists", 409), ("_archived", 409))
UNPROCESSABLE = 422

TOLD = {
    400: "Not JSON, or not an object",
    401: "No token",
    403: "Sent by a page of another origin",
    404: "Not found",
    409: "In conflict with what is stored",
    410: "The item was deleted; it can be restored",
    413: "The body is too large",
    415: "The body is not JSON by its type",
    421: "The host's name is not this machine's",
    422: "Not valid",
    500: "Unforeseen: the server's log has the cause",
    503: "The store cannot be used at this moment",
    507: "The disk is full",
}
"""What each status of an error says, as the OpenAPI document tells it of every route. 401, 403, 413 and 421
are the guard's, which stands before all routes.
"""


def status_of(code: str) -> int:
    """The HTTP status of an error code; what was understood and cannot be done is 422."""
    if code in STATUS_OF_CODE:
        return STATUS_OF_CODE[code]
    return next((status for ending, status in BY_ENDING if code.endswith(ending)), UNPROCESSABLE)


def failure(error: TandemError) -> Response:
    """The answer that an error gives."""
    return JSONAnswer(error.body, status_of(error.code))


def guarded(endpoint: Endpoint) -> Endpoint:
    """The endpoint with its errors turned into answers; unforeseen ones are logged and told without their
    text.
    """

    async def run(request: Request) -> Response:
        from bridge.hosting import logs
        from bridge.hosting.toolset import internal_error

        operation = f"{request.method} {request.url.path}"
        with logs.request(operation):
            try:
                return await endpoint(request)
            except TandemError as error:
                return failure(error)
            except ClientDisconnect:  # nobody reads the answer, and it is no failure of ours
                return Response(status_code=400)
            except Exception:
                logger.exception("%s failed", operation)
                return failure(internal_error(operation))

    return run


async def not_found(request: Request, _: Exception) -> Response:
    """No such route."""
    return failure(
        TandemError(
            "route_not_found",
            f"{request.method} {request.url.path} is not a route of this server.",
            "GET /openapi.json lists the routes.",
        )
    )


async def method_not_allowed(request: Request, _: Exception) -> Response:
    """The path exists for other methods; all of them are named, though each is a route of its own."""
    methods: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            methods |= route.methods or set()
    allowed = ", ".join(sorted(methods))
    error = TandemError(
        "method_not_allowed", f"{request.url.path} does not take {request.method}.", f"It takes {allowed}."
    )
    return JSONAnswer(error.body, 405, headers={"Allow": allowed})
