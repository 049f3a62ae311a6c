"""`doctor`: what a person needs when a host says that the server is disconnected.

Each check answers a line; a finding is a check that failed, with what to do next.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import sqlite3
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from bridge.agreed import places
from bridge.agreed.errors import TandemError
from bridge.hosting.redaction import redacted
from bridge.hosting.trial import try_server
from bridge.hosts.entries import entries
from bridge.hosts.known import this_machine
from workflow_server.doors.cli.group import flags_of
from workflow_server.doors.cli.installation import TRIAL, launch
from workflow_server.doors.cli.output import on_terminal
from workflow_server.doors.cli.session import with_service
from workflow_server.doors.version import version
from workflow_server.service import Call, WorkflowService
from workflow_server.settings import PROGRAM, Settings, load

_LAST_ERRORS = 5
_SCARCE_BYTES = 100_000_000


def examine(ctx: click.Context) -> dict[str, Any]:
    """Run every check. `checks` are (name, what was seen), `findings` sentences with the way out."""
    settings = load(flags_of(ctx))
    report = _Report()
    report.saw("version", version())
    report.saw("python", f"{platform.python_version()} {sys.executable}")
    report.saw("sqlite", sqlite3.sqlite_version)
    for name, value, source in settings.rows():
        report.saw(f"setting {name}", f"{value} ({source})")
    report.saw("settings file", _existing(places.config_file()))
    report.saw("log file", _existing(_log_file()))
    _data_folder(report, settings)
    _project(report, ctx)
    _port(report, settings)
    _endpoints(report)
    _hosts(report)
    started = launch()
    outcome = try_server([started.command, *started.arguments], *TRIAL)
    report.saw("handshake", outcome.told)
    if not outcome.well:
        report.found(f"A host cannot start the server: {outcome.told}. Try `{started.command}` by hand.")
    report.saw_errors(_last_errors())
    return report.answer()


def as_text(report: Mapping[str, Any]) -> str:
    """The report as lines; findings last, or that there are none."""
    lines = [f"{check['name']:24} {check['seen']}" for check in report["checks"]]
    if report["last_errors"]:
        lines += ["", "last errors in the log:", *report["last_errors"]]
    mark = "✗ " if on_terminal() else "- "
    findings = [mark + finding for finding in report["findings"]]
    return "\n".join([*lines, "", *(findings or ["Nothing wrong was found."])])


def write_bundle(report: Mapping[str, Any], target: Path) -> None:
    """The report as JSON without the user's name, folders or project, to attach to an issue."""
    text = json.dumps(report, ensure_ascii=False, indent=2)
    hidden: dict[str, str] = {}
    for seen in report["checks"]:
        if seen["name"] in ("setting project", "setting actor", "project") and not seen["seen"].startswith(
            "–"
        ):
            hidden[seen["seen"].split(" (")[0].split(":")[0]] = "<hidden>"
    target.write_text(redacted(text, hidden) + "\n", encoding="utf-8")


class _Report:
    def __init__(self) -> None:
        self._checks: list[dict[str, str]] = []
        self._findings: list[str] = []
        self._errors: list[str] = []

    def saw(self, name: str, seen: object) -> None:
        self._checks.append({"name": name, "seen": str(seen)})

    def found(self, finding: str) -> None:
        self._findings.append(finding)

    def saw_errors(self, lines: list[str]) -> None:
        self._errors = lines

    def answer(self) -> dict[str, Any]:
        return {"checks": self._checks, "findings": self._findings, "last_errors": self._errors}


def _existing(path: Path) -> str:
    return str(path) if path.exists() else f"{path} (not there)"


def _log_file() -> Path:
    return places.log_folder() / f"{PROGRAM}.log"


def _last_errors() -> list[str]:
    try:
        lines = _log_file().read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return [line[:300] for line in lines if " ERROR " in line or " CRITICAL " in line][-_LAST_ERRORS:]


def _data_folder(report: _Report, settings: Settings) -> None:
    folder = settings.data_dir
    report.saw("data folder", _existing(folder))
    standing = next((each for each in (folder, *folder.parents) if each.exists()), None)
    if standing is None or not os.access(standing, os.W_OK):
        report.found(f"{folder} cannot be written. Correct its mode, or choose another with --data-dir.")
        return
    free = shutil.disk_usage(standing).free
    report.saw("free disk", f"{free / 1e9:.1f} GB")
    if free < _SCARCE_BYTES:
        report.found(f"Only {free / 1e6:.0f} MB are free where {folder} is. Free some space.")


def _project(report: _Report, ctx: click.Context) -> None:
    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        return await service.doctor(call)

    try:
        answer = with_service(ctx, work)
    except TandemError as error:
        report.saw("project", f"– {error.message}")
        if error.code not in ("project_not_found", "project_required"):
            report.found(error.text)
        return
    size = answer["size_bytes"] / 1e6
    report.saw(
        "project", f"{answer['project']}: {answer['items']} items, {answer['events']} events, {size:.1f} MB"
    )
    report.saw("project file", answer["file"])
    for name, seen in answer["checks"].items():
        report.saw(f"check {name}", seen)
    for problem in answer["problems"]:
        report.found(problem)


def _hosts(report: _Report) -> None:
    for told in entries("workflow", this_machine(os.environ, Path.cwd())):
        report.saw(f"host {told.host}", f"{told.file} {told.problem or f'starts {told.command}'}")
        if told.problem:
            report.found(f"{told.host}: {told.file} {told.problem}. {told.remedy}")


def _port(report: _Report, settings: Settings) -> None:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        held = settings.port != 0 and probe.connect_ex(("127.0.0.1", settings.port)) == 0
    report.saw("web port", f"{settings.port} {'is in use' if held else 'is free'}")


def _endpoints(report: _Report) -> None:
    folder = places.runtime_folder()
    files = sorted(folder.glob("*-endpoint*.json")) if folder.exists() else []
    report.saw("runtime folder", _existing(folder))
    for file in files:
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            report.saw(file.name, f"{content['url']} by process {content['pid']}")
        except (OSError, ValueError, KeyError) as error:
            report.saw(file.name, f"unreadable: {error}")
            report.found(
                f"{file} is not an endpoint file. Remove it; the server that holds the door writes it anew."
            )
