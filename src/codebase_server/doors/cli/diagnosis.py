"""What `doctor` looks at that only this server has: its indexes and its door."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from bridge.agreed import endpoint
from bridge.agreed.errors import TandemError
from bridge.doctor import Finding, machine
from bridge.doctor.finding import of_error
from bridge.doctor.report import Check
from codebase_server import __version__
from codebase_server.doors.cli.installation import TRIAL
from codebase_server.service import CodebaseService
from codebase_server.service.unindexed import why_empty
from codebase_server.settings import APPLICATION, Settings

NOTHING_FOUND = "a-search-finds-nothing-or-not-what-is-there"


def checks(settings: Settings, service: CodebaseService, *, live: bool) -> list[tuple[str, Check]]:
    """All checks, in the order of a start: interpreter, folders, index, door, hosts, log, handshake."""
    listed: list[tuple[str, Check]] = [
        ("program", lambda: machine.program(APPLICATION, __version__, "codebase_server")),
        ("folders", lambda: machine.folders(settings.data_dir)),
        ("root", lambda: _indexes(service)),
        ("loopback door", lambda: _door(settings)),
        ("hosts", lambda: machine.hosts("codebase", APPLICATION)),
        ("log", lambda: [machine.log(APPLICATION)]),
    ]
    if live:
        listed.append(("live handshake", lambda: [machine.handshake(_command(service), TRIAL)]))
    return listed


def _indexes(service: CodebaseService) -> Iterator[Finding]:
    try:
        served = {root.path for root in service.served_roots()}
        service.opened(None)
    except TandemError as problem:
        served = set()
        yield of_error(problem, "root", "warn")
    for root in service.roots():
        name = f"index of {root.path.name}"
        if not root.path.is_dir():
            step = f"Run `codebase-server forget {root.path}`."
            yield Finding("warn", name, f"{root.path} is gone", step, "root_not_found")
            continue
        try:
            answer = service.index_status(root=str(root.path))
        except TandemError as problem:
            yield of_error(problem, name)
            continue
        index = answer["index"]
        where = "" if root.path in served else " (another root of this data folder)"
        detail = (
            f"{root.path}{where}: {answer['state']}, {index['files']:,} files, {index['chunks']:,} chunks, "
            f"{answer['database_bytes'] / 1e6:.1f} MB, embedder {answer['embedder']}"
        )
        step = f"Run `codebase-server index --root {root.path}`."
        if answer["last_error"]:
            told = f"{detail}; last error: {answer['last_error']}"
            yield Finding("bad", name, told, step, NOTHING_FOUND)
        elif not index["files"] and answer["state"] == "ready":
            skipped = {row["reason"]: row["count"] for row in answer["skipped"]}
            told = f"{detail}. {why_empty(str(root.path), skipped)}"
            step = "Nothing, if it is meant to be empty; else see what is left out: `codebase-server status`."
            yield Finding("warn", name, told, step, NOTHING_FOUND)
        elif not index["files"]:
            yield Finding("warn", name, f"{detail}: nothing is indexed yet", step, NOTHING_FOUND)
        else:
            yield Finding("ok", name, detail)


def _door(settings: Settings) -> Iterator[Finding]:
    if not settings.http:
        lost = "Nothing, if this is meant: workflow tools cannot check references without it."
        yield Finding("warn", "loopback door", "switched off", lost, "code_search_unavailable")
        return
    yield from machine.doors("codebase")
    if not any(one.alive for one in endpoint.read_all("codebase")):
        yield machine.port(
            settings.port,
            free="free; no codebase-server is running",
            held="held by another program: a running codebase-server would take a free port",
            step="Nothing, or choose another with --port.",
        )


def _command(service: CodebaseService) -> list[str]:
    roots = [part for root in service.served_roots() for part in ("--root", str(root.path))]
    return [sys.executable, "-m", "codebase_server", *roots]
