"""An export is a file, and may come from anybody: what is none is refused by line, and stores nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflow_server.exchange import archive
from workflow_server.exchange.foreign import UnreadableFile
from workflow_server.projects.doctor import examine
from workflow_server.records import Actor, Call
from workflow_server.service import WorkflowService

Lines = list[dict[str, Any]]
HOSTILE: tuple[Any, ...] = (
    None, True, 0, -1, 1e308, float("inf"), 2**63, "", "\0", "\ud800", "../../x", [], {}, [[]], {"a": 1},
    ["x"], [None], "<script>", "2026-99-99", "wi_aaaaaaa", [["relates_to", "wi_aaaaaaa"]], [{"ref": 1}],
    "completed",
)  # fmt: skip


class Desk:
    """A service whose project is named, and may be filled from lines."""

    def __init__(self, folder: Path, name: str) -> None:
        self.service = WorkflowService(folder, default_project=name)
        self.call = Call(Actor("ann", "tests", "cli"), name)
        self.file = folder / f"{name}.jsonl"

    async def fill(self, lines: Lines) -> dict[str, Any]:
        self.file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return await archive.imported(self.service, self.call, self.file)

    async def titles(self) -> list[str]:
        listed = await self.service.list_work_items(self.call, {"view": "all"})
        return sorted(item["title"] for item in listed["items"])


async def made(folder: Path) -> Lines:
    """The lines of an export that has everything."""
    desk = Desk(folder, "source")
    await desk.service.create_project(desk.call, "source")
    plan = [
        {"key": "goal", "title": "Goal", "labels": ["a"], "due": "2026-05-01"},
        {"key": "risk", "title": "Risk", "parent_id": "goal", "metadata": {"a": 1}},
        {
            "key": "work", "title": "Work", "parent_id": "goal", "blocked_by": ["risk"],
            "entity_references": ["src/a.py::f"], "acceptance_criteria": ["holds"],
            "links": [{"kind": "discovered_from", "id": "risk"}],
        },
    ]  # fmt: skip
    items = (await desk.service.create_work_items(desk.call, plan))["items"]  # type: ignore[arg-type]  # by hand
    await desk.service.claim_work_item(desk.call, id=items[1]["id"])
    await desk.service.update_work_items(desk.call, [items[2]["id"]], {"note": "A note."})
    await desk.service.define_item_type(desk.call, "risk", schema={"type": "object"}, description="x")
    await desk.service.create_work_item(desk.call, {"title": "Once", "idempotency_key": "k"})
    text = await archive.exported(desk.service, desk.call)
    await desk.service.close()
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
async def lines(tmp_path: Path) -> Lines:
    return await made(tmp_path)


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path, "target")
    await desk.service.create_project(desk.call, "target")
    yield desk
    await desk.service.close()


def item(lines: Lines, title: str) -> dict[str, Any]:
    return next(line for line in lines if line.get("title") == title)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inner:
        yield (*at, key)
        yield from places(below, (*at, key))


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_stands_in_a_field_is_refused_or_makes_a_project_that_works(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory, lines: Lines
) -> None:
    changed = copy.deepcopy(lines)
    line = data.draw(st.sampled_from(changed[1:]))
    *way, last = data.draw(st.sampled_from(list(places(line))))
    inside: Any = line
    for key in way:
        inside = inside[key]
    inside[last] = data.draw(st.sampled_from(HOSTILE))
    desk = Desk(tmp_path_factory.mktemp("changed"), "target")
    await desk.service.create_project(desk.call, "target")
    try:
        await desk.fill(changed)
    except UnreadableFile:
        assert await desk.titles() == [], "nothing is stored"
    else:
        await works(desk)
    finally:
        await desk.service.close()


async def works(desk: Desk) -> None:
    """Every kind of reading answers, and the file is in order."""
    listed = await desk.service.list_work_items(desk.call, {"view": "all"})
    for row in listed["items"]:
        await desk.service.get_work_items(desk.call, [row["id"]], include=["children", "notes", "history"])
        await desk.service.why_blocked(desk.call, row["id"])
    await desk.service.list_work_items(desk.call, {"view": "ready"})
    await desk.service.project_statistics(desk.call)
    await archive.exported(desk.service, desk.call)
    _, store = await desk.service.open_store(desk.call)
    assert (await store.read(examine))["problems"] == []


async def refusal(target: Desk, lines: Lines) -> str:
    with pytest.raises(UnreadableFile) as refused:
        await target.fill(lines)
    assert await target.titles() == []
    assert "nothing was stored" in refused.value.message
    assert len(refused.value.text) < 2_000
    return refused.value.message


async def test_the_unchanged_lines_make_the_project(target: Desk, lines: Lines) -> None:
    assert (await target.fill(lines))["created"] == 4
    assert await target.titles() == ["Goal", "Once", "Risk", "Work"]
    await works(target)


async def test_a_refusal_names_the_line_and_the_field(target: Desk, lines: Lines) -> None:
    item(lines, "Work")["priority"] = 9
    number = lines.index(item(lines, "Work")) + 1
    assert f"line {number} is no `item` of an export, priority: " in await refusal(target, lines)


async def test_items_below_each_other_are_refused(target: Desk, lines: Lines) -> None:
    goal, risk = item(lines, "Goal"), item(lines, "Risk")
    goal["parent_id"] = risk["id"]
    assert "lies below itself" in await refusal(target, lines)


async def test_items_that_wait_for_each_other_are_refused(target: Desk, lines: Lines) -> None:
    risk, work = item(lines, "Risk"), item(lines, "Work")
    risk["blocked_by"] = [work["id"]]
    assert "closes a cycle" in await refusal(target, lines)


async def test_a_parent_that_waits_for_its_child_is_refused(target: Desk, lines: Lines) -> None:
    item(lines, "Goal")["blocked_by"] = [item(lines, "Risk")["id"]]
    assert "closes a cycle" in await refusal(target, lines)


async def test_what_is_named_must_be_somewhere(target: Desk, lines: Lines) -> None:
    item(lines, "Work")["blocked_by"] = ["wi_aaaaaaa"]
    assert "neither in the file nor here" in await refusal(target, lines)


async def test_more_levels_than_there_may_be_are_refused(target: Desk, lines: Lines) -> None:
    once, above = item(lines, "Once"), item(lines, "Risk")["id"]
    event = next(line for line in lines if line.get("kind") == "event")
    for letter in "abcdefgh":
        identifier = f"wi_{letter * 7}"
        lines.append({**once, "id": identifier, "title": letter, "parent_id": above, "notes": []})
        change = {"item_id": identifier, "version": 1, "before": None, "after": {"title": letter}}
        lines.append({**event, "id": f"ev_{letter * 10}", "changes": [change]})
        above = identifier
    assert "would lie deeper than 8 levels" in await refusal(target, lines)


async def test_an_item_that_stands_there_twice_is_refused(target: Desk, lines: Lines) -> None:
    lines.append(copy.deepcopy(item(lines, "Once")))
    assert f"line {len(lines)}: the item {item(lines, 'Once')['id']} stands there twice" in (
        await refusal(target, lines)
    )


async def test_a_history_whose_lists_are_none_is_refused(target: Desk, lines: Lines) -> None:
    event = next(line for line in lines if line.get("kind") == "event")
    event["changes"][0]["after"]["entity_references"] = None
    assert "entity_references: " in await refusal(target, lines)


async def test_a_history_that_ends_at_another_version_is_refused(target: Desk, lines: Lines) -> None:
    item(lines, "Once")["version"] = 7
    assert "is at version 7, its history ends at 1" in await refusal(target, lines)


async def test_a_link_in_a_file_s_place_is_read_as_what_it_leads_to_and_nothing_of_it_told(
    target: Desk, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("the secret of another file\n")
    (tmp_path / "export.jsonl").symlink_to(tmp_path / "secret")
    with pytest.raises(UnreadableFile) as refused:
        await archive.imported(target.service, target.call, tmp_path / "export.jsonl")
    assert "the secret of" not in refused.value.text


async def test_a_type_whose_definition_was_taken_back_comes_along_as_none(tmp_path: Path) -> None:
    source, target = Desk(tmp_path, "source"), Desk(tmp_path, "target")
    await source.service.create_project(source.call, "source")
    await target.service.create_project(target.call, "target")
    await source.service.create_work_item(source.call, {"title": "Kept"})
    defined = await source.service.define_item_type(source.call, "vendor", schema={"type": "object"})
    await source.service.undo(source.call, event=defined["event"])
    lines = [json.loads(line) for line in (await archive.exported(source.service, source.call)).splitlines()]
    await target.fill(lines)
    assert await target.titles() == ["Kept"]
    assert "vendor" not in [kind["name"] for kind in await target.service.item_types(target.call)]
    await source.service.close()
    await target.service.close()


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"properties": 3},
        {"$ref": "#"},
        {"$ref": "http://127.0.0.1:1/x"},
        {"pattern": 1},
    ],
    ids=["type", "properties", "itself", "outside", "pattern"],
)
async def test_a_type_that_could_check_nothing_is_refused_by_its_line(tmp_path: Path, schema: Any) -> None:
    desk = Desk(tmp_path, "target")
    head, *lines = await made(tmp_path)
    line = {
        "kind": "type",
        "name": "odd",
        "version": 1,
        "description": "",
        "schema": schema,
        "at": "2026-01-01",
    }
    with pytest.raises(UnreadableFile, match="line 2 is no `type` of an export, `schema`"):
        await desk.fill([head, line, *lines])
    await desk.service.close()
