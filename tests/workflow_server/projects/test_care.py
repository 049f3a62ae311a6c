"""The care of project files: archive, statistics, doctor, backup, restore, damage."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.workflow_server.desk import Desk

from bridge.agreed.errors import TandemError
from workflow_server.doors.text.rows import row
from workflow_server.projects.folder import LOOKS
from workflow_server.projects.names import slug_of
from workflow_server.store import PROJECT_FILE, DamagedError, Store
from workflow_server.store.connection import _prepare


async def test_names_are_one_project_in_any_case_and_keep_different_files(desk: Desk) -> None:
    await desk.service.create_project(desk.call, "Größe & Co")
    with pytest.raises(TandemError, match="already") as refused:
        await desk.service.create_project(desk.call, "größe & co")
    assert refused.value.code == "project_exists"
    assert slug_of("a b") != slug_of("a-b")
    assert slug_of("Demo") == slug_of("demo") == "demo"
    assert slug_of("con") != "con"
    assert slug_of("../../etc/passwd").startswith("etc-passwd-")
    assert "/" not in slug_of("x/../y")
    with pytest.raises(TandemError, match="1 to 100 characters"):
        await desk.service.create_project(desk.call, " ")


async def test_an_archived_project_is_readable_and_refuses_writes_of_every_process(
    open_desk: Callable[..., Desk],
) -> None:
    desk, other = open_desk(), open_desk("bo")
    item = await desk.create()
    assert (await other.get(item["id"]))["title"] == "Work"
    shown = await desk.service.archive_project(desk.call, "demo")
    assert shown["archived"]
    for one in (desk, other):
        assert (await one.page())["total_count"] == 1
        with pytest.raises(TandemError, match="archived at 2026-03-02") as refused:
            await one.create()
        assert refused.value.code == "project_archived"
    await desk.service.archive_project(desk.call, "demo", restore=True)
    await other.create()


@pytest.mark.parametrize(
    ("due", "now_over", "over_tomorrow"),
    [
        ("2026-03-02T08:59:00Z", True, True),
        ("2026-03-02T09:01:00Z", False, True),
        ("2026-03-02", False, True),
        ("2026-03-01", True, True),
        ("2026-03-03", False, False),
    ],
)
async def test_what_is_overdue_is_so_to_the_minute_and_alike_everywhere(
    desk: Desk, due: str, now_over: bool, over_tomorrow: bool
) -> None:
    item = await desk.create(due=due)
    await desk.create("Done", due=due, status="completed")
    for over in (now_over, over_tomorrow):
        told = await desk.service.project_statistics(desk.call)
        whole = await desk.get(item["id"])
        (brief,) = await desk.rows(status=["planned"])
        assert (told["overdue"], whole.get("overdue", False), brief.get("overdue", False)) == (over,) * 3
        assert row(brief).endswith(f"{'overdue' if over else 'due'} {item['due']}")
        desk.clock.pass_(hours=15)


async def test_statistics_tell_throughput_times_ages_and_chains(desk: Desk) -> None:
    first = await desk.create("First")
    second = await desk.create("Second", blocked_by=[first["id"]])
    await desk.create("Third", blocked_by=[second["id"]], due="2026-03-03")
    quick = await desk.create("Quick", item_type="research")
    desk.clock.pass_(hours=2)
    await desk.update(quick["id"], status="active")
    desk.clock.pass_(hours=4)
    await desk.update(quick["id"], status="completed")
    desk.clock.pass_(days=10)
    told = await desk.service.project_statistics(desk.call)
    assert told["counts"] == {"planned": 3, "active": 0, "blocked": 0, "completed": 1, "cancelled": 0}
    assert told["by_type"]["research"] == {"completed": 1}
    assert (told["ready"], told["blocked"], told["claimed"], told["overdue"]) == (1, 2, 0, 1)
    assert told["cycle_hours"] == {"median": 4.0, "p90": 4.0, "items": 1}
    assert told["lead_hours"]["median"] == 6.0
    assert told["completed_per_week"] == {"2026-03-02": 1}
    assert {name: count for name, count in told["cycle_spread"].items() if count} == {"1 to 8 h": 1}
    *before, first_monday, today = told["flow"].items()
    assert all(sum(counts.values()) == 0 for _, counts in before), "nothing stood anywhere yet"
    stood = {"planned": 3, "active": 0, "blocked": 0, "completed": 1, "cancelled": 0}
    assert [first_monday, today] == [("2026-03-09", stood), ("2026-03-12", stood)]
    assert told["open_by_age"]["7 to 30 days"] == 3
    assert told["blocked_chains"] == [
        {"id": first["id"], "title": "First", "status": "planned", "directly": 1, "levels": 2}
    ]


async def test_the_doctor_finds_what_was_tampered_with(desk: Desk) -> None:
    item = await desk.create()
    await desk.create("Child", parent_id=item["id"])
    assert (await desk.service.doctor(desk.call))["problems"] == []
    _, store = await desk.service.open_store(desk.call)
    await store.write(lambda connection: connection.execute("UPDATE item SET open_children = 7, version = 9"))
    problems = (await desk.service.doctor(desk.call))["problems"]
    assert any("kept columns" in problem and item["id"] in problem for problem in problems)
    assert any("history" in problem and "version 9" in problem for problem in problems)


async def test_a_backup_is_one_file_with_everything_and_can_be_restored(
    open_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    desk, other = open_desk(), open_desk("bo")
    item = await desk.create("Kept", labels=["x"])
    backup = await desk.service.backup(desk.call)
    assert [file.name for file in (tmp_path / "data" / "backups").iterdir()] == [Path(backup["file"]).name]
    await desk.update(item["id"], title="Later")
    late = await desk.create("Made after the backup")
    assert (await other.page())["total_count"] == 2
    answer = await desk.service.restore_backup(desk.call, Path(backup["file"]), name="demo")
    assert answer["items"] == 1
    assert [row["title"] for row in await other.rows()] == ["Kept"], (
        "other processes go on with the restored content"
    )
    again = await other.create("Written after the restore")
    assert {row["id"] for row in await desk.rows()} == {item["id"], again["id"]}
    kept = await desk.service.restore_backup(desk.call, Path(answer["file"]), name="before")
    assert kept["items"] == 2
    desk.call = type(desk.call)(desk.call.actor, "before")
    assert (await desk.get(late["id"]))["title"] == "Made after the backup"


async def test_a_backup_of_a_later_release_is_refused_and_the_project_stays(desk: Desk) -> None:
    await desk.create("Kept")
    backup = Path((await desk.service.backup(desk.call))["file"])
    with closing(sqlite3.connect(backup)) as newer:
        newer.execute("PRAGMA user_version = 99")
    with pytest.raises(TandemError, match="newer workflow-server") as refused:
        await desk.service.restore_backup(desk.call, backup, name="demo")
    assert refused.value.code == "store_newer"
    assert [row["title"] for row in await desk.rows()] == ["Kept"]


async def test_what_is_no_backup_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    item = await desk.create()
    (tmp_path / "x.sqlite3").write_bytes(b"not a database at all" * 100)
    sqlite3.connect(tmp_path / "foreign.sqlite3").execute("CREATE TABLE t (a)").connection.close()
    for name in ("x.sqlite3", "foreign.sqlite3"):
        with pytest.raises(TandemError, match="no sound backup"):
            await desk.service.restore_backup(desk.call, tmp_path / name, name="demo")
    assert (await desk.get(item["id"]))["version"] == 1


def damage(file: Path) -> bytes:
    """Write over the head of a database; answers what then stands in it."""
    for ending in ("-wal", "-shm"):
        Path(f"{file}{ending}").unlink(missing_ok=True)
    damaged = b"garbage" * 1000 + file.read_bytes()[7000:]
    file.write_bytes(damaged)
    return damaged


async def test_a_damaged_file_is_set_aside_never_overwritten_and_the_message_says_where(
    open_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    desk = open_desk()
    await desk.create("Precious")
    backup = await desk.service.backup(desk.call)
    await desk.service.close()
    file = tmp_path / "data" / "projects" / "demo.sqlite3"
    damaged = damage(file)
    desk = open_desk()
    with pytest.raises(TandemError, match="set aside as") as refused:
        await desk.create("New")
    assert refused.value.code == "project_damaged"
    (kept,) = (tmp_path / "data" / "projects").glob("demo.set-aside-*.sqlite3")
    assert kept.read_bytes() == damaged
    assert str(kept) in refused.value.message
    assert not file.exists()
    with pytest.raises(TandemError, match="set aside as"):
        await desk.page()
    (project,) = (await desk.service.list_projects(desk.call))["projects"]
    assert "set aside" in project["problem"]
    await desk.service.restore_backup(desk.call, Path(backup["file"]), name="demo")
    assert [row["title"] for row in await desk.rows()] == ["Precious"]


async def test_a_file_that_is_gone_is_not_made_anew_in_silence(
    open_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    desk = open_desk()
    await desk.create()
    await desk.service.close()
    shutil.rmtree(tmp_path / "data" / "projects")
    desk = open_desk()
    with pytest.raises(TandemError, match="is gone"):
        await desk.create()


async def test_a_lost_registry_is_read_again_from_the_files(
    open_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    desk = open_desk()
    await desk.create()
    await desk.service.create_project(desk.call, "Zweites Projekt")
    await desk.service.archive_project(desk.call, "Zweites Projekt")
    await desk.service.close()
    for part in (tmp_path / "data").glob("registry.sqlite3*"):
        part.unlink()
    desk = open_desk()
    projects = (await desk.service.list_projects(desk.call))["projects"]
    assert [(project["name"], project["archived"], project["total"]) for project in projects] == [
        ("demo", False, 1),
        ("Zweites Projekt", True, 0),
    ]


async def test_a_newer_file_and_a_foreign_one_are_refused_and_left_alone(
    open_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    desk = open_desk()
    await desk.create()
    await desk.service.close()
    file = tmp_path / "data" / "projects" / "demo.sqlite3"
    connection = sqlite3.connect(file)
    connection.execute(f"PRAGMA user_version = {len(PROJECT_FILE.steps) + 1}")
    connection.close()
    content = file.read_bytes()
    with pytest.raises(TandemError, match="newer workflow-server") as refused:
        await open_desk().page()
    assert refused.value.code == "store_newer"
    assert file.read_bytes() == content
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA application_id = 7")
    connection.close()
    with pytest.raises(TandemError, match="not a project file"):
        await open_desk().page()


async def test_damage_met_in_the_middle_of_work_is_told_and_then_set_aside(
    open_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    desk = open_desk()
    for number in range(300):
        await desk.create(f"Item {number}", description="text " * 50)
    await desk.service.close()
    file = tmp_path / "data" / "projects" / "demo.sqlite3"
    content = bytearray(file.read_bytes())
    content[40 * 4096 : -4096] = b"\xa5" * (len(content) - 41 * 4096)
    file.write_bytes(content)
    desk = open_desk()

    async def work_on() -> None:
        for number in range(50):
            await desk.page(text="item")
            await desk.create(f"Another {number}")

    with pytest.raises(TandemError) as met:
        await work_on()
    assert met.value.code == "project_damaged"
    with pytest.raises(TandemError, match="set aside as"):
        await desk.page()
    assert len(list(file.parent.glob("demo.set-aside-*.sqlite3"))) == 1


async def test_a_sound_file_that_seemed_damaged_goes_on_and_nobody_s_call_is_cut_off(
    open_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    """SQLite calls a page malformed that the disk failed to give once."""
    desk = open_desk()
    await desk.create("Precious")
    folder = desk.service._projects
    under_way = await folder.store("demo")
    under_way.suspect = True
    examined = await folder.store("demo")
    assert examined is not under_way
    assert not examined.suspect
    titles = await under_way.read(lambda db: [row[0] for row in db.execute("SELECT title FROM item")])
    assert titles == ["Precious"], "a call that began before still has its file"
    assert [row["title"] for row in await desk.rows()] == ["Precious"]
    assert list((tmp_path / "data" / "projects").glob("*set-aside*")) == []


async def test_a_disk_that_fails_every_look_in_another_place_costs_no_file(
    open_desk: Callable[..., Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk()
    await desk.create("Precious")
    await desk.service.close()
    opening = Store.open
    pages = iter(range(7, 7 + LOOKS))

    async def failing_often(path: Path, *arguments: Any, **named: Any) -> Store:
        if path.name == "demo.sqlite3" and (page := next(pages, 0)):
            raise DamagedError(path, f"Tree 2 page {page}: btreeInitPage() returns error code 11")
        return await opening(path, *arguments, **named)

    monkeypatch.setattr(Store, "open", failing_often)
    desk = open_desk()
    with pytest.raises(TandemError, match=rf"{LOOKS} looks at .* each found something else") as refused:
        await desk.rows()
    assert refused.value.code == "storage_failed"
    assert [row["title"] for row in await desk.rows()] == ["Precious"]
    assert list((tmp_path / "data" / "projects").glob("*set-aside*")) == []


@pytest.mark.parametrize("failures", [2, LOOKS - 1, LOOKS])
async def test_damage_that_no_look_names_is_believed_only_when_no_look_finds_the_file_sound(
    open_desk: Callable[..., Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    """SQLite has the same words for a page that the disk failed to give: two such looks prove nothing."""
    desk = open_desk()
    await desk.create("Precious")
    await desk.service.close()
    opening = Store.open
    left = iter(range(failures))

    async def failing(path: Path, *arguments: Any, **named: Any) -> Store:
        if path.name == "demo.sqlite3" and next(left, None) is not None:
            raise DamagedError(path, "database disk image is malformed")
        return await opening(path, *arguments, **named)

    monkeypatch.setattr(Store, "open", failing)
    desk = open_desk()
    if failures == LOOKS:
        with pytest.raises(TandemError, match="set aside as"):
            await desk.rows()
    else:
        assert [row["title"] for row in await desk.rows()] == ["Precious"]
    assert len(list((tmp_path / "data" / "projects").glob("*set-aside*.sqlite3"))) == (failures == LOOKS)


@pytest.mark.parametrize(
    "told", ["Tree 5 page 9: unable to get the page. error code=266", "Freelist: failed to get page 12"]
)
async def test_a_page_that_the_disk_does_not_give_is_no_damage(desk: Desk, tmp_path: Path, told: str) -> None:
    await desk.create("Precious")
    await desk.service.close()

    class Failing(sqlite3.Connection):
        """Checks as SQLite does when a read fails: in words that it keeps for the purpose."""

        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            if "quick_check" in sql:
                return super().execute("SELECT ?", (f"*** in database main ***\n{told}",))
            return super().execute(sql, *parameters)

    file = tmp_path / "data" / "projects" / "demo.sqlite3"
    with (
        closing(sqlite3.connect(file, factory=Failing)) as connection,
        pytest.raises(TandemError, match="failed a read") as refused,
    ):
        _prepare(connection, file, PROJECT_FILE, examine=True)
    assert refused.value.code == "storage_failed"


async def test_a_file_is_set_aside_only_when_a_second_look_finds_it_damaged_too(
    open_desk: Callable[..., Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk()
    await desk.create("Precious")
    await desk.service.close()
    opening = Store.open
    failures = iter([True])

    async def failing_once(path: Path, *arguments: Any, **named: Any) -> Store:
        if path.name == "demo.sqlite3" and next(failures, False):
            raise DamagedError(path, "database disk image is malformed")
        return await opening(path, *arguments, **named)

    monkeypatch.setattr(Store, "open", failing_once)
    assert [row["title"] for row in await open_desk().rows()] == ["Precious"]
    assert list((tmp_path / "data" / "projects").glob("*set-aside*")) == []
