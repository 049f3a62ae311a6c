"""What would not hold together with what is here is refused whole, in words that say what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workflow_server.exchange import archive
from workflow_server.exchange.foreign import UnreadableFile
from workflow_server.records import NewItem

from .conftest import Project
from .test_archive import copied, lines, written

Line = dict[str, Any]


async def refused(project: Project, path: Path) -> str:
    """Why an import was refused, which stored nothing."""
    before = lines(await written(project, path.with_name("before.jsonl")))
    with pytest.raises(UnreadableFile) as problem:
        await archive.imported(project.service, project.call, path)
    assert lines(await written(project, path.with_name("after.jsonl"))) == before
    return problem.value.message


def edited(path: Path, kind: str, change: Callable[[Line], None]) -> Path:
    """The file with each line of a kind changed by hand."""
    kept = []
    for text in path.read_text().splitlines():
        line = json.loads(text)
        if line.get("kind") == kind:
            change(line)
        kept.append(json.dumps(line))
    path.write_text("\n".join(kept) + "\n")
    return path


def chain(name: str, length: int) -> list[NewItem]:
    """Items of which each lies below the one before."""
    items: list[NewItem] = [{"key": f"{name} 0", "title": name}]
    for level in range(1, length):
        items.append({"key": f"{name} {level}", "title": name, "parent_id": f"{name} {level - 1}"})
    return items


async def two(project: Project) -> tuple[str, str]:
    plan = await project.service.create_work_items(
        project.call, [{"key": "one", "title": "One"}, {"key": "other", "title": "Other"}]
    )
    one, other = (item["id"] for item in plan["items"])
    return one, other


async def test_items_put_below_each_other_on_two_sides_are_a_circle(project: Project, tmp_path: Path) -> None:
    one, other = await two(project)
    copy = await copied(project, "copy", await written(project, tmp_path / "a.jsonl"))
    await project.service.update_work_items(project.call, [one], {"parent_id": other})
    await copy.service.update_work_items(copy.call, [other], {"parent_id": one})
    told = await refused(copy, await written(project, tmp_path / "b.jsonl"))
    assert "does not hold together" in told
    assert "lies below itself; nothing was stored" in told


async def test_items_that_wait_for_each_other_from_two_sides_are_a_circle(
    project: Project, tmp_path: Path
) -> None:
    one, other = await two(project)
    copy = await copied(project, "copy", await written(project, tmp_path / "a.jsonl"))
    await project.service.update_work_items(project.call, [one], {"add_blocked_by": [other]})
    await copy.service.update_work_items(copy.call, [other], {"add_blocked_by": [one]})
    told = await refused(copy, await written(project, tmp_path / "b.jsonl"))
    assert "does not hold together" in told
    assert one in told
    assert other in told


async def test_chains_that_two_sides_made_longer_may_become_too_deep(
    project: Project, tmp_path: Path
) -> None:
    plan = await project.service.create_work_items(project.call, [*chain("high", 5), *chain("low", 3)])
    ids = {str(item["key"]): item["id"] for item in plan["items"]}
    copy = await copied(project, "copy", await written(project, tmp_path / "a.jsonl"))
    await project.service.update_work_items(project.call, [ids["low 0"]], {"parent_id": ids["high 4"]})
    deeper = await copy.service.create_work_item(copy.call, {"title": "Deeper", "parent_id": ids["low 2"]})
    assert deeper["created"]
    told = await refused(copy, await written(project, tmp_path / "b.jsonl"))
    assert f"{deeper['item']['id']} would lie deeper than 8 levels; nothing was stored" in told


async def test_a_file_whose_history_ends_elsewhere_is_refused(project: Project, tmp_path: Path) -> None:
    one, _ = await two(project)
    await project.service.create_project(project.call, "copy")

    def later(line: Line) -> None:
        if line.get("id") == one:
            line["version"] = 7

    path = edited(await written(project, tmp_path / "a.jsonl"), "item", later)
    assert f"{one} is at version 7, its history ends at 1" in await refused(project.named("copy"), path)


async def test_a_file_that_names_an_item_that_is_nowhere_is_refused(project: Project, tmp_path: Path) -> None:
    one, _ = await two(project)
    await project.service.create_project(project.call, "copy")

    def orphaned(line: Line) -> None:
        if line.get("id") == one:
            line["parent_id"] = "wi_aaaaaaa"

    path = edited(await written(project, tmp_path / "a.jsonl"), "item", orphaned)
    told = await refused(project.named("copy"), path)
    assert "neither in the file nor here; nothing was stored" in told
