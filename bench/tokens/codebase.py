"""What codebase-server costs a model to read: its tools, and the answers it gives most often.

    python -m bench.tokens.codebase [FOLDER]

Answers are those about FOLDER, this repository unless given.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.types import TextContent

from bench.tokens.workflow import compact, counter
from codebase_server.doors.mcp import server as mcp_server
from codebase_server.service import CodebaseService
from codebase_server.settings import load

QUESTION = "wait before asking again after a failure"
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("search_code", {"query": QUESTION}),
    ("search_code", {"query": QUESTION, "content": "preview"}),
    ("search_code", {"query": QUESTION, "content": "none"}),
    ("search_code", {"query": QUESTION, "max_tokens": 1000}),
    ("find_symbol", {"name": "Breaker"}),
    ("outline", {"max_tokens": 2000}),
    ("index_status", {}),
)


async def main(root: Path) -> None:
    """Print both tables as Markdown."""
    name, tokens = counter()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"CODEBASE_DATA_DIR": folder, "CODEBASE_ROOT": str(root)}
        service = CodebaseService(
            load({}, environment, Path(folder) / "none.toml"), working_folder=root, environment={}
        )
        service.index_repository()
        async with Client(mcp_server.build(service), mode="legacy") as client:
            print(f"| tool ({name}) | name, description, input schema | output schema |\n|---|---|---|")
            brief = whole = 0
            for tool in (await client.list_tools()).tools:
                asked = {"name": tool.name, "description": tool.description, "inputSchema": tool.input_schema}
                counts = tokens(compact(asked)), tokens(compact(tool.output_schema))
                brief, whole = brief + counts[0], whole + counts[1]
                print(f"| `{tool.name}` | {counts[0]:,} | {counts[1]:,} |")
            print(f"| **all** | **{brief:,}** | **{whole:,}** |\n")
            print("| call | text | structured content |\n|---|---|---|")
            for called, arguments in CALLS:
                result = await client.call_tool(called, arguments)
                text = "".join(part.text for part in result.content if isinstance(part, TextContent))
                shown = ", ".join(f"{key}={value!r}" for key, value in arguments.items() if key != "query")
                label = f"`{called}`" + (f", {shown}" if shown else "")
                print(f"| {label} | {tokens(text):,} | {tokens(compact(result.structured_content)):,} |")
        service.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
