"""Failures of a loopback door as JSON: ``{"error", "message", "hint", "see"}`` with the status that fits."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.types import Receive, Scope, Send

from bridge.agreed.errors import TandemError


async def send_error(
    scope: Scope,
    receive: Receive,
    send: Send,
    status: int,
    error: TandemError,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Answer a request with a typed error, without reading its body."""
    body = json.dumps(error.body, ensure_ascii=False).encode("utf-8", "backslashreplace")
    sent = {"content-type": "application/json", "content-length": str(len(body)), "connection": "close"}
    pairs = [
        (name.encode(), value.encode("latin-1", "replace"))
        for name, value in {**sent, **(headers or {})}.items()
    ]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
