"""Notebooks and pages with scripts, asked like a host asks: by name, in words, and again after an edit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mcp import Client

from codebase_server.doors.mcp import server as mcp_server
from codebase_server.service import CodebaseService

PAGE = """<template><button @click="addToCart(item)">Add</button></template>
<script setup>
function addToCart(item) {
  items.value.push(item)
}
</script>
"""


def write_notebook(path: Path, *codes: str) -> None:
    cells = [
        {"cell_type": "code", "id": f"cell{number}", "metadata": {}, "outputs": [], "source": code}
        for number, code in enumerate(codes)
    ]
    about = {"kernelspec": {"language": "python", "name": "python3"}}
    path.write_text(json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}))


async def test_a_function_in_a_cell_is_found_by_name_read_as_code_and_keeps_its_id(
    service: CodebaseService, repository: Path
) -> None:
    forecast = "def forecast_demand(weeks):\n    return sum(weeks) / len(weeks)\n"
    write_notebook(repository / "demand.ipynb", "import csv", forecast)
    (repository / "Cart.vue").write_text(PAGE)
    service.index_repository()
    async with Client(mcp_server.build(service)) as client:

        async def first(tool: str, **arguments: Any) -> dict[str, Any]:
            answer = await client.call_tool(tool, arguments)
            assert answer.structured_content is not None
            found: dict[str, Any] = answer.structured_content["results"][0]
            return found

        by_name = await first("find_symbol", name="forecast_demand")
        by_words = await first("search_code", query="average demand of some weeks")
        on_the_page = await first("search_code", query="addToCart", content="full")
        write_notebook(repository / "demand.ipynb", "import csv", "rows = []", forecast)
        again = await first("find_symbol", name="forecast_demand")

    assert (by_name["file_path"], by_name["language"]) == ("demand.ipynb", "python")
    assert by_words["content"].endswith(f'# %% id="cell1"\n{forecast}'.rstrip("\n"))
    assert (on_the_page["file_path"], on_the_page["symbol"]) == ("Cart.vue", "addToCart")
    assert again["chunk_id"] == by_name["chunk_id"]
    assert again["start_line"] == by_name["start_line"] + 3
