"""Search results as a page, for hosts that show MCP apps; other hosts get the same answer as text."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mcp.server.apps import APP_MIME_TYPE, Apps
from mcp.server.mcpserver.resources import FunctionResource

RESULTS: Final = "ui://codebase/results"
SHOWN_BY: Final = {"search_code": RESULTS}
"""Tools whose answers a host with apps may show as the page."""


def meta_of(tool: str) -> dict[str, object] | None:
    """The ``_meta`` by which a host finds a tool's page; the flat key is what earlier hosts look for."""
    uri = SHOWN_BY.get(tool)
    return None if uri is None else {"ui": {"resourceUri": uri}, "ui/resourceUri": uri}


def make_apps() -> Apps:
    """The extension with the page. It asks for no outside address, so the host's strictest policy fits."""
    apps = Apps()
    apps.add_resource(
        FunctionResource(
            uri=RESULTS,
            name="Search results",
            title="Search results",
            description="Search results with their code and a tree of files, as a page",
            mime_type=APP_MIME_TYPE,
            meta={"ui": {"csp": {}, "prefersBorder": True}},
            fn=_page,
        )
    )
    return apps


def _page() -> str:
    """The page as one file: script and style stand in it, since a host gives it nothing else."""
    folder = Path(__file__).parent
    page = (folder / "results.html").read_text("utf-8")
    for name in ("results.css", "results.js"):
        page = page.replace(f"/*{name}*/", (folder / name).read_text("utf-8"))
    return page
