"""The REST routes: bodies in, service answers out. Guard, token and limits stand before them."""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bridge.agreed.errors import TandemError
from bridge.hosting import logs, waits
from bridge.hosting.arguments import Arguments
from bridge.loopback.bodies import json_object
from codebase_server import __version__
from codebase_server.doors.http import openapi
from codebase_server.doors.http.statuses import status_of
from codebase_server.doors.operations import Force, Operation, Operations, Root
from codebase_server.service import CodebaseService
from codebase_server.service.errors import InvalidArgumentError

Handler = Callable[[Request], Awaitable[Response]]

_PATHS: Final = {
    "search_code": "/mcp/search",
    "get_chunks": "/mcp/chunks",
    "find_symbol": "/mcp/symbols",
    "outline": "/mcp/outline",
}
"""Operations that take their arguments as a JSON body, and where."""


def routes(service: CodebaseService) -> list[Route]:
    """All REST routes over one service."""
    operations = Operations(service)
    posted: dict[str, Operation] = {path: getattr(operations, name) for name, path in _PATHS.items()}

    def index(force: Force = False, root: Root = None) -> Mapping[str, Any]:
        return service.index_repository(root=root, force=force)

    posted["/mcp/index"] = index
    return [
        Route("/mcp/chunks/resolve", _resolve(service), methods=["POST"]),
        *(Route(path, _posted(operation), methods=["POST"]) for path, operation in posted.items()),
        Route("/mcp/chunks/{chunk_id}", _chunk(service), methods=["GET"]),
        Route("/mcp/index", _queried(operations.index_status), methods=["GET"]),
        Route("/health", _health(service), methods=["GET"]),
        Route("/metrics", _metrics(service), methods=["GET"]),
        Route("/openapi.json", _openapi(posted), methods=["GET"]),
    ]


def answered(status: int, body: Mapping[str, Any]) -> Response:
    """A JSON answer."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    # Lone surrogates (undecodable file names) have no UTF-8: escape rather than fail.
    return Response(text.encode("utf-8", "backslashreplace"), status, media_type="application/json")


def refused(error: TandemError) -> Response:
    """A typed error as JSON with the status that fits it."""
    return answered(status_of(error), error.body)


def _posted(operation: Operation) -> Handler:
    arguments = Arguments(operation)

    async def handle(request: Request) -> Response:
        return await _run(request, lambda body: functools.partial(operation, **arguments.accept(body)))

    return handle


def _queried(operation: Operation) -> Handler:
    arguments = Arguments(operation)

    async def handle(request: Request) -> Response:
        try:
            given = arguments.accept({**request.query_params, **request.path_params})
        except TandemError as problem:
            return refused(problem)
        return await _answer(request, functools.partial(operation, **given))

    return handle


def _resolve(service: CodebaseService) -> Handler:
    async def handle(request: Request) -> Response:
        return await _run(request, lambda body: functools.partial(service.resolve, body))

    return handle


def _chunk(service: CodebaseService) -> Handler:
    def living(chunk_id: str, root: Root = None) -> Mapping[str, Any]:
        return service.live_chunk(chunk_id, root=root)

    return _queried(living)


def _health(service: CodebaseService) -> Handler:
    async def handle(request: Request) -> Response:
        return await _answer(request, service.health)

    return handle


def _metrics(service: CodebaseService) -> Handler:
    async def handle(request: Request) -> Response:
        text = await anyio.to_thread.run_sync(service.metrics)
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")

    return handle


def _openapi(posted: Mapping[str, Operation]) -> Handler:
    async def handle(_: Request) -> Response:
        bodies = {path: Arguments(operation).schema for path, operation in posted.items()}
        return answered(200, openapi.document(__version__, bodies))

    return handle


async def _run(request: Request, prepared: Callable[[dict[str, Any]], Callable[[], Any]]) -> Response:
    try:
        call = prepared(await _body(request))
    except TandemError as problem:
        return refused(problem)
    return await _answer(request, call)


async def _body(request: Request) -> dict[str, Any]:
    """The arguments: the JSON object in the body, and ``root`` if the query has it."""
    if unknown := set(request.query_params) - {"root"}:
        raise InvalidArgumentError(
            f"Unknown query parameter `{min(unknown)}`.",
            "It takes `root`. The arguments stand in the JSON body.",
        )
    root = {name: value for name, value in request.query_params.items() if value}
    raw = await request.body()
    if not raw.strip():
        return root
    return {**root, **json_object(raw)}


async def _answer(request: Request, call: Callable[[], Mapping[str, Any]]) -> Response:
    with logs.request(request.url.path):
        try:
            begun = waits.until_begun("a free thread", call)
            return answered(200, await anyio.to_thread.run_sync(begun, abandon_on_cancel=True))
        except TandemError as problem:
            return refused(problem)
