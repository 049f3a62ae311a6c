"""A criterion's evidence may name the test that shows it; when that test goes, the finished item says so."""

from __future__ import annotations

import anyio.to_thread
from tests.scenarios.conftest import Server, World
from tests.workflow_server.references.linked import LinkedDesk, index

CHECK = '''def test_{name}():
    """A test that shows that {name} holds, over several lines."""
    account = accounts.put("ann", "right", limit=3)
    for attempt in range(account.limit):
        assert not account.matches("wrong"), attempt
    assert account.locked
'''


async def reindex(codebase: Server) -> None:
    await anyio.to_thread.run_sync(index, codebase)


async def test_a_finished_item_is_flagged_when_its_test_is_deleted_and_never_reopened(
    linked: LinkedDesk, world: World, codebase: Server
) -> None:
    world.write("tests/test_lock.py", CHECK.format(name="lock"))
    await reindex(codebase)
    item = await linked.create(acceptance_criteria=["locks", "is told in prose"])
    evidence = "tests/test_lock.py::test_lock"
    await linked.update(
        item["id"],
        status="completed",
        criteria=[
            {"index": 0, "done": True, "evidence": evidence},
            {"index": 1, "done": True, "evidence": "I saw it run"},
        ],
    )
    seen = await linked.get(item["id"])
    assert [criterion.get("evidence_state") for criterion in seen["acceptance_criteria"]] == ["valid", None]
    assert seen["entity_references"] == []
    assert await linked.ids(reference=evidence) == [item["id"]]
    calm = await linked.service.check_references(linked.call)
    assert (calm["counts"]["valid"], calm["references"]) == (1, [])
    (world.repository / "tests/test_lock.py").unlink()
    await reindex(codebase)
    flagged = await linked.service.check_references(linked.call)
    assert [(one["id"], one["ref"], one["state"]) for one in flagged["references"]] == [
        (item["id"], evidence, "stale")
    ]
    after = await linked.get(item["id"])
    assert after["status"] == "completed"
    assert after["acceptance_criteria"][0]["evidence_state"] == "stale"
    assert any(evidence in warning for warning in after["warnings"])


async def test_evidence_is_accepted_dropped_and_brought_back_by_undo(
    linked: LinkedDesk, world: World, codebase: Server
) -> None:
    world.write("tests/test_limit.py", CHECK.format(name="limit"))
    await reindex(codebase)
    evidence = "tests/test_limit.py::test_limit"
    item = await linked.create(acceptance_criteria=[{"text": "limits", "done": True, "evidence": evidence}])
    world.write("tests/test_limit.py", CHECK.format(name="limit").replace("limit=3", "limit=5"))
    await reindex(codebase)

    async def state() -> str | None:
        return (await linked.get(item["id"]))["acceptance_criteria"][0].get("evidence_state")

    assert await state() == "changed"
    order = {"id": item["id"], "ref": evidence}
    await linked.service.check_references(linked.call, relink=[{**order, "to": "accept"}])
    assert await state() == "valid"
    dropped = await linked.service.check_references(linked.call, relink=[{**order, "to": "drop"}])
    assert (await linked.get(item["id"]))["acceptance_criteria"][0]["evidence"] is None
    await linked.service.undo(linked.call, event=dropped["event"])
    assert await state() == "valid"


async def test_the_count_of_valid_references_counts_no_evidence(
    linked: LinkedDesk, world: World, codebase: Server
) -> None:
    world.write("tests/test_lamp.py", CHECK.format(name="lamp"))
    world.write("src/lamp.py", CHECK.format(name="light"))
    await reindex(codebase)
    item = await linked.create(acceptance_criteria=["lights"], entity_references=["src/lamp.py::test_light"])
    evidence = "tests/test_lamp.py::test_lamp"
    await linked.update(item["id"], criteria=[{"index": 0, "done": True, "evidence": evidence}])
    (world.repository / "src/lamp.py").unlink()
    await reindex(codebase)
    seen = await linked.get(item["id"])
    assert seen["acceptance_criteria"][0].get("evidence_state") == "valid"
    (warning,) = seen["warnings"]
    assert warning.startswith(
        "Entity reference 'src/lamp.py::test_light' not found in codebase-mcp. "
        "Code may have been deleted or re-indexed."
    )
