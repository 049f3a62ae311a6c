"""What a request's body says."""

from __future__ import annotations

import json
from typing import Any

from bridge.agreed.errors import TandemError

_STEP = "Send one JSON object with the arguments."


def json_object(raw: bytes) -> dict[str, Any]:
    """The JSON object that a body is.

    :raises TandemError: `invalid_json` or `invalid_request`.
    """
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise TandemError("invalid_json", f"The body is not JSON: {error}.", _STEP) from None
    if not isinstance(body, dict):
        found = f"The body is a JSON {type(body).__name__}, not an object."
        raise TandemError("invalid_request", found, _STEP)
    return body
