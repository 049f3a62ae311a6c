"""Who calls over MCP, and from which folders."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import anyio
from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPDeprecationWarning, MCPError

from workflow_server.doors.application import Application
from workflow_server.records import Actor, Call

ROOTS_SECONDS = 2.0
"""How long a client may take to name its roots before the call goes on without them."""


def call_of(application: Application, ctx: Context, project: str | None = None) -> Call:
    """The circumstances of a tool call: the client is the actor, its roots are asked for when needed."""

    async def roots() -> Sequence[Path]:
        return await client_roots(ctx)

    return application.call(actor_of(ctx), project, roots if _offers_roots(ctx) else None)


def actor_of(ctx: Context) -> Actor:
    """The client's name, with its version beside it."""
    params = ctx.session.client_params
    if params is None:
        return Actor("mcp-client", "", "mcp")
    info = params.client_info
    return Actor(info.name, f"{info.name} {info.version}".strip(), "mcp")


def _offers_roots(ctx: Context) -> bool:
    capabilities = ctx.client_capabilities
    return bool(capabilities and capabilities.roots and ctx.session.can_send_request)


async def client_roots(ctx: Context) -> Sequence[Path]:
    """The folders that the client works in; none when it does not say in time."""
    try:
        with warnings.catch_warnings(), anyio.fail_after(ROOTS_SECONDS):
            # deprecated by the newest protocol, and the only way that hosts of today offer
            warnings.simplefilter("ignore", MCPDeprecationWarning)
            answer = await ctx.session.list_roots()
    except (MCPError, TimeoutError):
        return ()
    return [path for path in (_local_path(str(root.uri)) for root in answer.roots) if path]


def _local_path(uri: str) -> Path | None:
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return None
    return Path(url2pathname(unquote(parts.path)))
