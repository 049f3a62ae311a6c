"""How a browser gets in: a link with a ticket that works once, traded for a cookie that no script can
read.
"""

from __future__ import annotations

import html
import secrets
import time
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workflow_server.doors.rest.json_answer import JSONAnswer

COOKIE: Final = "tandem_workflow"
PATH: Final = "/login"
TICKET_SECONDS: Final = 15 * 60.0
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


class Tickets:
    """The tickets given out and not yet used. They live in this process alone.

    :param session: what a browser is given for one.
    """

    def __init__(self, session: str) -> None:
        self._session = session
        self._open: dict[str, float] = {}

    def new(self) -> str:
        """A ticket for one browser."""
        ticket = secrets.token_urlsafe(24)
        self._open[ticket] = time.monotonic() + TICKET_SECONDS
        return ticket

    def routes(self) -> list[Route]:
        """The trade, which needs no token, and the making of another ticket, which does."""
        return [
            Route(PATH, self._enter, methods=["GET"]),
            Route("/mcp/tickets", self._issue, methods=["POST"]),
        ]

    def _take(self, ticket: str) -> bool:
        until = self._open.pop(ticket, 0.0)
        return time.monotonic() < until

    def _signed_in(self, request: Request) -> bool:
        given = request.cookies.get(COOKIE, "")
        return secrets.compare_digest(given.encode("utf-8", "replace"), self._session.encode())

    async def _enter(self, request: Request) -> Response:
        project = request.query_params.get("project")
        board = f"/?project={quote(project, safe='')}" if project else "/"
        if not self._take(request.query_params.get("ticket", "")) and not self._signed_in(request):
            # a browser that comes from elsewhere leaves its Strict cookie out, but sends it from this page
            return _page("This link was used already, or is too old.", 401, again=board)
        # not a redirect: after one, a browser that came from another site would leave the Strict cookie out
        answer = _page("Signed in.", 200, forward=board)
        answer.set_cookie(COOKIE, self._session, httponly=True, samesite="strict", path="/")
        return answer

    async def _issue(self, _: Request) -> Response:
        return JSONAnswer({"path": f"{PATH}?ticket={self.new()}"}, 201)


class SignInPage:
    """Around the guard: a person who opens the board without a cookie reads what to do, not JSON."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self._inner(scope, receive, send)
            return
        refused = False

        async def watched(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] == 401:
                refused = True
                await _page("This browser is not signed in.", 401)(scope, receive, send)
            elif not refused:
                await send(message)

        await self._inner(scope, receive, watched)


def _page(text: str, status: int, *, forward: str = "", again: str = "") -> HTMLResponse:
    onward = f'<meta http-equiv="refresh" content="0;url={html.escape(forward)}">' if forward else ""
    hint = "" if forward else "<p>Run <code>workflow-server web</code> and open the link that it prints.</p>"
    if again:
        hint += f'<p>Signed in here before? <a href="{html.escape(again)}">Open the board</a>.</p>'
    body = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Tandem board</title>{onward}'
        "<style>body{font:1rem/1.5 system-ui;margin:4rem auto;max-width:36rem;padding:0 1rem;"
        "color-scheme:light dark}</style>"
        f"<main><h1>Tandem board</h1><p>{html.escape(text)}</p>{hint}</main></html>"
    )
    return HTMLResponse(body, status, headers=dict(_HEADERS))
