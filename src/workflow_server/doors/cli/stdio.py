"""Serving MCP over stdio: what the program does without a command."""

from __future__ import annotations

import sys


def serve(flags: dict[str, object]) -> int:
    """MCP over stdio with the settings of `flags`."""
    from bridge.hosting import wire

    # First of all: a server that may not start leaves no word of anybody's on the wire either.
    connection = wire.claim()
    from bridge.agreed.errors import TandemError, how_to_read
    from workflow_server.settings import load

    try:
        settings = load(flags)
    except TandemError as error:
        more = how_to_read("workflow-server", error.code)
        sys.stderr.write(f"workflow-server: {error.text}\nMore: {more}\n")
        return 2
    from workflow_server.doors.mcp.stdio import serve_stdio

    serve_stdio(settings, connection)
    return 0
