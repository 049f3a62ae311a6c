"""`setup`: this server in the settings of MCP hosts. Shows the exact change, asks, backs up, writes,
tries it.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from bridge.agreed.errors import TandemError, did_you_mean
from bridge.hosts import change, known
from workflow_server.doors.cli import DONE, NOT_FOUND, REFUSED
from workflow_server.doors.cli.output import say
from workflow_server.doors.cli.trial import try_server

SERVER_NAME = "workflow"


CARRIED = {"project": "--project", "data_dir": "--data-dir", "actor": "--actor"}
"""Flags given to `setup` that the server is then started with."""


def launch(flags: Mapping[str, object] | None = None) -> known.Launch:
    """How a host starts this installation: the console command beside this interpreter, by absolute path,
    with those of `flags` that a server should keep.
    """
    kept = [(option, (flags or {}).get(name)) for name, option in CARRIED.items()]
    given = tuple(part for option, value in kept if value is not None for part in (option, str(value)))
    found = _program()
    return known.Launch(found.name, found.command, (*found.arguments, *given))


def _program() -> known.Launch:
    beside = Path(sys.executable).with_name("workflow-server.exe" if os.name == "nt" else "workflow-server")
    if beside.exists():
        return known.Launch(SERVER_NAME, str(beside))
    found = shutil.which("workflow-server")
    if found:
        return known.Launch(SERVER_NAME, str(Path(found).absolute()))
    return known.Launch(SERVER_NAME, sys.executable, ("-m", "workflow_server"))


def run(
    keys: Sequence[str], flags: Mapping[str, object], *, only_print: bool, remove: bool, yes: bool
) -> int:
    """Set up the named hosts, or each that is installed; answer the exit code."""
    around = known.this_machine(os.environ, Path.cwd())
    hosts = [_named(key) for key in keys] or known.installed(around)
    if not hosts:
        say("No MCP host found here. Known: " + ", ".join(host.key for host in known.HOSTS))
        return NOT_FOUND
    started = launch(flags)
    written = False
    for host in hosts:
        wanted = (
            change.removing(host, started.name, around) if remove else change.adding(host, started, around)
        )
        if not wanted.needed:
            say(f"{host.title}: nothing to change in {wanted.file}")
            continue
        say(f"{host.title}:\n{wanted.diff()}")
        if only_print:
            continue
        if not yes and not click.confirm(f"Write this to {wanted.file}?", default=False):
            say("left as it is")
            continue
        backup = wanted.write()
        say(f"written; {f'before: {backup}' if backup else 'the file is new'}. {host.afterwards}")
        written = True
    # every host starts the same command, so it is tried once
    return _tried(started) if written and not remove else DONE


def _named(key: str) -> known.Host:
    found = known.host(key)
    if found is None:
        keys = [host.key for host in known.HOSTS]
        raise TandemError(
            "host_not_found",
            f"`{key}` is not a known host.{did_you_mean(key, keys)}",
            f"Hosts: {', '.join(keys)}.",
        )
    return found


def _tried(started: known.Launch) -> int:
    outcome = try_server([started.command, *started.arguments])
    say(f"tried: {outcome.told}")
    return DONE if outcome.well else REFUSED
