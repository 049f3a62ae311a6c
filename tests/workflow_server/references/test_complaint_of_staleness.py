"""The complaint that no other tracker answers: items speak of code that is gone, and nothing says so."""

from __future__ import annotations

import asyncio

from tests.scenarios.conftest import Server, World
from tests.workflow_server.references.linked import CODE, LinkedDesk, index


async def test_16_tasks_go_stale_against_the_code_and_the_alarm_is_noise(
    linked: LinkedDesk, world: World, codebase: Server
) -> None:
    """What died is told of open work, in one line; finished work and addresses on the web are left alone."""
    dead = await linked.create("Open", entity_references=["src/meter.py::Meter.report"])
    done = await linked.create("Done", entity_references=["src/meter.py::Meter.report"])
    page = await linked.create("Reads a page", entity_references=["https://example.org/src/meter.py"])
    await linked.update(done["id"], status="completed")
    world.write("src/meter.py", CODE["src/meter.py"].split("    def report")[0])
    try:
        await asyncio.to_thread(index, codebase)
        answer = await linked.service.check_references(linked.call)
        assert [(one["id"], one["ref"]) for one in answer["references"] if one["state"] == "stale"] == [
            (dead["id"], "src/meter.py::Meter.report")
        ]
        assert answer["counts"]["stale"] == 1
        assert (await linked.get(done["id"]))["warnings"] == []
        assert (await linked.get(page["id"]))["stale_references"] == []
        (warning,) = (await linked.get(dead["id"]))["warnings"]
        assert warning.startswith("Entity reference 'src/meter.py::Meter.report' not found in codebase-mcp.")
    finally:
        world.write("src/meter.py", CODE["src/meter.py"])
        await asyncio.to_thread(index, codebase)
