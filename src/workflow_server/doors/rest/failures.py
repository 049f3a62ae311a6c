"""Errors as HTTP answers: `{"error": code, "message", "hint", …}` with the status that fits the code."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bridge.agreed.errors import TandemError

logger = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]

_STATUS = {
    "invalid_json": 400,
    "invalid_request": 400,
    "version_conflict": 409,
    "project_required": 422,
    "unsupported_media_type": 415,
    "internal_error": 500,
    "busy": 503,
}
_BY_ENDING = (("_not_found", 404), ("_conflict", 409), ("_exists", 409), ("_held", 409), ("_archived", 409))
UNPROCESSABLE = 422


def status_of(code: str) -> int:
    """The HTTP status of an error code; what was understood and cannot be done is 422."""
    if code in _STATUS:
        return _STATUS[code]
    return next((status for ending, status in _BY_ENDING if code.endswith(ending)), UNPROCESSABLE)


def failure(error: TandemError) -> Response:
    """The answer that an error gives."""
    return JSONResponse(error.body, status_of(error.code))


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


async def method_not_allowed(request: Request, error: Exception) -> Response:
    """The route exists for other methods."""
    allowed = getattr(error, "headers", None) or {}
    body = TandemError(
        "method_not_allowed",
        f"{request.url.path} does not take {request.method}.",
        f"It takes {allowed.get('Allow', 'other methods')}.",
    ).body
    return JSONResponse(body, 405, headers=dict(allowed))
