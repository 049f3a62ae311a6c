"""Tool calls by the ten thousand: a client in the server's own process, sequences that change state.

    python -m bench.fuzz calls [--scale N] [--seed N]

Each call is checked: no unforeseen error, nothing of the program's inside or of its folders in a refusal, an
answer that can leave over the wire, an error of one line without control characters, no second of the
processor, and a refusal that changed nothing.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from mcp import Client
from mcp_types import CallToolResult

from bench.fuzz.drawing import Draw
from bench.fuzz.peer import NEVER, PATIENCE_S, SLOW_S, Finding
from bridge.hosting.server import HostedServer

WORLD_CALLS: Final = 4_000
"""Calls until the world is made anew: with very many items every call takes longer, and finds no more."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_SOURCE = '''"""The program."""


def main() -> int:
    """Start the program."""
    return 0


class Reader:
    def read(self, path):
        return path
'''
_WEIGHTS: Final = {"manage_projects": 0.15, "define_item_type": 0.4, "index_repository": 0.05, "undo": 0.7}
"""How often some tools are called beside the others."""


@dataclass
class Tally:
    """What came of the calls to one server."""

    server: str
    calls: int = 0
    refused: int = 0
    waited: int = 0
    by_tool: Counter[str] = field(default_factory=Counter)


def found_in(failure: BaseException) -> Finding | None:
    """The finding inside what a task group raised."""
    if isinstance(failure, BaseExceptionGroup):
        return next(filter(None, map(found_in, failure.exceptions)), None)
    return failure if isinstance(failure, Finding) else None


@dataclass
class World:
    """A server with its folder, and how to see what it stored."""

    folder: Path
    server: HostedServer
    look: Callable[[], Any]
    between: Callable[[Draw], bool]
    """Changes something beside the server now and then, and says whether it did."""


async def attack(tally: Tally, calls: int, seed: int) -> None:
    """Call the tools of the tally's server so many times. Raises a group with a `Finding` for one."""
    server, draw = tally.server, Draw(seed)
    while tally.calls < calls:
        draw.known.clear()
        folder = Path(tempfile.mkdtemp(prefix="fuzz-calls-"))
        try:
            async with _WORLDS[server](folder) as world, Client(world.server, mode="auto") as client:
                await _assault(client, world, draw, tally, min(WORLD_CALLS, calls - tally.calls))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


async def _assault(client: Client, world: World, draw: Draw, tally: Tally, calls: int) -> None:
    listed = {tool.name: tool.input_schema for tool in (await client.list_tools()).tools}
    names = list(listed)
    weights = [_WEIGHTS.get(name, 1.0) for name in names]
    await client.call_tool(names[0], {"title": "the first call makes the project, even one that is refused"})
    seen = world.look()
    for _ in range(calls):
        if world.between(draw):
            seen = world.look()
        name = draw.random.choices(names, weights)[0]
        arguments = draw.arguments(listed[name])
        result = await _timed(client, name, arguments, tally)
        tally.calls += 1
        tally.by_tool[name] += 1
        if not result.is_error:
            draw.learn(result.structured_content)
            seen = None
            continue
        tally.refused += 1
        after = world.look() if seen is not None else None
        if seen is not None and after != seen:
            raise _finding("a refusal changed what is stored", name, arguments, f"{seen}\n{after}")
        seen = after if after is not None else world.look()


async def _timed(client: Client, name: str, arguments: Any, tally: Tally) -> CallToolResult:
    clock, processor = time.perf_counter(), time.process_time()
    try:
        async with asyncio.timeout(PATIENCE_S):
            result = await client.call_tool(name, arguments)
    except TimeoutError:
        raise _finding("no answer", name, arguments, f"within {PATIENCE_S:.0f} s") from None
    except Exception as failure:
        raise _finding("an error of the protocol", name, arguments, repr(failure)) from failure
    if time.process_time() - processor > SLOW_S:
        took = time.process_time() - processor
        raise _finding("slow", name, arguments, f"{took:.1f} s of the processor")
    tally.waited += time.perf_counter() - clock > SLOW_S
    _judge(name, arguments, result)
    return result


def _judge(name: str, arguments: Any, result: CallToolResult) -> None:
    try:
        written = result.model_dump_json(by_alias=True, exclude_none=True).encode()
    except ValueError as failure:
        raise _finding("an answer that cannot leave", name, arguments, repr(failure)) from failure
    if not result.is_error:
        return
    text = "".join(getattr(part, "text", "") for part in result.content)
    if "internal_error" in text or b'"internal_error"' in written:
        raise _finding("an internal error", name, arguments, text)
    given = json.dumps(arguments, ensure_ascii=False, default=str)
    for sign in (*NEVER, tempfile.gettempdir() + "/fuzz-calls-"):
        # the folder that is served is told to whoever asks about roots; nothing beside it is
        if sign in text and sign not in given and not _tells_roots(text):
            raise _finding(f"{sign!r} in a refusal", name, arguments, text)
    if found := _CONTROL.search(text):
        raise _finding(f"the control character {found[0]!r} in a refusal", name, arguments, text)
    if len(text) > 4_200:
        raise _finding(f"a refusal of {len(text)} characters", name, arguments, text)


def _tells_roots(text: str) -> bool:
    folders = re.findall(r"\S*fuzz-calls-[^/\s]*(/?[^/\s`'\",;.)]*)", text)
    return bool(folders) and all(inside == "/repository" for inside in folders)


def _finding(what: str, name: str, arguments: Any, told: str) -> Finding:
    asked = json.dumps(arguments, default=str)
    return Finding(f"{what}: {name} {asked[:3000]}\n{told[:2000]}")


@asynccontextmanager
async def _workflow(folder: Path) -> AsyncIterator[World]:
    from workflow_server.doors.application import Application
    from workflow_server.doors.mcp.server import make_server
    from workflow_server.settings import Settings

    application = Application(Settings(data_dir=folder / "data", project="fuzz", bridge=False))
    try:
        yield World(folder, make_server(application), _Stored(folder / "data"), lambda _: False)
    finally:
        await application.service.close()


class _Stored:
    """Of each project and the register: how much each table holds. Counted anew when a file was written."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._counted: dict[Path, tuple[Any, dict[str, Any]]] = {}

    def __call__(self) -> dict[str, dict[str, Any]]:
        return {file.name: self._of(file) for file in sorted(self._data.rglob("*.sqlite3"))}

    def _of(self, file: Path) -> dict[str, Any]:
        beside = (file, file.with_name(file.name + "-wal"))
        state = [(one.stat().st_size, one.stat().st_mtime_ns) for one in beside if one.exists()]
        known = self._counted.get(file)
        if known is None or known[0] != state:
            known = self._counted[file] = (state, _rows(file))
        return known[1]


_SUMS: Final = {"event": "max(seq)", "item": "sum(version)"}


def _rows(file: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        )
        return {
            name: connection.execute(f'SELECT count(*), {_SUMS.get(name, 0)} FROM "{name}"').fetchone()
            for (name,) in tables.fetchall()
        }


@asynccontextmanager
async def _codebase(folder: Path) -> AsyncIterator[World]:
    from codebase_server.doors.mcp import server as mcp_server
    from codebase_server.service import CodebaseService
    from codebase_server.settings import load

    repository = folder / "repository"
    (repository / "src").mkdir(parents=True)
    (repository / "src" / "main.py").write_text(_SOURCE)
    (repository / "notes.md").write_text("# Notes\n\nRead by nobody.\n")
    environment = {"CODEBASE_ROOT": str(repository), "CODEBASE_DATA_DIR": str(folder / "data")}
    service = CodebaseService(load({}, environment, folder / "none.toml"), environment={})
    await asyncio.to_thread(service.index_repository)
    try:
        yield World(
            folder, mcp_server.build(service), lambda: _names(folder), lambda draw: _edit(repository, draw)
        )
    finally:
        await asyncio.to_thread(service.close)


def _names(folder: Path) -> list[str]:
    """Everything beside the data folder: codebase-server writes nowhere else."""
    return sorted(str(path) for path in folder.iterdir()) + sorted(
        f"{path} {path.stat().st_mtime_ns}" for path in (folder / "repository").rglob("*")
    )


def _edit(repository: Path, draw: Draw) -> bool:
    """Now and then a file is changed, made, moved or removed, as somebody at an editor would."""
    if draw.random.random() > 0.01:
        return False
    file = repository / "src" / draw.one("main.py", "other.py", "third.rs")
    way = draw.random.randrange(4)
    if way == 0:
        file.unlink(missing_ok=True)
    elif way == 1 and file.exists():
        file.rename(repository / f"moved{file.suffix}")
    else:
        text = _SOURCE if way == 2 else _SOURCE.replace("return 0", f"return {draw.random.randrange(99)}")
        file.write_text(text + "".join(draw.text().encode("utf-8", "replace").decode() for _ in range(3)))
    return True


_WORLDS: Final = {"workflow_server": _workflow, "codebase_server": _codebase}
