"""MCP over stdio: how a host runs the server."""

from __future__ import annotations

import gc

from bridge.agreed import limits
from bridge.hosting.life import Lifetime
from bridge.hosting.wire import Wire
from workflow_server.settings import Settings


def serve_stdio(settings: Settings, connection: Wire) -> None:
    """Serve until the host closes stdin, dies or sends a signal. Does not return."""
    from bridge.hosting import logs

    logs.configure("workflow-server", level=settings.log_level)
    life = Lifetime()
    life.follow_signals()
    life.follow_parent()
    connection.when_ended(lambda: life.end_soon("the host closed stdin"))

    import anyio

    from workflow_server.doors.application import Application
    from workflow_server.doors.mcp.server import make_server

    server = make_server(Application(settings))
    limits.share_freed_memory()
    # Off since `__main__` while the imports were made; a server lives long and must collect.
    gc.freeze()
    gc.enable()
    anyio.run(server.serve, connection)
    life.end("the connection is closed")
