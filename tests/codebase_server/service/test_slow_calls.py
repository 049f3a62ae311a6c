"""What a call of codebase-server that took long waited for stands in its log line, and no code does."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from mcp import Client

from bridge.hosting import logs, waits
from codebase_server.doors.mcp.server import build
from codebase_server.service import CodebaseService
from codebase_server.settings import load
from codebase_server.store.lock import SystemLock


@pytest.fixture(autouse=True)
def every_call_is_slow(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(logs, "SLOW_SECONDS", 0.0)
    monkeypatch.setattr(waits, "_LEAST_SECONDS", 0.0)
    caplog.set_level(logging.WARNING)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[CodebaseService]:
    root = tmp_path / "root"
    root.mkdir()
    (root / "one.py").write_text("def water_the_plants():\n    return 'hidden in the garden'\n")
    environment = {"CODEBASE_DATA_DIR": str(tmp_path / "data"), "CODEBASE_ROOT": str(root)}
    made = CodebaseService(load(environment=environment, config_file=tmp_path / "none.toml"))
    made.index_repository()
    yield made
    made.close()


def told(caplog: pytest.LogCaptureFixture, operation: str) -> str:
    lines = [record.getMessage() for record in caplog.records]
    (line,) = [line for line in lines if line.startswith(f"{operation} took")]
    return line


def test_an_index_call_that_waited_for_another_writer_says_so(
    service: CodebaseService, caplog: pytest.LogCaptureFixture
) -> None:
    lock = SystemLock(service.opened(None).index.database.folder / "writer.lock")
    with lock.held():
        threading.Timer(0.2, (release := threading.Event()).set).start()
        waiting = threading.Thread(target=_indexed, args=(service,))
        waiting.start()
        release.wait()
    waiting.join()
    assert "s for the lock writer.lock" in told(caplog, "index_repository")


def _indexed(service: CodebaseService) -> None:
    with logs.request("index_repository"):
        service.index_repository()


def test_a_search_that_had_to_read_changed_files_says_so_and_names_neither_query_nor_code(
    service: CodebaseService, caplog: pytest.LogCaptureFixture
) -> None:
    (service.opened(None).root.path / "two.py").write_text("def prune():\n    return 'hidden as well'\n")
    with logs.request("search_code"):
        answer = service.search_code("prune the roses")
    assert answer["results"]
    line = told(caplog, "search_code")
    assert "s for what changed on disk" in line
    assert not {"prune", "roses", "hidden", "two.py"} & set(line.replace(",", " ").split())


async def held_thread(release: threading.Event) -> None:
    await anyio.to_thread.run_sync(release.wait)


async def test_a_call_over_mcp_says_how_long_it_waited_for_the_start_and_for_a_thread(
    service: CodebaseService, caplog: pytest.LogCaptureFixture
) -> None:
    async def starting() -> None:
        await anyio.sleep(0.05)

    server = build(service, ready=starting)
    async with Client(server) as client:
        limiter = anyio.to_thread.current_default_thread_limiter()
        before, limiter.total_tokens = limiter.total_tokens, 1
        release = threading.Event()
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(held_thread, release)
                await anyio.lowlevel.checkpoint()
                threading.Timer(0.2, release.set).start()
                await client.call_tool("search_code", {"query": "plants"})
        finally:
            release.set()
            limiter.total_tokens = before
    line = told(caplog, "search_code")
    assert "s for this server's own start" in line
    assert "s for a free thread" in line


def test_the_first_call_of_a_process_says_that_it_imported(
    service: CodebaseService, caplog: pytest.LogCaptureFixture
) -> None:
    with logs.request("outline"):
        service.outline("")
    assert "s for imports" in told(caplog, "outline")
