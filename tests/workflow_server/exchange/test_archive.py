"""An export holds everything, an import of it gives the same, and two sides that went on are told apart."""

from __future__ import annotations

import json
from pathlib import Path

import anyio
import pytest

from workflow_server.exchange import archive
from workflow_server.exchange.foreign import UnreadableFile

from .conftest import Project


async def furnished(project: Project) -> dict[str, str]:
    """A project in which everything that can be kept stands; ids by name."""
    service, call = project.service, project.call
    schema = {"type": "object", "properties": {"level": {"enum": ["low", "high"]}}}
    await service.define_item_type(call, "risk", schema=schema, description="What may go wrong")
    fad = await service.define_item_type(call, "fad", schema=schema)
    await service.undo(call, event=fad["event"])
    plan = await service.create_work_items(
        call,
        [
            {"key": "goal", "title": "Goal", "description": "Why 漢", "labels": ["a"], "due": "2026-05-01"},
            {
                "key": "risk",
                "title": "Risk",
                "item_type": "risk",
                "metadata": {"level": "low"},
                "parent_id": "goal",
            },
            {
                "key": "work",
                "title": "Work",
                "parent_id": "goal",
                "blocked_by": ["risk"],
                "entity_references": ["src/a.py::f"],
                "acceptance_criteria": ["holds"],
                "links": [{"kind": "discovered_from", "id": "risk"}],
            },
            {"key": "gone", "title": "Gone"},
        ],
    )
    ids = {str(item["key"]): item["id"] for item in plan["items"]}
    await service.create_work_item(call, {"title": "Once", "idempotency_key": "k"})
    await service.update_work_items(call, [ids["risk"]], {"note": "A note.", "status": "active"})
    await service.update_work_items(call, [ids["risk"]], {"note": "A second."})
    await service.undo(call, id=ids["risk"])
    await service.claim_work_item(call, id=ids["risk"])
    await service.update_work_items(
        call, [ids["work"]], {"status": "completed"}, override_reason="seen by eye"
    )
    await service.delete_work_item(call, ids["gone"])
    return ids


async def written(project: Project, path: Path) -> Path:
    await anyio.Path(path).write_text(await archive.exported(project.service, project.call), encoding="utf-8")
    return path


async def copied(project: Project, name: str, path: Path) -> Project:
    await project.service.create_project(project.call, name)
    copy = project.named(name)
    await archive.imported(copy.service, copy.call, path)
    return copy


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()[1:]]


async def test_a_copy_exports_the_very_same_lines(project: Project, tmp_path: Path) -> None:
    await furnished(project)
    path = await written(project, tmp_path / "a.jsonl")
    copy = await copied(project, "copy", path)
    assert lines(await written(copy, tmp_path / "b.jsonl")) == lines(path)
    assert await copy.history() == await project.history()


async def test_a_copy_works_like_the_first(project: Project, tmp_path: Path) -> None:
    ids = await furnished(project)
    copy = await copied(project, "copy", await written(project, tmp_path / "a.jsonl"))
    service, call = copy.service, copy.call
    assert (await service.doctor(call))["problems"] == []
    found = await service.list_work_items(call, {"text": "note", "metadata": {"level": "low"}})
    assert [row["id"] for row in found["items"]] == [ids["risk"]]
    again = await service.create_work_item(call, {"title": "Once", "idempotency_key": "k"})
    assert again["created"] is False
    assert (await service.claim_work_item(call, id=ids["risk"]))["claimed"] is False
    await service.undo(call, id=ids["gone"])
    assert "Gone" in await copy.items()


async def test_the_same_import_again_changes_nothing(project: Project, tmp_path: Path) -> None:
    await furnished(project)
    path = await written(project, tmp_path / "a.jsonl")
    copy = await copied(project, "copy", path)
    before = lines(await written(copy, tmp_path / "b.jsonl"))
    report = await archive.imported(copy.service, copy.call, path)
    assert (report["created"], report["updated"], report["unchanged"], report["conflicts"]) == (0, 0, 5, [])
    assert lines(await written(copy, tmp_path / "c.jsonl")) == before


async def test_a_later_export_brings_a_copy_up_to_date(project: Project, tmp_path: Path) -> None:
    ids = await furnished(project)
    copy = await copied(project, "copy", await written(project, tmp_path / "a.jsonl"))
    await project.service.update_work_items(
        project.call, [ids["goal"]], {"title": "Goal, said better", "note": "New."}
    )
    await project.service.update_work_items(
        project.call, [ids["risk"]], {"parent_id": None}, override_reason="x"
    )
    path = await written(project, tmp_path / "b.jsonl")
    report = await archive.imported(copy.service, copy.call, path)
    assert (report["updated"], report["conflicts"]) == (2, [])
    assert lines(await written(copy, tmp_path / "c.jsonl")) == lines(path)
    assert (await copy.service.doctor(copy.call))["problems"] == []


async def test_an_older_export_does_not_take_back_what_is_newer_here(
    project: Project, tmp_path: Path
) -> None:
    ids = await furnished(project)
    path = await written(project, tmp_path / "a.jsonl")
    await project.service.update_work_items(project.call, [ids["goal"]], {"title": "Newer"})
    report = await archive.imported(project.service, project.call, path)
    assert (report["updated"], report["conflicts"]) == (0, [])
    assert "Newer" in await project.items()


async def test_what_changed_on_both_sides_is_a_conflict_and_stays(project: Project, tmp_path: Path) -> None:
    ids = await furnished(project)
    copy = await copied(project, "copy", await written(project, tmp_path / "a.jsonl"))
    await project.service.update_work_items(project.call, [ids["goal"]], {"title": "Theirs"})
    await copy.service.update_work_items(copy.call, [ids["goal"]], {"title": "Ours"})
    report = await archive.imported(copy.service, copy.call, await written(project, tmp_path / "b.jsonl"))
    (conflict,) = report["conflicts"]
    assert ids["goal"] in conflict
    items = await copy.items()
    assert "Ours" in items
    assert "Theirs" not in items


async def test_a_dry_run_reports_what_an_import_does(project: Project, tmp_path: Path) -> None:
    await furnished(project)
    path = await written(project, tmp_path / "a.jsonl")
    await project.service.create_project(project.call, "copy")
    copy = project.named("copy")
    rehearsed = await archive.imported(copy.service, copy.call, path, dry_run=True)
    assert (rehearsed["created"], rehearsed["dry_run"]) == (5, True)
    assert await copy.items() == {}
    assert await copy.history() == []


async def test_notes_keep_their_events_where_numbers_are_taken(project: Project, tmp_path: Path) -> None:
    """Notes are numbered within a file; a merge gives new numbers, and undo must still find the right
    note.
    """
    ids = await furnished(project)
    path = await written(project, tmp_path / "a.jsonl")
    await project.service.create_project(project.call, "other")
    other = project.named("other")
    made = await other.service.create_work_item(other.call, {"title": "Resident"})
    for number in range(3):
        await other.service.update_work_items(other.call, [made["item"]["id"]], {"note": f"Mine {number}"})
    await archive.imported(other.service, other.call, path)
    items = await other.items()
    assert [note["text"] for note in items["Risk"]["notes"]] == ["A note."]
    event = next(event for event in items["Risk"]["history"] if "note" in (event["after"] or {}))
    await other.service.undo(other.call, event=event["event"])
    after = (await other.service.get_work_items(other.call, [ids["risk"]], include=["notes"]))["items"][0]
    assert after["notes"] == []
    assert len((await other.items())["Resident"]["notes"]) == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"id": "x"}\n', "not an export"),
        ('{"workflow_export": 99}\n', "format 99"),
        ('{"workflow_export": 1}\n{"kind": "spell"}\n', "spell"),
        ('{"workflow_export": 1}\n{"kind": "item", "id": "wi_aaaaaaa"}\n', "title"),
    ],
)
async def test_a_file_of_another_kind_is_refused_and_stores_nothing(
    project: Project, tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_text(text)
    with pytest.raises(UnreadableFile) as refused:
        await archive.imported(project.service, project.call, path)
    assert told in refused.value.text
    assert await project.items() == {}


@pytest.mark.parametrize("kept", [0.1, 0.4, 0.7, 0.95])
async def test_a_part_of_an_export_is_refused_with_what_is_missing(
    project: Project, tmp_path: Path, kept: float
) -> None:
    """As a full disk or a copy that broke off leaves it: whole lines, and not all of them."""
    await furnished(project)
    path = await written(project, tmp_path / "a.jsonl")
    whole = path.read_text().splitlines(keepends=True)
    path.write_text("".join(whole[: max(1, int(len(whole) * kept))]))
    await project.service.create_project(project.call, "copy")
    copy = project.named("copy")
    for dry_run in (True, False):
        with pytest.raises(UnreadableFile) as refused:
            await archive.imported(copy.service, copy.call, path, dry_run=dry_run)
        assert "is not the whole export: it has " in refused.value.text
        assert "of 5 of kind `item`" in refused.value.text or "of kind `retry`" in refused.value.text
    assert await copy.items() == {}
    assert await copy.history() == []


async def test_an_export_from_before_lines_were_counted_is_read(project: Project, tmp_path: Path) -> None:
    await furnished(project)
    path = await written(project, tmp_path / "a.jsonl")
    first, *others = path.read_text().splitlines()
    head = json.loads(first)
    assert head.pop("holds")["item"] == 5
    path.write_text("\n".join([json.dumps(head), *others]))
    copy = await copied(project, "copy", path)
    assert len(await copy.items()) == 4  # the fifth is deleted


async def test_an_export_of_another_project_is_told_as_one(project: Project, tmp_path: Path) -> None:
    await furnished(project)
    file = await written(project, tmp_path / "w.jsonl")
    own = (await archive.imported(project.service, project.call, file))["project"]
    same = await archive.imported(project.service, project.call, file)
    assert same["warnings"] == []
    await project.service.create_project(project.call, "redis")
    other = project.named("redis")
    (told,) = (await archive.imported(other.service, other.call, file))["warnings"]
    assert told == (
        f"w.jsonl is of project '{own}', and went into 'redis'. "
        f"`workflow-server --project {own} import FILE` puts it into its own."
    )
