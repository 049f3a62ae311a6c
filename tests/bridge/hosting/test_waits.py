"""What a slow request waited for stands in its log line."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from bridge.hosting import logs, waits
from workflow_server.store import PROJECT_FILE, Store


def test_waits_are_told_longest_first_and_short_ones_not_at_all() -> None:
    counted: Counter[str] = Counter()
    assert waits.told(counted) == ""
    token = waits.current.set(counted)
    waits.note("the disk", 0.2)
    waits.note("the lock", 1.0)
    waits.note("the lock", 0.2)
    waits.note("nothing much", 0.01)
    waits.current.reset(token)
    assert waits.told(counted) == ", of which 1.2 s for the lock, 0.2 s for the disk"


def test_a_wait_outside_of_a_request_is_nobodys() -> None:
    waits.note("the lock", 1.0)
    assert waits.current.get() is None


def test_what_is_noted_within_a_wait_is_not_counted_twice() -> None:
    counted: Counter[str] = Counter()
    token = waits.current.set(counted)
    begun = time.perf_counter()
    with waits.during("the pass"), waits.during("the lock"):
        time.sleep(0.02)
    took = time.perf_counter() - begun
    waits.current.reset(token)
    assert counted["the lock"] >= 0.02
    assert counted["the pass"] + counted["the lock"] <= took


def test_a_call_that_begins_late_says_how_late() -> None:
    counted: Counter[str] = Counter()
    token = waits.current.set(counted)
    call = waits.until_begun("a free thread", lambda: "answer")
    time.sleep(0.02)
    assert call() == "answer"
    waits.current.reset(token)
    assert counted["a free thread"] >= 0.02


async def test_a_read_held_up_by_another_read_says_so_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "SLOW_SECONDS", 0.1)
    store = await Store.open(tmp_path / "p.sqlite3", PROJECT_FILE, create=True)
    await store.read(lambda db: db.execute("SELECT 1").fetchone())  # the reader is open
    long = asyncio.ensure_future(store.read(lambda _: time.sleep(0.3)))
    await asyncio.sleep(0)
    with caplog.at_level(logging.WARNING), logs.request("list_work_items"):
        await store.read(lambda db: db.execute("SELECT 1").fetchone())
    await long
    await store.close()
    (line,) = [record.getMessage() for record in caplog.records if "took" in record.getMessage()]
    assert line.startswith("list_work_items took ")
    assert "s for the reads before it of p.sqlite3" in line


async def test_a_write_held_up_by_another_process_says_so_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "SLOW_SECONDS", 0.1)
    store = await Store.open(tmp_path / "p.sqlite3", PROJECT_FILE, create=True)
    with closing(sqlite3.connect(store.path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        asyncio.get_running_loop().call_later(0.3, other.execute, "COMMIT")
        with caplog.at_level(logging.WARNING), logs.request("create_work_item"):
            await store.write(lambda db: db.execute("INSERT INTO about VALUES ('a', 'b')"))
    await store.close()
    (line,) = [record.getMessage() for record in caplog.records if "took" in record.getMessage()]
    assert line.startswith("create_work_item took ")
    assert "s for the write lock of p.sqlite3" in line
    assert store.waiting == 0
