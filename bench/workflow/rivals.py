"""Backlog.md and Task Master from npm, asked the same over MCP. Needs Node and the npm registry.

Versions are those that were current when this was written; each is installed
into a folder of its own, keeps its data there, and is given no key for any
language model.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path

from bench.workflow.data import Work
from bench.workflow.servers import Times, answered_text, served, timed, tokens

VERSIONS = {"Backlog.md": "backlog.md@1.52.0", "Task Master": "task-master-ai@0.43.1"}


def available() -> bool:
    """Whether npm is there."""
    return shutil.which("npm") is not None


def install(package: str, folder: Path) -> Path:
    """Install one package; the folder of its commands."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), package],
        check=True,
        timeout=600,
    )
    return folder / "node_modules" / ".bin"


def _begin_backlog(command: str, world: Path) -> None:
    """An empty project in a git repository, as its users have it."""
    subprocess.run(["git", "init", "-q"], cwd=world, check=True)
    subprocess.run(
        [command, "init", "bench", "--defaults", "--integration-mode", "none"],
        cwd=world, check=True, capture_output=True, timeout=120,
    )  # fmt: skip


async def backlog(folder: Path, items: int) -> dict[str, Times | float]:
    """Creates from an empty project up to ``items``, then a list and a search."""
    commands = install(VERSIONS["Backlog.md"], folder / "install")
    world = folder / "world"
    world.mkdir(exist_ok=True)
    command = str(commands / "backlog")
    await asyncio.to_thread(_begin_backlog, command, world)
    work = Work(1)
    found: dict[str, Times | float] = {}
    async with served(command, ["mcp", "start"], world) as session:

        async def make(_: int) -> None:
            item = work.item()
            result = await session.call_tool(
                "task_create",
                {"title": item["title"], "description": item["description"], "labels": item["labels"]},
            )
            assert not result.is_error, result.content

        found[f"create, first {items // 5}"] = await timed(items // 5, make, warming=0)
        await timed(items - items // 5 - items // 10, make, warming=0)
        found[f"create at {items}"] = await timed(items // 10, make, warming=0)
        found["list page"] = await timed(20, lambda _: session.call_tool("task_list", {"limit": 25}))
        found["search, 1 word"] = await timed(
            20, lambda _: session.call_tool("task_search", {"query": work.query(1)})
        )
        found["tokens of a default list"] = tokens(await answered_text(session, "task_list"))
    return found


async def taskmaster(folder: Path, items: int) -> dict[str, Times | float]:
    """The same of Task Master, with fields given by hand so that it calls no model."""
    commands = install(VERSIONS["Task Master"], folder / "install")
    world = folder / "world"
    (world / ".taskmaster" / "tasks").mkdir(parents=True, exist_ok=True)
    (world / ".taskmaster" / "tasks" / "tasks.json").write_text(
        '{"master": {"tasks": [], "metadata": {"description": "bench"}}}'
    )
    (world / ".taskmaster" / "state.json").write_text('{"currentTag": "master"}')
    work = Work(1)
    found: dict[str, Times | float] = {}
    environment = {"TASK_MASTER_TOOLS": "all"}
    async with served(str(commands / "task-master-ai"), [], world, environment) as session:

        async def make(_: int) -> None:
            item = work.item()
            result = await session.call_tool(
                "add_task",
                {
                    "projectRoot": str(world),
                    "title": item["title"],
                    "description": item["description"],
                    "details": item["description"],
                    "testStrategy": "run it",
                },
            )
            assert not result.is_error, result.content

        found[f"create, first {items // 5}"] = await timed(items // 5, make, warming=0)
        await timed(items - items // 5 - items // 10, make, warming=0)
        found[f"create at {items}"] = await timed(items // 10, make, warming=0)
        where = {"projectRoot": str(world)}
        found["ready"] = await timed(20, lambda _: session.call_tool("next_task", where))
        found["list page"] = await timed(20, lambda _: session.call_tool("get_tasks", where))
        found["tokens of a default list"] = tokens(await answered_text(session, "get_tasks", **where))
    return found
