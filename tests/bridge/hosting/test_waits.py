"""What a slow request waited for stands in its log line."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
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
