"""Which project a call is about: the order is fixed, nothing falls through, every answer says which."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from tests.workflow_server.desk import Desk, HandClock

from bridge.agreed.errors import TandemError
from workflow_server.records import Actor, Call
from workflow_server.service import WorkflowService


def git(*arguments: str, cwd: Path) -> None:
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments],
        cwd=cwd, check=True, capture_output=True,
    )  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "webshop"
    folder.mkdir()
    git("init", "-q", cwd=folder)
    git("commit", "-q", "--allow-empty", "-m", "first", cwd=folder)
    return folder


@pytest.fixture
async def bare(tmp_path: Path, clock: HandClock) -> AsyncIterator[Desk]:
    """A service without a default project."""
    desk = Desk(tmp_path / "data", clock, project=None)
    yield desk
    await desk.service.close()


def call(*folders: Path, project: str | None = None, roots: Sequence[Path] | None = None) -> Call:
    async def ask() -> Sequence[Path]:
        return roots or ()

    return Call(Actor("ann"), project, folders, ask if roots is not None else None)


async def test_the_order_is_argument_selection_setting_repository(
    tmp_path: Path, clock: HandClock, repository: Path
) -> None:
    desk = Desk(tmp_path / "data", clock, project="by setting")
    resolve = desk.service.resolve_project
    await desk.service.create_project(call(), "by argument")
    await desk.service.create_project(call(), "by selection")
    assert await resolve(call(repository)) == "by setting"
    await desk.service.select_project(call(), "by selection")
    assert await resolve(call(repository)) == "by selection"
    assert await resolve(call(repository, project="By Argument")) == "by argument"
    await desk.service.close()


async def test_a_wrong_argument_never_falls_through(desk: Desk) -> None:
    await desk.create()
    with pytest.raises(TandemError, match=r"Projects: demo.*Did you mean `demo`") as refused:
        await desk.service.create_work_item(call(project="dmeo"), {"title": "x"})
    assert refused.value.code == "project_not_found"
    assert (await desk.page())["total_count"] == 1


async def test_a_repository_has_one_project_for_all_its_worktrees_and_clones(
    bare: Desk, repository: Path, tmp_path: Path
) -> None:
    git("worktree", "add", "-q", str(tmp_path / "other"), cwd=repository)
    git("clone", "-q", str(repository), str(tmp_path / "clone"), cwd=tmp_path)
    (repository / "deep" / "er").mkdir(parents=True)
    names = {
        await bare.service.resolve_project(call(folder), writing=True)
        for folder in (tmp_path / "other", repository, repository / "deep" / "er", tmp_path / "clone")
    }
    assert names == {"webshop"}


async def test_two_repositories_of_one_name_get_two_projects(
    bare: Desk, repository: Path, tmp_path: Path
) -> None:
    other = tmp_path / "elsewhere" / "webshop"
    other.mkdir(parents=True)
    git("init", "-q", cwd=other)
    git("commit", "-q", "--allow-empty", "-m", "another first", cwd=other)
    first = await bare.service.resolve_project(call(repository), writing=True)
    second = await bare.service.resolve_project(call(other), writing=True)
    assert first == "webshop"
    assert second.startswith("webshop-")


async def test_a_repository_keeps_its_project_through_its_first_commit(
    tmp_path: Path, clock: HandClock
) -> None:
    from bridge.agreed.identity import forget_known

    folder = tmp_path / "fresh"
    folder.mkdir()
    git("init", "-q", cwd=folder)
    desk = Desk(tmp_path / "data", clock, project=None)
    await desk.service.create_work_item(call(folder), {"title": "before the first commit"})
    await desk.service.close()
    git("commit", "-q", "--allow-empty", "-m", "first", cwd=folder)
    forget_known()
    for _ in range(2):
        desk = Desk(tmp_path / "data", clock, project=None)
        answer = await desk.service.list_work_items(call(folder), {})
        assert (answer["project"], answer["total_count"]) == ("fresh", 1)
        await desk.service.close()


async def test_mcp_roots_are_asked_only_when_nothing_else_names_a_project(
    bare: Desk, repository: Path
) -> None:
    assert await bare.service.resolve_project(call(roots=[repository])) == "webshop"
    asked = False

    async def ask() -> Sequence[Path]:
        nonlocal asked
        asked = True
        return ()

    await bare.service.resolve_project(Call(Actor("ann"), None, (repository,), ask))
    assert not asked


async def test_without_anything_the_choices_are_listed_and_nothing_is_made(
    bare: Desk, tmp_path: Path
) -> None:
    await bare.service.create_project(call(), "choice")
    plain = tmp_path / "plain"
    plain.mkdir()
    for folders in ((), (plain,), (tmp_path / "missing",)):
        with pytest.raises(TandemError, match="projects: choice") as refused:
            await bare.service.create_work_item(call(*folders), {"title": "x"})
        assert refused.value.code == "project_unresolved"
    assert [project["name"] for project in (await bare.service.list_projects(call()))["projects"]] == [
        "choice"
    ]


async def test_people_at_a_shell_are_told_in_words_of_the_shell(bare: Desk, tmp_path: Path) -> None:
    shell = Call(Actor("ann", "", "cli"), None, (tmp_path,))
    with pytest.raises(TandemError) as refused:
        await bare.service.create_work_item(shell, {"title": "x"})
    assert "--project NAME" in refused.value.hint
    assert "manage_projects" not in refused.value.hint


async def test_projects_are_isolated(bare: Desk) -> None:
    for name in ("One", "Two"):
        await bare.service.create_project(call(), name)
    one, two = call(project="One"), call(project="Two")
    item = (await bare.service.create_work_item(one, {"title": "mine", "idempotency_key": "k"}))["item"]
    other = (await bare.service.create_work_item(two, {"title": "yours", "idempotency_key": "k"}))["item"]
    assert other["title"] == "yours"
    with pytest.raises(TandemError, match="not in this project"):
        await bare.service.get_work_items(two, [item["id"]])
    with pytest.raises(TandemError, match="not in this project"):
        await bare.service.create_work_item(two, {"title": "x", "blocked_by": [item["id"]]})
    await bare.service.define_item_type(one, "vendor", schema={})
    assert "vendor" not in {kind["name"] for kind in await bare.service.item_types(two)}
    await bare.service.archive_project(call(), "One")
    assert (await bare.service.create_work_item(two, {"title": "still"}))["project"] == "Two"


async def test_every_answer_names_its_project(desk: Desk) -> None:
    item = await desk.create()
    service, here = desk.service, desk.call
    answers = [
        await service.get_work_items(here, [item["id"]]),
        await service.list_work_items(here, {}),
        await service.update_work_items(here, [item["id"]], {"priority": 0}),
        await service.undo(here, id=item["id"]),
        await service.claim_work_item(here),
        await service.delete_work_item(here, item["id"]),
        await service.history(here),
        await service.project_statistics(here),
        await service.why_blocked(here, item["id"]),
        await service.create_work_items(here, [{"title": "x"}]),
        await service.doctor(here),
    ]
    assert {answer["project"] for answer in answers} == {"demo"}


async def test_reading_a_project_that_is_not_there_makes_none_and_says_so(
    tmp_path: Path, clock: HandClock
) -> None:
    there = Desk(tmp_path / "data", clock, project="webshop")
    await there.create("Real work")
    typo = Desk(tmp_path / "data", clock, project="webshp")
    service, here = typo.service, typo.call
    page = await service.list_work_items(here, {})
    assert (page["project"], page["total_count"]) == ("webshp", 0)
    (told,) = page["warnings"]
    assert told == "There is no project 'webshp' yet; the first item makes it. Did you mean `webshop`?"
    for answer in (
        await service.project_statistics(here),
        await service.history(here),
        await service.check_references(here),
        await service.claim_work_item(here),
        await service.create_work_items(here, [{"title": "rehearsed"}], dry_run=True),
        await service.doctor(here),
    ):
        assert answer["warnings"] == [told]
    with pytest.raises(TandemError, match="Did you mean `webshop`"):
        await service.get_work_items(here, ["wi_abc2def"])
    with pytest.raises(TandemError, match="not in this project"):
        await service.update_work_items(here, ["wi_abc2def"], {"title": "x"})
    with pytest.raises(TandemError, match="nothing to copy"):
        await service.backup(here)
    assert await service.head(here) == 0
    assert await names_of(service) == ["webshop"]
    made = await service.create_work_item(here, {"title": "x"})
    assert "Project 'webshp' was made" in made["warnings"][0]
    assert "Did you mean `webshop`" in made["warnings"][0]
    assert (await service.list_work_items(here, {}))["warnings"] == []
    for desk in (there, typo):
        await desk.service.close()


async def names_of(service: WorkflowService) -> list[str]:
    return [project["name"] for project in (await service.list_projects(call()))["projects"]]


async def test_a_repository_that_is_only_read_gets_no_project_yet(bare: Desk, repository: Path) -> None:
    page = await bare.service.list_work_items(call(repository), {})
    assert (page["project"], page["warnings"]) == ("webshop", [])
    assert await names_of(bare.service) == []
    await bare.service.create_work_item(call(repository), {"title": "first"})
    assert (await bare.service.list_work_items(call(repository), {}))["total_count"] == 1


async def test_a_repository_whose_name_a_project_of_nobody_bears_is_told_of_it(
    bare: Desk, repository: Path
) -> None:
    await bare.service.create_project(call(), "webshop")
    made = await bare.service.create_work_item(call(repository), {"title": "first"})
    assert made["project"].startswith("webshop-")
    assert "--project webshop" in made["warnings"][0]
    assert (await bare.service.list_work_items(call(repository), {}))["warnings"] == []


@pytest.mark.parametrize("path", ["../x", "./x", "/srv/x", "~/x", "C:\\x", "..", "."])
async def test_no_project_is_made_under_the_name_of_a_path(bare: Desk, path: str) -> None:
    with pytest.raises(TandemError, match="which is a path"):
        await bare.service.create_project(bare.call, path)
    assert (await bare.service.list_projects(bare.call))["projects"] == []


@pytest.mark.parametrize("name", ["owner/name", ".dotfiles", "v1.2", "~draft"])
async def test_a_name_that_holds_signs_of_paths_is_a_name(bare: Desk, name: str) -> None:
    assert (await bare.service.create_project(bare.call, name))["name"] == name


async def test_a_backup_restored_on_another_machine_is_the_project_of_its_repository(
    bare: Desk, repository: Path, tmp_path: Path, clock: HandClock
) -> None:
    await bare.service.create_work_item(call(repository), {"title": "Taken along"})
    backup = Path((await bare.service.backup(call(repository)))["file"])
    git("clone", "-q", str(repository), str(tmp_path / "clone"), cwd=tmp_path)
    elsewhere = Desk(tmp_path / "elsewhere", clock, project=None)
    clone = call(tmp_path / "clone")
    await elsewhere.service.restore_backup(clone, backup, name="shop")
    found = await elsewhere.service.list_work_items(clone, {})
    assert (found["project"], [row["title"] for row in found["items"]]) == ("shop", ["Taken along"])
    await elsewhere.service.close()


async def test_a_backup_restored_beside_the_project_of_its_repository_takes_it_from_none(
    bare: Desk, repository: Path
) -> None:
    await bare.service.create_work_item(call(repository), {"title": "Here"})
    backup = Path((await bare.service.backup(call(repository)))["file"])
    await bare.service.restore_backup(call(repository), backup, name="as it was")
    assert (await bare.service.list_work_items(call(repository), {}))["project"] == "webshop"


async def test_a_project_keeps_its_repository_when_the_backup_of_another_is_restored_into_it(
    bare: Desk, repository: Path, tmp_path: Path, clock: HandClock
) -> None:
    await bare.service.create_work_item(call(repository), {"title": "Before"})
    await bare.service.create_work_item(call(project="webshop"), {"title": "Too"})
    await bare.service.create_project(call(), "other")
    backup = Path((await bare.service.backup(call(project="other")))["file"])
    await bare.service.restore_backup(call(repository), backup, name="webshop")
    await bare.service.close()
    for file in (tmp_path / "data").glob("*.sqlite3*"):
        file.unlink()  # the registry, which is made anew from what the projects say of themselves
    again = Desk(tmp_path / "data", clock, project=None)
    assert await again.service.resolve_project(call(repository)) == "webshop"
    await again.service.close()
