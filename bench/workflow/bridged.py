"""Create and get over stdio with the codebase server up, down, and the bridge switched off."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.references.cost import write_repository
from bench.references.world import codebase, index
from bench.workflow.data import Work
from bench.workflow.servers import Times, call, served, timed, workflow


async def measure(world: Path, items: int) -> dict[str, dict[str, Times | float]]:
    """Milliseconds a call, round trip included: one column a state of the bridge."""
    repository = world / "repository"
    references = write_repository(repository)
    columns: dict[str, dict[str, Times | float]] = {}
    nobody = world / "nobody"
    nobody.mkdir()
    columns["bridge off"] = await _column(world / "off", repository, references, items, {"BRIDGE": "off"})
    columns["codebase server down"] = await _column(
        world / "down", repository, references, items, {"TANDEM_RUNTIME_DIR": str(nobody)}
    )
    with codebase(repository, world) as server:
        await index(server)
        columns["codebase server up"] = await _column(
            world / "up", repository, references, items, {"TANDEM_RUNTIME_DIR": str(server.runtime)}
        )
    return columns


async def _column(
    folder: Path, repository: Path, references: list[str], items: int, environment: Mapping[str, str]
) -> dict[str, Times | float]:
    folder.mkdir()  # noqa: ASYNC240 - a script
    work = Work(1)
    ids: dict[bool, list[str]] = {False: [], True: []}
    found: dict[str, Times | float] = {}
    arguments = [one for one in workflow(folder / "data") if one != "--no-bridge"]
    told = {**environment, "CLAUDE_PROJECT_DIR": str(repository)}
    async with served(sys.executable, arguments, folder, told) as session:

        async def make(number: int, linked: bool) -> None:
            item: dict[str, Any] = dict(work.item())
            if linked:
                item["entity_references"] = [references[number % len(references)]]
            ids[linked].append((await call(session, "create_work_item", **item))["id"])

        async def get(number: int, linked: bool) -> None:
            await call(session, "get_work_item", ids=[ids[linked][number % len(ids[linked])]])

        for linked, name in ((False, ""), (True, ", one reference")):
            found[f"create{name}"] = await timed(items, lambda n, linked=linked: make(n, linked))  # type: ignore[misc]  # a default binds the loop's variable
            found[f"get{name}"] = await timed(items, lambda n, linked=linked: get(n, linked))  # type: ignore[misc]  # as above
    return found
