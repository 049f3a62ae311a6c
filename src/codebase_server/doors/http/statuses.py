"""The HTTP status of each error, and what each says; the OpenAPI document is made of the same table."""

from __future__ import annotations

from typing import Final

from bridge.agreed.errors import TandemError
from codebase_server.service.errors import CodebaseError

BY_CODE: Final = {
    "invalid_arguments": 422,
    "invalid_json": 400,
    "invalid_request": 400,
    "busy": 409,
    "cancelled": 409,
    "index_corrupt": 503,
    "index_too_new": 503,
    "storage_denied": 503,
    "storage_lost": 503,
    "storage_full": 507,
}
"""Statuses of typed errors from below the service, which know nothing of HTTP."""

UNFORESEEN: Final = 500

TOLD: Final = {
    400: "The body is no JSON object",
    401: "No token, or a wrong one",
    403: "Sent by a page of another origin",
    404: "Not found: the chunk, the root or the path",
    405: "The path does not take this method",
    409: "Busy, cancelled, or a root is needed and none, or one of several, could be meant",
    413: "The body is too large",
    421: "The host's name is not this machine's",
    422: "Not valid",
    500: "Unforeseen: the server's log has the cause",
    503: "The index cannot be read or written at this moment",
    507: "The disk of the indexes is full",
}
"""Every status of an error, in words. The guard, before all routes, gives 401, 403, 413 and 421."""


def status_of(error: TandemError) -> int:
    """The status that fits an error; any that nobody foresaw is the server's own trouble."""
    return error.status if isinstance(error, CodebaseError) else BY_CODE.get(error.code, UNFORESEEN)
