"""The board inside hosts that show MCP apps: two pages, made of the same file, read only when a host asks."""

from __future__ import annotations

from mcp.server.apps import APP_MIME_TYPE, Apps
from mcp.server.mcpserver.resources import FunctionResource

BOARD = "ui://workflow/board"
ITEM = "ui://workflow/item"
SHOWN_BY = {"list_work_items": BOARD, "get_work_item": ITEM}
"""Tools whose answers a host with apps may show as a page; other hosts get the same answer as text."""


def make_apps() -> Apps:
    """The extension with both pages. They ask for no outside address, so the host's strictest policy fits."""
    apps = Apps()
    for uri, title in ((BOARD, "Board"), (ITEM, "Work item")):
        apps.add_resource(
            FunctionResource(
                uri=uri,
                name=title,
                title=title,
                description=f"{title} as a page",
                mime_type=APP_MIME_TYPE,
                meta={"ui": {"csp": {}, "prefersBorder": True}},
                fn=_page,
            )
        )
    return apps


def _page() -> str:
    from workflow_server.doors.board.bundle import bundled

    return bundled()
