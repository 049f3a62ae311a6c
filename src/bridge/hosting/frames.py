"""What a host is told about a line that is no message.

The SDK passes over such a line in silence, and a host that waits for the answer
waits until its own patience ends: for a lone surrogate in an argument, say, or
for nesting deeper than the parser goes. JSON-RPC has an answer for that.
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any, Final

logger = logging.getLogger(__name__)

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
_ID: Final = r'"id"\s*:\s*(-?\d{1,18}|"[\w-]{1,100}")'
_ID_FIRST = re.compile(rf'\s*\{{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?{_ID}\s*,')
_ID_LAST = re.compile(rf",\s*{_ID}\s*\}}\s*\Z")
_LAST_CHARACTERS: Final = 300


def refusal(line: str) -> str | None:
    """The error to answer a line with, as one line of JSON; None for a message, and for what wants none."""
    from mcp.types import jsonrpc_message_adapter  # the wire is claimed before the SDK is imported

    if not line.strip():
        return None
    try:
        jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValueError as problem:
        logger.warning("a line of %d characters is no message", len(line))
        return _answer(line, _reason(problem))
    return None


def _reason(problem: ValueError) -> str:
    errors: Any = getattr(problem, "errors", None)
    first = errors(include_url=False, include_input=False)[0] if errors else {}
    if first.get("type") == "json_invalid":
        return str(first.get("ctx", {}).get("error", "not valid JSON"))
    return ""


def _answer(line: str, parse_error: str) -> str | None:
    """An error with the request's id, where one can be told."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        found = _ID_FIRST.match(line) or _ID_LAST.search(line[-_LAST_CHARACTERS:])
        identifier = json.loads(found[1]) if found else None
    else:
        if isinstance(message, dict) and "id" not in message and "method" in message and not parse_error:
            return None  # a notification that nobody understands
        identifier = message.get("id") if isinstance(message, dict) else None
        if isinstance(identifier, bool) or not isinstance(identifier, (int, str)):
            identifier = None
    code, text = (
        (PARSE_ERROR, f"Parse error: {parse_error}.") if parse_error else (INVALID_REQUEST, _NOT_A_MESSAGE)
    )
    body = {"jsonrpc": "2.0", "id": identifier, "error": {"code": code, "message": text}}
    return json.dumps(body)


_NOT_A_MESSAGE: Final = "Invalid request: a line must be one JSON-RPC 2.0 message, no list of them."
