"""Files that earlier releases wrote: opened by this one, worked on by both at once, never taken backwards."""

from __future__ import annotations

import asyncio
import gzip
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.workflow_server.desk import Desk
from tests.workflow_server.store.fixtures.make import HERE, sources

from workflow_server.dependencies import kept
from workflow_server.find.likeness import BANDS
from workflow_server.projects.doctor import examine
from workflow_server.store.project_schema import STEPS

WORKER = HERE.parent / "worker.py"
FIRST_RELEASED = "20b1781"
"""The newest revision that knows only the first schema."""
DERIVED = ("title_band", "item_text", "sqlite_")
"""Tables that are computed from others, and may be computed anew."""


def unpacked(version: int, data: Path, slug: str = "fixture") -> Path:
    """The fixture of a schema version, as the file of a project."""
    file = data / "projects" / f"{slug}.sqlite3"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.decompress((HERE / f"schema-{version}.sqlite3.gz").read_bytes()))
    return file


def rows(file: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that holds what people wrote."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {
            name: sorted(
                (dict(row) for row in connection.execute(f"SELECT * FROM {name}")),
                key=repr,
            )
            for name in tables
            if not name.startswith(DERIVED)
        }


@pytest.mark.parametrize("version", range(1, len(STEPS) + 1))
async def test_nothing_of_an_earlier_file_is_lost_and_its_work_goes_on(
    version: int, open_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    file = unpacked(version, tmp_path / "data")
    before = rows(file)
    desk = open_desk(project="fixture")
    listed = await desk.page(view="all")
    assert rows(file) == before

    assert {item["title"]: item["status"] for item in listed["items"]} == {
        "Payments are retried": "planned",
        "Retry failed payments three times": "active",
        "Tell the customer of the last failure": "planned",
        "Payments failed on Sunday night": "planned",
    }
    told = next(item for item in listed["items"] if item["title"].startswith("Tell"))
    whole = await desk.get(told["id"], "notes", "history")
    assert [note["text"] for note in whole["notes"]] == ["The text is agreed."]
    assert [event["action"] for event in whole["history"]] == ["create_plan", "update"]
    again = await desk.create("Retry failed payments three times!")
    assert "possible_duplicate" in " ".join(again["warnings"])
    assert [row["title"] for row in await desk.rows(text="customer")] == [told["title"]]
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        found = examine(connection)
        assert found["problems"] == []
        assert found["schema_version"] == len(STEPS)
        assert kept.recomputed(connection) == kept.stored(connection)
        (sketched,) = connection.execute("SELECT count(DISTINCT band) FROM title_band").fetchone()
        assert sketched == BANDS * 4, "four different living titles, one of them twice"


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process that runs the first release."""
    try:
        source = sources(FIRST_RELEASED, tmp_path_factory.mktemp("first"))
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the repository's history, which this copy does not have")
    return {**os.environ, "PYTHONPATH": str(source)}


async def test_a_process_of_the_first_release_works_on_beside_the_newest(
    open_desk: Callable[..., Desk], tmp_path: Path, earlier: dict[str, str]
) -> None:
    file = unpacked(1, tmp_path / "data", "shared")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE about SET value = 'shared' WHERE key = 'name'")
        connection.commit()
    old = await asyncio.create_subprocess_exec(
        sys.executable, str(WORKER), str(tmp_path / "data"), "churn",
        stdout=asyncio.subprocess.PIPE, env=earlier,
    )  # fmt: skip
    assert old.stdout is not None
    acknowledged = [await old.stdout.readline() for _ in range(6)]
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,), "the old one has made its file"
    new = open_desk(project="shared")
    made = [(await new.create(f"Written by the newest, {number}"))["id"] for number in range(10)]
    acknowledged += [await old.stdout.readline() for _ in range(30)]  # it goes on in the new schema
    old.kill()
    acknowledged += (await old.stdout.read()).splitlines(keepends=True)
    await old.wait()
    await new.service.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        events = {row["id"] for row in connection.execute("SELECT id FROM event")}
        items = {row["id"] for row in connection.execute("SELECT id FROM item")}
        found = examine(connection)
    assert {line.split()[0].decode() for line in acknowledged if line.endswith(b"\n")} <= events
    assert set(made) <= items
    assert found["problems"] == []
    assert found["schema_version"] == len(STEPS)


def test_the_first_release_refuses_a_newer_file_says_so_and_leaves_it_alone(
    tmp_path: Path, earlier: dict[str, str]
) -> None:
    file = unpacked(len(STEPS), tmp_path / "data")
    content = file.read_bytes()
    refused = subprocess.run(
        [sys.executable, "-m", "workflow_server", "--data-dir", str(tmp_path / "data"),
         "--project", "fixture", "--no-bridge", "list"],
        env=earlier, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert refused.returncode == 1
    assert "written by a newer workflow-server" in refused.stderr
    assert f"version {len(STEPS)}" in refused.stderr
    assert "Upgrade" in refused.stderr
    assert file.read_bytes() == content
