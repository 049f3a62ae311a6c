"""What `doctor` looks at that only this server has: the project, the board's port, the way to the code."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from bridge.agreed import endpoint
from bridge.agreed.errors import TandemError
from bridge.agreed.wording import counted
from bridge.client.faults import Fault
from bridge.client.probe import Probe
from bridge.doctor import Finding, Report, machine
from bridge.doctor.finding import of_error
from bridge.doctor.report import Check, hidden_words
from workflow_server.doors.cli.group import flags_of
from workflow_server.doors.cli.installation import TRIAL, launch
from workflow_server.doors.cli.session import with_service
from workflow_server.doors.version import version
from workflow_server.records import Call
from workflow_server.service import WorkflowService
from workflow_server.settings import PROGRAM, Settings, load

_NO_PROJECT = frozenset({"project_unresolved", "project_not_found"})
"""A project that nobody chose or made yet keeps no server from working."""
_CHOOSE = (
    "Stand in a repository, which names its project, or choose one: `--project NAME`, in a host's settings "
    "too. `workflow-server project` lists them."
)


def begun(ctx: click.Context) -> tuple[Settings, Report]:
    """The settings of this invocation, and a report that hides who and what it is about."""
    settings = load(flags_of(ctx))
    hidden = hidden_words({"project": settings.project, "actor": settings.actor})
    return settings, Report(PROGRAM, settings.rows(), hidden=hidden)


def checks(ctx: click.Context, settings: Settings, report: Report, *, live: bool) -> list[tuple[str, Check]]:
    """All checks, in the order of a start: interpreter, folders, project, port, code, hosts, log, trial."""
    listed: list[tuple[str, Check]] = [
        ("program", lambda: machine.program(PROGRAM, version(), "workflow_server")),
        ("folders", lambda: machine.folders(settings.data_dir)),
        ("project", lambda: _project(ctx, report)),
        ("loopback door", lambda: _door(settings)),
        ("codebase-server", lambda: [_code(settings)]),
        ("hosts", lambda: machine.hosts("workflow", PROGRAM)),
        ("log", lambda: [machine.log(PROGRAM)]),
    ]
    if live:
        started = launch()
        command = [started.command, *started.arguments]
        listed.append(("live handshake", lambda: [machine.handshake(command, TRIAL)]))
    return listed


def _project(ctx: click.Context, report: Report) -> Iterator[Finding]:
    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        return await service.doctor(call)

    try:
        answer = with_service(ctx, work)
    except TandemError as error:
        if error.code in _NO_PROJECT:
            yield Finding("warn", "project", error.message, _CHOOSE, error.code)
        else:
            yield of_error(error, "project")
        return
    report.hidden.update(hidden_words({"project": answer["project"]}))
    if not Path(answer["file"]).exists():
        told = " ".join(answer["warnings"]) or f"{answer['project']}: none yet; the first item makes it"
        if "Did you mean" in told:
            yield Finding("warn", "project", told, _CHOOSE, "project_not_found")
        else:
            yield Finding("ok", "project", told)
        return
    items = counted(answer["items"], "item")
    counts = f"{items}, {answer['events']:,} events, {answer['size_bytes'] / 1e6:.1f} MB"
    yield Finding("ok", "project", f"{answer['project']}: {counts} in {answer['file']}")
    step = "Nothing is lost yet: `workflow-server backup`, then `workflow-server restore` of an earlier one."
    for problem in answer["problems"]:
        yield Finding("bad", "project file", problem, step, "project_damaged")
    if not answer["problems"]:
        sound = ", ".join(answer["checks"])
        yield Finding("ok", "project file", f"sound: {sound}")


def _door(settings: Settings) -> Iterator[Finding]:
    yield from machine.doors("workflow")
    if not any(one.alive for one in endpoint.read_all("workflow")):
        yield machine.port(
            settings.port,
            free="free; `workflow-server web` serves the board there",
            held="held by another program: `workflow-server web` cannot have it",
            step="Take another: `workflow-server web --port 0`.",
        )


def _code(settings: Settings) -> Finding:
    """Whether code can be asked about: asks, as a tool does."""
    if not settings.bridge:
        return Finding("ok", "codebase-server", "not asked: switched off by the setting bridge")
    probe = Probe(
        timeout_ms=settings.bridge_timeout, url=settings.codebase_url, token=settings.codebase_token
    )
    outcome = asyncio.run(probe.resolve([]))
    if not isinstance(outcome, Fault):
        count = len(probe.roots())
        return Finding("ok", "codebase-server", f"answers{f', for {count} roots' if count else ''}")
    if outcome.kind == "absent":
        told = "none is running: references are kept as given, and looked for when one does"
        return Finding("ok", "codebase-server", told)
    return Finding("warn", "codebase-server", outcome.reason, outcome.remedy, "code_search_unavailable")
