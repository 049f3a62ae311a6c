"""What `doctor` looks at: each check gives findings, and each bad finding its next step."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from bridge.agreed import endpoint, places
from bridge.agreed.errors import TandemError
from codebase_server import __version__
from codebase_server.service import CodebaseService
from codebase_server.settings import APPLICATION, Settings

Level = Literal["ok", "warn", "bad"]

LOW_DISK_BYTES: Final = 500_000_000
"""Free space below which an index of a large repository may not fit."""
LAST_LINES: Final = 20
"""How much of the log is looked at for recent errors."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it stands, in words, and what to do when it does not stand well."""

    level: Level
    name: str
    detail: str
    next_step: str = ""


def diagnosed(settings: Settings, service: CodebaseService, *, live: bool) -> Iterator[Finding]:
    """All findings, in the order of a start: interpreter, folders, index, door, hosts, log, handshake."""
    checks: list[Callable[[], Iterator[Finding]]] = [
        _program,
        lambda: _folders(settings),
        lambda: _indexes(service),
        lambda: _door(settings),
        _hosts,
        _log,
    ]
    if live:
        checks.append(lambda: _handshake(service))
    for check in checks:
        try:
            yield from check()
        except TandemError as problem:
            yield Finding("bad", problem.code, problem.message, problem.hint)


def _program() -> Iterator[Finding]:
    yield Finding("ok", "codebase-server", f"{__version__} in {Path(__file__).parents[2]}")
    yield Finding("ok", "python", f"{platform.python_version()} at {sys.executable} on {platform.platform()}")
    yield Finding("ok", "mcp sdk", importlib.metadata.version("mcp"))
    yield Finding("ok", "sqlite", sqlite3.sqlite_version)
    git = shutil.which("git")
    if git:
        yield Finding("ok", "git", git)
    else:
        yield Finding(
            "warn", "git", "not on PATH: repositories are read by their ignore rules alone", "Install git."
        )


def _folders(settings: Settings) -> Iterator[Finding]:
    for name, folder in (("data folder", settings.data_dir), ("runtime folder", places.runtime_folder())):
        existing = next((one for one in (folder, *folder.parents) if one.exists()), folder)
        if not os.access(existing, os.W_OK):
            yield Finding(
                "bad", name, f"{folder} cannot be written", "Correct its owner and mode, or move it."
            )
            continue
        free = shutil.disk_usage(existing).free
        detail = f"{folder}, {free / 1e9:.1f} GB free"
        if free < LOW_DISK_BYTES:
            yield Finding("warn", name, detail, "Free some disk space; `codebase-server gc` drops old code.")
        else:
            yield Finding("ok", name, detail)


def _indexes(service: CodebaseService) -> Iterator[Finding]:
    try:
        served = {root.path for root in service.served_roots()}
        service.opened(None)
    except TandemError as problem:
        served = set()
        yield Finding("warn", "root", problem.message, problem.hint)
    for root in service.roots():
        name = f"index of {root.path.name}"
        if not root.path.is_dir():
            yield Finding("warn", name, f"{root.path} is gone", f"Run `codebase-server forget {root.path}`.")
            continue
        try:
            answer = service.index_status(root=str(root.path))
        except TandemError as problem:
            yield Finding("bad", name, problem.message, problem.hint)
            continue
        index = answer["index"]
        where = "" if root.path in served else " (another root of this data folder)"
        detail = (
            f"{root.path}{where}: {answer['state']}, {index['files']:,} files, {index['chunks']:,} chunks, "
            f"{answer['database_bytes'] / 1e6:.1f} MB, embedder {answer['embedder']}"
        )
        if answer["last_error"]:
            yield Finding(
                "bad", name, f"{detail}; last error: {answer['last_error']}", "Run `codebase-server index`."
            )
        elif not index["files"]:
            yield Finding("warn", name, f"{detail}: nothing is indexed yet", "Run `codebase-server index`.")
        else:
            yield Finding("ok", name, detail)


def _door(settings: Settings) -> Iterator[Finding]:
    if not settings.http:
        yield Finding(
            "warn", "loopback door", "switched off", "Workflow tools cannot check references without it."
        )
        return
    found = endpoint.read_all("codebase")
    for one in found:
        level: Level = "ok" if one.alive else "warn"
        detail = f"{one.url} by process {one.pid}" + ("" if one.alive else ", which is gone")
        yield Finding(
            level,
            one.file.name if one.file else "endpoint",
            detail,
            "" if one.alive else "The next server to start takes over.",
        )
    if any(one.alive for one in found):
        return
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", settings.port))
        except OSError:
            yield Finding(
                "warn",
                f"port {settings.port}",
                "held by another program: a running codebase-server would take a free port",
                "Nothing, or choose another with --port.",
            )
        else:
            yield Finding("ok", f"port {settings.port}", "free; no codebase-server is running")


def _hosts() -> Iterator[Finding]:
    """What the hosts of this machine were told: the first place to look when one says "disconnected"."""
    from bridge.hosts.entries import entries
    from bridge.hosts.known import this_machine

    told = list(entries("codebase", this_machine(os.environ, Path.cwd())))
    for one in told:
        name = one.host
        if one.problem:
            yield Finding("bad", name, f"{one.file} {one.problem}", one.remedy)
        else:
            yield Finding("ok", name, f"{one.file} starts {one.command}")
    if not told:
        yield Finding("ok", "hosts", "none was told of this server yet: `codebase-server setup` does")


def _log() -> Iterator[Finding]:
    file = places.log_folder() / f"{APPLICATION}.log"
    recent = [line for line in last_lines(file, LAST_LINES) if " ERROR " in line]
    if recent:
        yield Finding("warn", "log", f"{file}: {recent[-1]}", "The lines around it tell more.")
    else:
        yield Finding("ok", "log", f"{file}: no recent error")


def _handshake(service: CodebaseService) -> Iterator[Finding]:
    from bridge.hosting.trial import try_server
    from codebase_server.doors.cli.installation import TRIAL

    command = [sys.executable, "-m", "codebase_server"]
    for root in service.served_roots():
        command += ["--root", str(root.path)]
    outcome = try_server(command, *TRIAL)
    step = "" if outcome.well else f"Start it by hand and read what it says: {' '.join(command)}"
    yield Finding("ok" if outcome.well else "bad", "live handshake", outcome.told, step)


def last_lines(file: Path, count: int) -> Sequence[str]:
    """The last lines of a text file; none when it cannot be read."""
    try:
        return file.read_text("utf-8", errors="replace").splitlines()[-count:]
    except OSError:
        return []
