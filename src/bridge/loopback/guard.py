"""The guard in front of a loopback door: every route, one check.

A page in the user's browser can send requests to a loopback port, and with DNS
rebinding under a name of its own. So the Host must be a loopback name, an
Origin, where one is sent, must be of this door, and the bearer token of the
endpoint file is wanted. Nothing of a request is read before that. One path is
the guard's own: there the door proves, to whoever asks, that it knows the token.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.agreed import proof
from bridge.agreed.errors import TandemError
from bridge.loopback.errors import send_error

LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_OWN_PAGES: Final = frozenset({"same-origin", "none"})
"""What a browser says of a request that a page of this door, or the user by hand, has made."""
MAX_BODY_BYTES: Final = 8 * 1024 * 1024
"""A resolve request with 10,000 snapshots of 2 KB is sent in several; this is ample for any other."""


class Guard:
    """An ASGI application that lets a request through to ``inner`` or answers it itself.

    :param token: the bearer token wanted; empty for none.
    :param session: name and value of a cookie that counts as the token, for a page that was let in by its
        link. The value is another than the token: a browser shows its cookies to every port of a host.
    :param open_paths: paths that need no token (Host and Origin are checked all the same).
    """

    def __init__(
        self,
        inner: ASGIApp,
        *,
        token: str,
        session: tuple[str, str] | None = None,
        open_paths: Callable[[str], bool] = lambda path: False,
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        self._inner = inner
        self._token = token
        self._session = session
        self._open_paths = open_paths
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        headers = _headers(scope)
        refusal = self._stranger(headers)
        if refusal is None:
            challenge = self._challenge(scope)
            if challenge:
                await self._prove(scope, send, challenge)
                return
            refusal = self._unknown(scope["path"], headers)
        if refusal is not None:
            status, error = refusal
            wanted = {"www-authenticate": "Bearer"} if status == 401 else {}
            await send_error(scope, receive, send, status, error, wanted)
            return
        declared = headers.get("content-length", "")
        if declared and not 0 <= _length(declared) <= self._max_body_bytes:
            await send_error(scope, receive, send, 413, self._too_large())
            return
        await self._limited(scope, receive, send)

    def _challenge(self, scope: Scope) -> str:
        """The challenge of a request for the proof of this door; empty of any other."""
        if not self._token or scope["path"] != proof.PATH or scope["method"] != "GET":
            return ""
        return proof.challenge_in(scope["query_string"]) if scope.get("server") else ""

    async def _prove(self, scope: Scope, send: Send, challenge: str) -> None:
        body = json.dumps(proof.answer(self._token, scope["server"], challenge)).encode()
        pairs = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": pairs})
        await send({"type": "http.response.body", "body": body})

    def _stranger(self, headers: Mapping[str, str]) -> tuple[int, TandemError] | None:
        """Why a request is another page's or is meant for another door."""
        host = headers.get("host", "")
        if _name_of(host) not in LOOPBACK_NAMES:
            hint = "Use 127.0.0.1, localhost or [::1]."
            return 421, TandemError(
                "wrong_host", f"This door does not answer for the host '{host:.100}'.", hint
            )
        origin = headers.get("origin")
        if origin is not None and not _same(origin, host):
            hint = "Pages of other sites may not use it."
            return 403, TandemError("wrong_origin", f"Requests from '{origin:.100}' are refused.", hint)
        return None

    def _unknown(self, path: str, headers: Mapping[str, str]) -> tuple[int, TandemError] | None:
        if self._token and not self._open_paths(path) and not self._known(headers):
            hint = "Send 'Authorization: Bearer TOKEN' with the token of the endpoint file."
            return 401, TandemError("unauthorized", "The token is missing or wrong.", hint)
        return None

    def _known(self, headers: Mapping[str, str]) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and _are_same(given.strip(), self._token):
            return True
        # a page of another port is of the same site to a browser, which gives it the cookie
        if self._session is None or headers.get("sec-fetch-site", "none") not in _OWN_PAGES:
            return False
        name, value = self._session
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(name)
        except CookieError:
            return False
        return morsel is not None and _are_same(morsel.value, value)

    def _too_large(self) -> TandemError:
        return TandemError(
            "body_too_large",
            f"The body is larger than {self._max_body_bytes:,} bytes.",
            "Send less at once.",
        )

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the inner application; a body that grows over the limit without saying so ends the request."""
        received = 0
        started = over = False

        async def counted() -> Message:
            nonlocal received, over
            if over:
                return {"type": "http.disconnect"}
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_body_bytes:
                # Answered here: what reads the body may take an exception for a failure of its own.
                over = True
                if not started:
                    await send_error(scope, receive, send, 413, self._too_large())
                return {"type": "http.disconnect"}
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            if not over:
                started = True
                await send(message)

        try:
            await self._inner(scope, counted, watched)
        except Exception:
            if not over:
                raise


def _are_same(given: str, secret: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "replace"), secret.encode())


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _length(declared: str) -> int:
    """The number in a Content-Length header, or -1: "²" is a digit to Python, and 5,000 of them no number."""
    return int(declared) if declared.isascii() and declared.isdecimal() and len(declared) < 19 else -1


def _name_of(host: str) -> str:
    """The name in a Host header, without its port; empty for what is no host."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _same(origin: str, host: str) -> bool:
    """Whether an Origin is a page of this very door: loopback, same port."""
    try:
        parts, here = urlsplit(origin), urlsplit(f"//{host}")
        return parts.scheme == "http" and parts.hostname in LOOPBACK_NAMES and parts.port == here.port
    except ValueError:
        return False
