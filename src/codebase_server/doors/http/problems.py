"""Failures outside the routes' own: unknown paths, wrong methods, and what nobody foresaw."""

from __future__ import annotations

import logging

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bridge.agreed.errors import TandemError
from codebase_server.doors.http.routes import answered

logger = logging.getLogger(__name__)

_CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


async def known(request: Request, problem: Exception) -> Response:
    """Starlette's own refusals, worded."""
    assert isinstance(problem, HTTPException)
    error = TandemError(
        _CODES.get(problem.status_code, "refused"),
        f"{request.method} {request.url.path:.200}: {problem.detail}.",
        "The routes are POST /mcp/search, /mcp/chunks, /mcp/chunks/resolve, /mcp/symbols, /mcp/outline, "
        "/mcp/index, and GET /mcp/chunks/ID, /mcp/index, /health, /metrics, /openapi.json; MCP is at /mcp.",
    )
    response = answered(problem.status_code, error.body)
    for name, value in (problem.headers or {}).items():
        response.headers[name] = value
    return response


async def gone(request: Request, _: Exception) -> Response:
    """Whoever asked has hung up in the middle of it: nobody reads this, and it is no failure of ours."""
    logger.debug("%s %s: the client went away", request.method, request.url.path)
    return Response(status_code=400)


async def unforeseen(request: Request, problem: Exception) -> Response:
    """An internal error: the caller learns where the traceback is, and nothing of it."""
    from bridge.hosting.toolset import internal_error  # brings the MCP SDK

    logger.error("%s %s failed", request.method, request.url.path, exc_info=problem)
    return answered(500, internal_error(request.url.path).body)
