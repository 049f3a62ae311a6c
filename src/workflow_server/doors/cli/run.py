"""From an argument list to an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

_COMPLETING: Final = "_WORKFLOW_SERVER_COMPLETE"
"""Set by the shell's completion script, which calls without arguments."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line; without arguments serve MCP over stdio (then it does not return)."""
    if not arguments and _COMPLETING not in os.environ:
        return serve({})
    from bridge.hosting import console
    from workflow_server.doors.cli.group import main

    console.prepare()
    return main(list(arguments))


def serve(flags: dict[str, object]) -> int:
    """MCP over stdio with the settings of `flags`."""
    from bridge.hosting import wire

    # First of all: a server that may not start leaves no word of anybody's on the wire either.
    connection = wire.claim()
    from bridge.agreed.errors import TandemError
    from workflow_server.settings import load

    try:
        settings = load(flags)
    except TandemError as error:
        sys.stderr.write(f"workflow-server: {error.text}\nSee {error.section}\n")
        return 2
    from workflow_server.doors.mcp.stdio import serve_stdio

    serve_stdio(settings, connection)
    return 0
