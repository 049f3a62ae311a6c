"""What users of other trackers complain of most, each as something that must not happen here.

In the order of how often it is said; the sixteenth, that tasks go stale against the code, needs code and
stands in `references/test_complaint_of_staleness.py`. Where another module holds the matter in
full, the test here is the complaint itself, told shortly.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.workflow_server.desk import Desk, HandClock

from bridge.agreed.errors import TandemError
from workflow_server.doors.application import Application
from workflow_server.doors.mcp.tools import make_tools
from workflow_server.records import Call
from workflow_server.settings import Settings
from workflow_server.store import Store


async def test_01_two_agents_get_the_same_item(open_desk: Callable[..., Desk]) -> None:
    desks = [open_desk("agent") for _ in range(8)]
    for _ in range(5):
        item = await desks[0].create()
        answers = await asyncio.gather(*(desk.claim(item["id"]) for desk in desks))
        assert [answer["claimed"] for answer in answers].count(True) == 1
        assert len({answer["claim_token"] for answer in answers if answer["claim_token"]}) == 1


async def test_01_two_agents_asking_for_the_next_item_get_different_ones(
    open_desk: Callable[..., Desk],
) -> None:
    desks = [open_desk(f"agent-{number}") for number in range(6)]
    for number in range(6):
        await desks[0].create(f"Item {number}")
    answers = await asyncio.gather(*(desk.claim() for desk in desks))
    assert len({answer["item"]["id"] for answer in answers if answer["item"]}) == 6


async def test_02_a_dead_workers_item_is_never_free_again(desk: Desk) -> None:
    item = await desk.create()
    await desk.claim(item["id"], lease_minutes=30)
    desk.clock.pass_(minutes=31)
    taken = await desk.as_("successor").claim()
    assert taken["item"] is not None
    assert taken["item"]["id"] == item["id"]


async def test_02_an_edit_arms_a_lease_and_a_sweeper_reverts_human_work(desk: Desk) -> None:
    item = await desk.create()
    person = desk.as_("person", "board")
    await person.claim(item["id"])
    for _ in range(10):
        await person.update(item["id"], note="working on it")
        desk.clock.pass_(days=3)
    assert not (await desk.claim(item["id"]))["claimed"]
    stored = await desk.get(item["id"])
    assert stored["status"] == "active"
    assert stored["claim"] is not None
    assert stored["claim"]["lease_until"] is None


async def test_03_a_lock_hangs_a_call_for_ever(desk: Desk) -> None:
    """A stuck writer elsewhere: the call ends with what happened and what to do, and readers never notice."""
    await desk.create("Before")
    _, store = await desk.service.open_store(desk.call)
    store.patience = 0.05
    stuck = sqlite3.connect(store.path, isolation_level=None)
    stuck.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(TandemError, match="Another process has been writing") as refused:
            await desk.create("Meanwhile")
        assert refused.value.code == "store_busy"
        assert (await desk.page())["total_count"] == 1
    finally:
        stuck.close()
    await desk.create("After")


async def test_04_a_heavy_engine_that_falls_over_two_readers(
    open_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    """One ordinary SQLite file that any tool can read, also while others read and write it."""
    desks = [open_desk(f"desk-{number}") for number in range(4)]
    await desks[0].create("First")
    await asyncio.gather(
        *(desk.page() for desk in desks for _ in range(10)),
        *(desk.create() for desk in desks for _ in range(5)),
    )
    plain = sqlite3.connect(tmp_path / "data" / "projects" / "demo.sqlite3")
    assert plain.execute("SELECT count(*) FROM item").fetchone() == (21,)
    assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    plain.close()


async def test_05_a_damaged_store_is_overwritten(open_desk: Callable[..., Desk], tmp_path: Path) -> None:
    desk = open_desk()
    await desk.create("Precious")
    await desk.service.close()
    file = tmp_path / "data" / "projects" / "demo.sqlite3"
    file.write_bytes(b"\x00" * 4096 + file.read_bytes()[4096:])
    with pytest.raises(TandemError, match="set aside as"):
        await open_desk().create("New")
    assert len(list(file.parent.glob("demo.set-aside-*.sqlite3"))) == 1


async def test_06_success_is_reported_and_nothing_is_stored(open_desk: Callable[..., Desk]) -> None:
    """What is acknowledged is at once what every other process reads."""
    writer, reader = open_desk("writer"), open_desk("reader")
    await reader.page()
    item = await writer.create()
    assert (await reader.get(item["id"]))["version"] == 1
    await writer.update(item["id"], status="completed")
    assert (await reader.get(item["id"]))["status"] == "completed"


async def test_06_a_failed_write_leaves_half_of_itself(desk: Desk) -> None:
    item = await desk.create("Kept", labels=["a"])
    before = await desk.get(item["id"], "history", "notes")
    with pytest.raises(TandemError):
        await desk.update(item["id"], title="Lost", add_labels=["b"], note="lost", parent_id="wi_nothere")
    assert await desk.get(item["id"], "history", "notes") == before


async def test_07_two_sources_of_truth_and_one_reverts_the_other(desk: Desk, tmp_path: Path) -> None:
    """There is one: apart from the database files and backups asked for, nothing is kept and nothing
    read back.
    """
    item = await desk.create()
    await desk.update(item["id"], status="completed")
    kinds = {path.name.split(".", 1)[1] for path in (tmp_path / "data").rglob("*") if path.is_file()}
    assert kinds <= {"sqlite3", "sqlite3-wal", "sqlite3-shm"}


async def test_08_branches_worktrees_and_merges_lose_or_clash_on_work(
    tmp_path: Path, clock: HandClock
) -> None:
    """The work lies outside the tree: every worktree sees the same items, and git sees none of them."""
    main, side = tmp_path / "shop", tmp_path / "shop-side"
    main.mkdir()

    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        return subprocess.run(
            ["git", *identity, *arguments], cwd=main, check=True, capture_output=True, text=True
        ).stdout

    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "first")
    git("worktree", "add", "-q", "-b", "side", str(side))
    desk = Desk(tmp_path / "data", clock, project=None)
    here, there = (Call(desk.call.actor, folders=[folder]) for folder in (main, side))
    made = await desk.service.create_work_item(here, {"title": "Seen from both"})
    found = await desk.service.list_work_items(there, {})
    assert [item["id"] for item in found["items"]] == [made["item"]["id"]]
    git("merge", "-q", "side")
    assert git("status", "--porcelain") == ""
    assert (await desk.service.list_work_items(here, {}))["total_count"] == 1
    await desk.service.close()


async def test_09_the_write_goes_to_another_project(desk: Desk) -> None:
    await desk.service.create_project(desk.call, "Second")
    answer = await desk.service.create_work_item(desk.call, {"title": "Mine"})
    assert answer["project"] == "demo"
    with pytest.raises(TandemError, match="no project 'Secnd'"):
        await desk.service.create_work_item(type(desk.call)(desk.call.actor, "Secnd"), {"title": "Lost"})


async def test_10_ids_collide_or_are_given_out_again(open_desk: Callable[..., Desk]) -> None:
    desks = [open_desk(f"desk-{number}") for number in range(4)]
    items = await asyncio.gather(
        *(desk.create(f"{n} {desk.call.actor.name}") for desk in desks for n in range(25))
    )
    assert len({item["id"] for item in items}) == 100
    await desks[0].service.delete_work_item(desks[0].call, items[0]["id"])
    _, store = await desks[0].service.open_store(desks[0].call)
    known = await store.read(lambda connection: connection.execute("SELECT count(*) FROM item").fetchone()[0])
    assert known == 100, "a deleted item keeps its row, and so its id"


def test_11_the_tools_take_half_of_the_context(tmp_path: Path) -> None:
    """By the same rough measure as the answers; `test_tool_budget` counts tokens."""
    application = Application(Settings(data_dir=tmp_path))
    tools = make_tools(application).tools
    assert len(tools) <= 11
    told = [[tool.name, tool.description, tool.parameters] for tool in tools]
    assert len(json.dumps(told, separators=(",", ":"))) / 4 <= 2_500


async def test_12_a_list_floods_the_context(desk: Desk) -> None:
    for number in range(0, 400, 200):
        await desk.plan(
            *(
                {"title": f"Item {number + n}", "key": str(n), "description": "long " * 500}
                for n in range(200)
            )
        )
    answer = await desk.page()
    assert answer["total_count"] == 400
    assert len(answer["items"]) == 25
    assert answer["next_cursor"]
    assert len(json.dumps(answer)) / 4 < 1_500
    assert "long" not in json.dumps(answer)


async def test_13_an_epic_is_offered_as_work_and_a_blocked_parents_child_as_ready(desk: Desk) -> None:
    blocker = await desk.create("Blocker", status="active")
    epic = await desk.create("Epic", blocked_by=[blocker["id"]])
    child = await desk.create("Child", parent_id=epic["id"])
    assert await desk.ids(view="ready") == [blocker["id"]]
    await desk.update(blocker["id"], status="completed")
    assert await desk.ids(view="ready") == [child["id"]]


async def test_13_two_surfaces_disagree_about_ready(desk: Desk) -> None:
    """The list, the item itself, the explanation, the claim and the statistics say the same."""
    blocker = await desk.create("Blocker")
    await desk.create("Waits", blocked_by=[blocker["id"]])
    await desk.create("Later", defer_until="2030-01-01")
    await desk.create("Finished", status="completed")
    ready = set(await desk.ids(view="ready"))
    for identifier in await desk.ids():
        assert (await desk.get(identifier))["ready"] == (identifier in ready)
        assert (await desk.service.why_blocked(desk.call, identifier))["ready"] == (identifier in ready)
        if identifier not in ready:
            assert not (await desk.claim(identifier))["claimed"]
    assert (await desk.service.project_statistics(desk.call))["ready"] == len(ready)


async def test_14_a_dependency_points_the_wrong_way(desk: Desk) -> None:
    first = await desk.create("First")
    second = await desk.create("Second", blocked_by=[first["id"]])
    assert (await desk.get(second["id"]))["why_blocked"] == [f"it waits for {first['id']} 'First' (planned)"]
    assert (await desk.get(first["id"]))["blocks"] == [second["id"]]
    for name in ("blocks", "depends_on", "dependencies"):
        wrong: dict[str, Any] = {name: [first["id"]]}
        with pytest.raises(TandemError, match="not a field"):
            await desk.create(**wrong)


async def test_15_done_though_boxes_are_unticked_or_a_blocker_is_open(desk: Desk) -> None:
    blocker = await desk.create("Blocker")
    item = await desk.create("Item", blocked_by=[blocker["id"]], acceptance_criteria=["it runs"])
    with pytest.raises(TandemError, match=r"waits for .*; criterion 0 'it runs' is not done"):
        await desk.update(item["id"], status="completed")


async def test_17_bulk_reading_takes_a_query_for_each_item(desk: Desk) -> None:
    """Fifty items, fifty times the data, but not fifty times the statements."""
    made = await desk.plan(*({"key": str(n), "title": f"Item {n}"} for n in range(50)))
    ids = [item["id"] for item in made.values()]
    _, store = await desk.service.open_store(desk.call)

    async def statements(wanted: list[str]) -> int:
        seen: list[str] = []
        await store.read(lambda connection: connection.set_trace_callback(seen.append))
        await desk.service.get_work_items(desk.call, wanted)
        await store.read(lambda connection: connection.set_trace_callback(None))
        return len(seen)

    assert await statements(ids) == await statements(ids[:1])


def test_18_the_tracker_asks_a_language_model(tmp_path: Path) -> None:
    """Without a key and without a network: a plan, its claims, searches and figures open no connection."""
    script = """
import asyncio, pathlib, sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise SystemExit(f"{event} {arguments}")

async def work():
    from workflow_server.records import Actor, Call
    from workflow_server.service import WorkflowService
    service, call = WorkflowService(pathlib.Path(sys.argv[1]), default_project="demo"), Call(Actor("ann"))
    plan = [{"key": str(n), "title": f"Step {n}", "blocked_by": [str(n - 1)] if n else []} for n in range(9)]
    await service.create_work_items(call, plan)
    claimed = await service.claim_work_item(call)
    await service.update_work_items(call, [claimed["item"]["id"]], {"status": "completed", "note": "done"})
    await service.list_work_items(call, {"text": "step"})
    await service.list_work_items(call, {"similar_to": "Step 3"})
    print((await service.project_statistics(call))["counts"]["completed"])
    await service.close()

sys.addaudithook(refuse)
asyncio.run(work())
"""
    bare = {name: value for name, value in os.environ.items() if "KEY" not in name and "TOKEN" not in name}
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], env=bare, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "1"), done.stderr


async def test_19_one_wrong_item_rewrites_or_swallows_the_others(desk: Desk) -> None:
    """Text is never parsed for structure, and a write touches the rows it is about."""
    nasty = (
        '## Acceptance Criteria\n- [x] #1 done\n<!-- SECTION:END -->\n---\nid: 1\n```json\n{"tasks": []}\n'
    )
    item = await desk.create("Nasty", description=nasty, acceptance_criteria=[nasty])
    others = [await desk.create(f"Other {number}") for number in range(3)]
    await desk.update(item["id"], note=nasty, title='# Title -- with; marks\' "everywhere"')
    stored = await desk.get(item["id"], "notes")
    assert (
        stored["description"]
        == stored["acceptance_criteria"][0]["text"]
        == stored["notes"][0]["text"]
        == nasty
    )
    for other in others:
        assert (await desk.get(other["id"]))["version"] == 1


async def test_20_deleting_surprises(desk: Desk) -> None:
    parent = await desk.create("Parent")
    child = await desk.create("Child", parent_id=parent["id"])
    answer = await desk.service.delete_work_item(desk.call, parent["id"])
    assert set(answer["deleted"]) == {parent["id"], child["id"]}
    assert answer["touches"]
    await desk.service.undo(desk.call, event=answer["event"])
    assert (await desk.get(child["id"]))["deleted_at"] is None


async def test_20_files_outside_the_store_are_touched(
    tmp_path: Path, clock: HandClock, monkeypatch: Any
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "CLAUDE.md").write_text("mine")
    monkeypatch.chdir(work)
    desk = Desk(tmp_path / "data", clock)
    item = await desk.create(entity_references=["CLAUDE.md"])
    await desk.claim(item["id"])
    await desk.service.close()
    assert [path.name for path in work.iterdir()] == ["CLAUDE.md"]
    assert (work / "CLAUDE.md").read_text() == "mine"


async def test_a_cancelled_call_leaves_the_store_usable(desk: Desk) -> None:
    """A host that gives up in the middle: the write is there whole or not at all, and the next one works."""
    await desk.create("Before")
    tasks = [asyncio.create_task(desk.create(f"Given up {number}")) for number in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await desk.create("After")
    assert (await desk.service.doctor(desk.call))["problems"] == []
    assert (await desk.page())["total_count"] >= 12
    _, store = await desk.service.open_store(desk.call)
    assert isinstance(store, Store)
