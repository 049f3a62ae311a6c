"""Workflow continues when codebase is down, slow or lying: always answered, always stored, always told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from mcp import Client
from tests.workflow_server.doors.web import serving

from workflow_server.doors.application import Application
from workflow_server.doors.mcp.server import make_server
from workflow_server.settings import Settings

from .conftest import free_port
from .liars import LIARS, lying

UNAVAILABLE = "code_search_unavailable: codebase-mcp server not reachable"
CASES = ("nobody", *LIARS)
PATIENCE_S = 5.0
"""Far more than the 300 ms that a bridge may take: a call that waits for the liar fails here."""


@contextmanager
def codebase(case: str) -> Iterator[str]:
    """The address at which a codebase server should be."""
    if case == "nobody":
        yield f"http://127.0.0.1:{free_port()}"
    else:
        with lying(LIARS[case]) as url:
            yield url


def warned(warnings: list[str]) -> bool:
    return any(warning.startswith(UNAVAILABLE) for warning in warnings)


@pytest.mark.parametrize("case", CASES)
def test_rest_answers_201_with_the_item_and_the_warning(tmp_path: Path, case: str) -> None:
    with codebase(case) as url, serving(tmp_path, BRIDGE="on", CODEBASE_URL=url) as web:
        headers = {"Authorization": f"Bearer {web.token}"}
        with httpx.Client(base_url=web.url, headers=headers, timeout=PATIENCE_S, trust_env=False) as http:
            answer = http.post("/mcp/work_items", json={"title": "New task"})
            assert answer.status_code == 201, answer.text
            item = answer.json()
            assert (item["title"], item["item_type"], item["status"]) == ("New task", "task", "planned")
            assert (item["entity_references"], item["metadata"]) == ([], {})
            assert item["id"]
            assert item["created_at"]
            assert item["updated_at"]
            assert warned(item["warnings"]), item["warnings"]
            referring = {"title": "About code", "entity_references": ["src/auth.py::login", "c_aaaaaaaaaaaa"]}
            second = http.post("/mcp/work_items", json=referring)
            assert second.status_code == 201, second.text
            assert second.json()["entity_references"] == referring["entity_references"]
            read = http.get(f"/mcp/work_items/{second.json()['id']}")
            assert read.status_code == 200
            assert read.json()["entity_references"] == referring["entity_references"]
            assert read.json()["stale_references"] == []
            assert {detail["state"] for detail in read.json()["reference_details"]} == {"unchecked"}
            assert warned(read.json()["warnings"])
            listed = http.get("/mcp/work_items")
            assert listed.json()["total_count"] == 2
            assert listed.json()["warnings"] == [], "a list asks nobody"


@pytest.mark.parametrize("era", ["legacy", "auto"])
@pytest.mark.parametrize("case", CASES)
async def test_mcp_answers_with_the_id_and_the_warning(
    tmp_path: Path, case: str, era: Literal["legacy", "auto"]
) -> None:
    with codebase(case) as url:
        application = Application(Settings(data_dir=tmp_path, project="tests", codebase_url=url))
        async with Client(make_server(application), mode=era) as client:

            async def call(tool: str, **arguments: Any) -> dict[str, Any]:
                result = await client.call_tool(tool, arguments, read_timeout_seconds=PATIENCE_S)
                assert not result.is_error, result
                assert result.structured_content is not None
                record: dict[str, Any] = result.structured_content
                return record

            made = await call("create_work_item", title="New task", entity_references=["src/auth.py::login"])
            assert warned(made["warnings"])
            got = await call("get_work_item", ids=[made["id"]])
            (item,) = got["items"]
            assert item["title"] == "New task"
            assert (item["valid_references"], item["stale_references"]) == ([], [])
            assert warned(got["warnings"])
            claimed = await call("claim_work_item")
            assert claimed["claimed"]
            checked = await call("check_references")
            assert warned(checked["warnings"])
        await application.service.close()


async def test_with_the_bridge_off_nobody_is_asked_and_nothing_is_said(tmp_path: Path) -> None:
    application = Application(Settings(data_dir=tmp_path, project="tests", bridge=False))
    async with Client(make_server(application)) as client:
        made = await client.call_tool("create_work_item", {"title": "x", "entity_references": ["src/a.py"]})
        assert made.structured_content is not None
        assert made.structured_content["warnings"] == []
    await application.service.close()
