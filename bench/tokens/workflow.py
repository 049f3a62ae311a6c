"""What workflow-server costs a model to read: its tools, and the answers it gives most often.

    python -m bench.tokens.workflow

Counts o200k tokens with rs-bpe (`pip install rs-bpe`), which carries the vocabulary, or with tiktoken
where its own is at hand; else estimates from above and says so.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.types import TextContent

from workflow_server.doors.application import Application
from workflow_server.doors.mcp.server import make_server
from workflow_server.settings import Settings

ITEMS = 1000


def counter() -> tuple[str, Callable[[str], int]]:
    """The name of a counter of tokens, and the counter."""
    try:
        from rs_bpe import openai  # type: ignore[import-not-found]  # optional, and without types

        encoding = openai.o200k_base()
        return "o200k (rs-bpe)", lambda text: len(encoding.encode(text))
    except ImportError:
        pass
    try:
        import tiktoken

        vocabulary = tiktoken.get_encoding("o200k_base")
        return "o200k (tiktoken)", lambda text: len(vocabulary.encode(text))
    except Exception:  # without a network the vocabulary cannot be fetched, and fails in many ways
        return "estimated, characters / 3.5", lambda text: round(len(text) / 3.5)


def compact(value: Any) -> str:
    """JSON as it travels."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


async def main() -> None:
    """Print both tables as Markdown."""
    name, tokens = counter()
    with tempfile.TemporaryDirectory() as folder:
        application = Application(Settings(data_dir=Path(folder), project="bench", bridge=False))
        async with Client(make_server(application), mode="legacy") as client:
            await tools(client, name, tokens)
            await answers(client, name, tokens)
        await application.service.close()


async def tools(client: Client, name: str, tokens: Callable[[str], int]) -> None:
    """The cost of `tools/list`."""
    print(f"| tool | name, description, input schema | output schema |\n|---|---|---|   ({name})")
    inputs = outputs = 0
    for tool in (await client.list_tools()).tools:
        told = {"name": tool.name, "description": tool.description, "inputSchema": tool.input_schema}
        mine, theirs = tokens(compact(told)), tokens(compact(tool.output_schema))
        inputs, outputs = inputs + mine, outputs + theirs
        print(f"| `{tool.name}` | {mine} | {theirs} |")
    print(f"| all | {inputs} | {outputs} |  together {inputs + outputs}\n")


async def answers(client: Client, name: str, tokens: Callable[[str], int]) -> None:
    """The cost of answers over a thousand items."""
    print(f"| call, {ITEMS:,} items stored | text | structured content |\n|---|---|---|   ({name})")

    async def row(label: str, tool: str, **arguments: Any) -> dict[str, Any]:
        result = await client.call_tool(tool, arguments)
        (content,) = result.content
        assert isinstance(content, TextContent)
        assert result.structured_content is not None
        print(f"| {label} | {tokens(content.text)} | {tokens(compact(result.structured_content))} |")
        record: dict[str, Any] = result.structured_content
        return record

    for start in range(0, ITEMS - 200, 200):
        titles = [
            {"title": f"Make part {number} of the machine run quietly"}
            for number in range(start, start + 200)
        ]
        await client.call_tool("create_work_items", {"items": titles})
    titles = [
        {"title": f"Make part {number} of the machine run quietly"} for number in range(ITEMS - 200, ITEMS)
    ]
    await row("`create_work_items`, 200 items", "create_work_items", items=titles)
    made = await row(
        "`create_work_item`", "create_work_item", title="Sign in with a key", acceptance_criteria=["it opens"]
    )
    await row("`list_work_items`, default", "list_work_items")
    await row("`list_work_items`, limit 200", "list_work_items", limit=200)
    await row("`list_work_items`, max_tokens 300", "list_work_items", max_tokens=300)
    await row("`get_work_item`, one", "get_work_item", ids=[made["id"]])
    await row("`update_work_item`, a note", "update_work_item", ids=[made["id"]], note="Half of it is done.")
    await row("`claim_work_item`", "claim_work_item", id=made["id"])


if __name__ == "__main__":
    asyncio.run(main())
