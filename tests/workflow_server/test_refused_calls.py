"""Calls that cannot be meant: each says which argument, what is wrong with it and what would be right."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.workflow_server.desk import Desk

from bridge.agreed.errors import TandemError
from workflow_server.projects.copies import check_backup, make_room


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        ("wi_aaaaaaa", "must be a list with at least one id"),
        ([], "must be a list with at least one id"),
        ([7], "holds 7"),
        (["wi_aaaaaaa"] * 51, "names 51 items, at most 50 fit in one call"),
    ],
)
async def test_ids_that_cannot_be_are_refused_with_their_value(desk: Desk, ids: Any, words: str) -> None:
    with pytest.raises(TandemError, match=words) as refused:
        await desk.service.get_work_items(desk.call, ids)
    assert refused.value.code == "invalid_argument"
    assert refused.value.hint


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "holds nothing to change"),
        ({"title": "x", "expected_version": True}, "expected_version.* is true"),
        ({"title": "x", "expected_version": 0}, "expected_version.* is 0"),
        ({"title": "x", "expected_version": "1"}, 'expected_version` is "1"'),
    ],
)
async def test_a_change_that_cannot_be_changes_nothing(
    desk: Desk, arguments: dict[str, Any], words: str
) -> None:
    item = await desk.create()
    with pytest.raises(TandemError, match=words):
        await desk.update(item["id"], **arguments)
    assert (await desk.get(item["id"]))["version"] == 1


async def test_a_version_guards_one_item_only(desk: Desk) -> None:
    both = [(await desk.create())["id"], (await desk.create())["id"]]
    with pytest.raises(TandemError, match="guards one item, but 2 ids are given"):
        await desk.update(both, title="x", expected_version=1)


@pytest.mark.parametrize(
    ("relink", "words"),
    [
        ("accept", 'relink` is "accept"'),
        ([{}] * 1001, "relink` has 1001 entries, at most 1000"),
        ([{"id": "wi_aaaaaaa", "ref": "a.py"}], r"relink\[0\].* is "),
        (["accept"], r'relink\[0\]` is "accept"'),
    ],
)
async def test_orders_to_relink(desk: Desk, relink: Any, words: str) -> None:
    await desk.create(entity_references=["a.py"])
    with pytest.raises(TandemError, match=words):
        await desk.service.check_references(desk.call, relink=relink)


async def test_an_order_for_a_reference_that_is_not_there_names_those_that_are(desk: Desk) -> None:
    some = await desk.create(entity_references=["a.py", "b.py::f"])
    none = await desk.create()
    for item, held in ((some, "It has: a.py, b.py::f."), (none, "It has: none.")):
        order = {"id": item["id"], "ref": "c.py", "to": "drop"}
        with pytest.raises(TandemError) as refused:
            await desk.service.check_references(desk.call, ids=[item["id"]], relink=[order])
        assert "names 'c.py', which" in refused.value.message
        assert refused.value.hint == held


async def test_moving_to_a_project_that_has_another_item_of_that_id(desk: Desk, tmp_path: Path) -> None:
    """It can only come from files that were put together by hand, and then neither may be lost."""
    await desk.service.create_project(desk.call, "other")
    item = await desk.create("Ours")
    await desk.service.update_work_items(desk.call, [item["id"]], {}, to_project="other")
    await desk.service.close()
    files = tmp_path / "data" / "projects"
    with closing(sqlite3.connect(files / "other.sqlite3")) as other:
        other.execute("UPDATE item SET created_at = '2020-01-01T00:00:00.000Z'")
        other.commit()
    with closing(sqlite3.connect(files / "demo.sqlite3")) as demo:
        demo.execute("UPDATE item SET deleted_at = NULL, deleted_by = NULL")
        demo.commit()
    with pytest.raises(TandemError, match=f"has another item {item['id']}") as refused:
        await desk.service.update_work_items(desk.call, [item["id"]], {}, to_project="other")
    assert refused.value.code == "id_taken"
    assert (await desk.get(item["id"]))["title"] == "Ours"


async def test_a_child_that_moves_alone_leaves_its_parent_and_says_so(desk: Desk) -> None:
    await desk.service.create_project(desk.call, "other")
    parent = await desk.create("Parent")
    child = await desk.create("Child", parent_id=parent["id"])
    answer = await desk.service.update_work_items(desk.call, [child["id"]], {}, to_project="other")
    assert any(f"left behind its parent {parent['id']}" in one for one in answer["warnings"])
    assert answer["items"][0]["item"]["parent_id"] is None


def test_a_backup_never_writes_over_a_file_and_a_missing_one_is_named(tmp_path: Path) -> None:
    there = tmp_path / "there.sqlite3"
    there.write_bytes(b"something of the user's")
    with pytest.raises(TandemError, match="exists already") as refused:
        make_room(there)
    assert refused.value.code == "file_exists"
    make_room(tmp_path / "new" / "copy.sqlite3")
    assert (tmp_path / "new").is_dir()
    with pytest.raises(TandemError, match="There is no backup at"):
        check_backup(tmp_path / "none.sqlite3")


async def test_a_lost_registry_is_made_anew_and_passes_over_what_is_no_project(
    desk: Desk, tmp_path: Path
) -> None:
    item = await desk.create("Kept")
    await desk.service.close()
    projects = tmp_path / "data" / "projects"
    (projects / "demo.set-aside-20260101T000000.sqlite3").write_bytes(
        (projects / "demo.sqlite3").read_bytes()
    )
    (projects / "garbage.sqlite3").write_bytes(b"no database " * 50)
    with closing(sqlite3.connect(projects / "stranger.sqlite3")) as stranger:
        stranger.execute("CREATE TABLE about (key TEXT, value TEXT)")
        stranger.commit()
    for ending in ("", "-wal", "-shm"):
        (tmp_path / "data" / f"registry.sqlite3{ending}").unlink(missing_ok=True)
    again = Desk(tmp_path / "data", desk.clock)
    listed = await again.service.list_projects(again.call)
    assert [project["name"] for project in listed["projects"]] == ["demo"]
    assert (await again.get(item["id"]))["title"] == "Kept"
    await again.service.close()


async def test_a_damaged_registry_is_set_aside_and_made_anew(desk: Desk, tmp_path: Path) -> None:
    item = await desk.create("Kept")
    await desk.service.close()
    for ending in ("-wal", "-shm"):
        (tmp_path / "data" / f"registry.sqlite3{ending}").unlink(missing_ok=True)
    (tmp_path / "data" / "registry.sqlite3").write_bytes(b"no database " * 500)
    again = Desk(tmp_path / "data", desk.clock)
    assert (await again.get(item["id"]))["title"] == "Kept"
    assert list((tmp_path / "data").glob("registry.set-aside-*"))
    await again.service.close()


@pytest.mark.parametrize("items", ["a plan", [], {"title": "x"}, 3])
async def test_a_plan_is_a_list(desk: Desk, items: Any) -> None:
    with pytest.raises(TandemError, match="Give a list of 1 to 200 items"):
        await desk.service.create_work_items(desk.call, items)


async def test_a_retried_create_of_a_deleted_item_says_that_it_is_deleted(desk: Desk) -> None:
    item = await desk.create("Once", idempotency_key="k")
    await desk.service.delete_work_item(desk.call, item["id"])
    again = await desk.service.create_work_item(desk.call, {"title": "Once", "idempotency_key": "k"})
    assert again["item"]["id"] == item["id"]
    assert any(f"{item['id']} was deleted at " in warning for warning in again["warnings"])


async def test_a_note_of_an_item_that_stays_behind_is_not_brought_along(desk: Desk) -> None:
    await desk.service.create_project(desk.call, "other")
    item = await desk.create("There and back")
    await desk.update(item["id"], note="first")
    await desk.service.update_work_items(desk.call, [item["id"]], {}, to_project="other")
    there = Desk.as_(desk, "bo")
    there.call = type(desk.call)(desk.call.actor, "other")
    await there.update(item["id"], note="second")
    back = await desk.service.update_work_items(there.call, [item["id"]], {}, to_project="demo")
    assert back["project"] == "demo"
    notes = (await desk.get(item["id"], "notes"))["notes"]
    assert [note["text"] for note in notes] == ["first", "second"], "each once"


async def test_a_move_that_is_refused_leaves_the_fields_that_came_with_it_as_they_were(
    desk: Desk, tmp_path: Path
) -> None:
    """The move is a transaction of its own; what would refuse it is found before the other is stored."""
    await desk.service.create_project(desk.call, "other")
    item = await desk.create("Ours")
    for to_project, code in (("demo", "same_project"), ("nowhere", "project_not_found")):
        with pytest.raises(TandemError) as refused:
            await desk.service.update_work_items(
                desk.call, [item["id"]], {"title": "Theirs"}, to_project=to_project
            )
        assert refused.value.code == code
    # an item that cannot be received: one of that id, made at another time, is there
    await desk.service.update_work_items(desk.call, [item["id"]], {}, to_project="other")
    with closing(sqlite3.connect(tmp_path / "data" / "projects" / "demo.sqlite3")) as demo:
        demo.execute("UPDATE item SET deleted_at = NULL, deleted_by = NULL, created_at = '2020-01-01'")
        demo.commit()
    with pytest.raises(TandemError) as refused:
        await desk.service.update_work_items(desk.call, [item["id"]], {"title": "Theirs"}, to_project="other")
    assert refused.value.code == "id_taken"
    kept = await desk.get(item["id"], "history")
    assert kept["title"] == "Ours"
    assert "Theirs" not in str(kept["history"])


async def test_fields_that_come_with_a_move_arrive(desk: Desk) -> None:
    await desk.service.create_project(desk.call, "other")
    item = await desk.create("Ours")
    answer = await desk.service.update_work_items(
        desk.call, [item["id"]], {"title": "Theirs"}, to_project="other"
    )
    assert (answer["project"], answer["items"][0]["item"]["title"]) == ("other", "Theirs")


async def test_no_order_is_carried_out_when_an_item_to_check_does_not_exist(desk: Desk) -> None:
    item = await desk.create(entity_references=["a.py"])
    order = {"id": item["id"], "ref": "a.py", "to": "drop"}
    with pytest.raises(TandemError, match="wi_aaaaaaa"):
        await desk.service.check_references(desk.call, ids=["wi_aaaaaaa"], relink=[order])
    assert (await desk.get(item["id"]))["entity_references"] == ["a.py"]
