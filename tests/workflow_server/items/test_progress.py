"""How far the work below an item is, at whatever depth."""

from __future__ import annotations

from tests.workflow_server.desk import Desk

from workflow_server.doors.text.items import item_text


async def test_an_epic_tells_how_much_of_its_whole_tree_is_done(desk: Desk) -> None:
    plan = await desk.plan(
        {"key": "epic", "title": "Epic"},
        {"key": "story", "title": "Story", "parent_id": "epic"},
        *({"key": f"s{number}", "title": f"Step {number}", "parent_id": "story"} for number in range(5)),
        {"key": "other", "title": "Other"},
    )
    ids = {key: item["id"] for key, item in plan.items()}
    await desk.update([ids["s0"], ids["s1"]], status="completed")
    await desk.update(ids["s2"], status="cancelled")
    await desk.service.delete_work_item(desk.call, ids["s3"])
    epic, story, leaf = [await desk.get(ids[key]) for key in ("epic", "story", "other")]
    assert (epic["progress"], story["progress"]) == ({"done": 2, "total": 4}, {"done": 2, "total": 3})
    assert "2 of 4 below it completed" in item_text(epic)
    assert "progress" not in leaf
