"""From an argument list to an exit code."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

_COMPLETING: Final = "_WORKFLOW_SERVER_COMPLETE"
"""Set by the shell's completion script, which calls without arguments."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line; without arguments serve MCP over stdio (then it does not return)."""
    if not arguments and _COMPLETING not in os.environ:
        from workflow_server.doors.cli.stdio import serve

        return serve({})
    from bridge.hosting import console
    from workflow_server.doors.cli.group import main

    console.prepare()
    return main(list(arguments))
