"""The web server's application: every route, and the board in front of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from bridge.agreed.errors import TandemError
from bridge.hosting.server import HostedServer
from bridge.loopback.troubleshooting import troubleshooting
from workflow_server.doors import board
from workflow_server.doors.application import Application
from workflow_server.doors.rest.failures import guarded, method_not_allowed, not_found
from workflow_server.doors.rest.json_answer import JSONAnswer
from workflow_server.doors.rest.openapi import document
from workflow_server.doors.rest.routes import twin_routes
from workflow_server.doors.rest.views import Views

PAGE = Path(board.__file__).parent / "page"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


def make_app(application: Application, mcp: HostedServer, extra: Sequence[Route] = ()) -> Starlette:
    """All routes and `extra` ones, unguarded: whoever serves it puts the guard around it."""
    # the guard has checked Host and Origin on every route before the SDK would on this one
    mcp_app = mcp.streamable_http_app(
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False)
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with mcp.session_manager.run():
            yield
        await application.service.close()

    return Starlette(
        routes=[
            *extra,
            *twin_routes(application),
            *Views(application).routes(),
            Route("/openapi.json", guarded(_openapi)),
            Route("/", guarded(_index)),
            Route("/board/{file:path}", guarded(_page_file)),
            Route("/docs/troubleshooting.md", guarded(_troubleshooting)),
            # an application as endpoint gets every method; below a Mount it would also answer all other paths
            Route("/mcp", mcp_app),
        ],
        lifespan=lifespan,
        exception_handlers={404: not_found, 405: method_not_allowed},
    )


async def _openapi(_: Request) -> Response:
    return JSONAnswer(document())


async def _index(_: Request) -> Response:
    return FileResponse(PAGE / "index.html", media_type=_TYPES[".html"], headers=_PAGE_HEADERS)


async def _troubleshooting(_: Request) -> Response:
    """What the `see` of every error names, for the board to show."""
    return Response(troubleshooting(), media_type="text/markdown", headers=_PAGE_HEADERS)


async def _page_file(request: Request) -> Response:
    """One file of the page; only what lies in its folder and is of a kind that a page has."""
    try:
        file = (PAGE / request.path_params["file"]).resolve()
        is_file = file.is_file()
    except (ValueError, OSError):  # a NUL, or a name longer than the system has
        file, is_file = PAGE.parent, False
    if not file.is_relative_to(PAGE.resolve()) or not is_file or file.suffix not in _TYPES:
        raise TandemError("file_not_found", f"The board has no file {request.path_params['file']}.")
    return FileResponse(file, media_type=_TYPES[file.suffix], headers=_PAGE_HEADERS)
