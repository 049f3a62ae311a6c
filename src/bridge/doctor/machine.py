"""What any of our servers needs of its machine: each check gives findings."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import socket
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from bridge.agreed import endpoint, places, programs, proof, settings
from bridge.doctor.finding import Finding

LOW_DISK_BYTES: Final = 500_000_000
"""Free space below which an index of a large repository, or a backup, may not fit."""
LAST_LINES: Final = 200
"""How much of the log is looked at for recent errors."""
LAST_ERRORS: Final = 5
_LINE_CHARS: Final = 300
PROOF_SECONDS: Final = 2.0
"""How long a door may take to prove itself; a busy one takes milliseconds."""

DISCONNECTED: Final = "the-host-says-server-disconnected"
PORT_TAKEN: Final = "port-8020-or-8010-is-taken"


def program(name: str, version: str, package: str) -> Iterator[Finding]:
    """Which installation this is, and what it stands on. ``package`` is the name of the server's package."""
    folder = Path(str(sys.modules[package].__file__)).parent
    yield Finding("ok", name, f"{version} in {folder}")
    yield Finding("ok", "python", f"{platform.python_version()} at {sys.executable} on {platform.platform()}")
    yield Finding("ok", "mcp sdk", importlib.metadata.version("mcp"))
    yield Finding("ok", "sqlite", sqlite3.sqlite_version)
    try:
        yield Finding("ok", "git", programs.program("git"))
    except FileNotFoundError:
        lost = "not on PATH: repositories are read by their ignore rules alone, and no commit is known"
        yield Finding("warn", "git", lost, "Install git, and start the host again.", "git-is-not-found")
    file = places.config_file()
    strange = settings.unknown(file)
    if strange:
        told = f"{file}: {' '.join(strange)}"
        yield Finding(
            "warn", "settings file", told, "Correct it there: it has no effect.", "invalid_settings"
        )
    else:
        yield Finding("ok", "settings file", str(file) if file.exists() else f"{file} (not there: defaults)")
    for told in settings.misspelt(os.environ):
        step = "Correct its name where it is set: it has no effect."
        yield Finding("warn", "environment", told, step, "invalid_settings")


def folders(data: Path) -> Iterator[Finding]:
    """Whether the data folder and the runtime folder can be written, and how much room there is."""
    for name, folder in (("data folder", data), ("runtime folder", places.runtime_folder())):
        standing = next((one for one in (folder, *folder.parents) if one.exists()), folder)
        if not standing.is_dir() or not os.access(standing, os.W_OK):
            step = "Correct its owner and mode, or choose another with --data-dir."
            yield Finding(
                "bad",
                name,
                f"{folder} cannot be written" if standing.is_dir() else f"{standing} is no folder",
                step,
                "a-folder-cannot-be-written",
            )
            continue
        free = shutil.disk_usage(standing).free
        detail = f"{folder}, {free / 1e9:.1f} GB free"
        if free < LOW_DISK_BYTES:
            step = "Free some disk space; `codebase-server gc` drops old code."
            yield Finding("warn", name, detail, step, "disk_full")
        else:
            yield Finding("ok", name, detail)


def doors(of: endpoint.Program) -> Iterator[Finding]:
    """The doors whose endpoint files lie in the runtime folder: who holds them, and whether they live."""
    folder = places.runtime_folder()
    for file in (endpoint.file_of(of), *sorted(folder.glob(f"{of}-endpoint.*.json"))):
        found = endpoint.read(file)
        if found is not None and found.alive:
            yield _door(file, found)
        elif found is not None:
            gone = f"{found.url} by process {found.pid}, which is gone"
            step = "Nothing: the next server to start takes over."
            yield Finding("warn", file.name, gone, step, PORT_TAKEN)
        elif file.exists():
            step = f"Remove {file}; the server that holds the door writes it anew."
            yield Finding("warn", file.name, "half-written, or no endpoint file", step, PORT_TAKEN)


def _door(file: Path, told: endpoint.Endpoint) -> Finding:
    """Whether who listens at a door proves to be the server that wrote its file, where it said it can."""
    detail = f"{told.url} by process {told.pid}"
    if told.proof != proof.SCHEME or endpoint.read_own(file) != told:
        return Finding("ok", file.name, detail)
    proved = proof.of_door(told.url, told.token, PROOF_SECONDS)
    if proved:
        return Finding("ok", file.name, detail)
    if proved is None:
        lost = f"{detail}, but nobody listens there: that server was killed, or is about to listen"
        return Finding("warn", file.name, lost, "Nothing: the next server to start takes over.", PORT_TAKEN)
    lost = f"{detail}, but who listens there does not prove to be that server: it is told nothing"
    step = f"If the server does not answer, remove {file}; the next server to start takes a free port."
    return Finding("warn", file.name, lost, step, PORT_TAKEN)


def port(number: int, *, free: str, held: str, step: str) -> Finding:
    """Whether the agreed loopback port can be had. ``free`` and ``held`` say what follows from it."""
    with socket.socket() as probe:
        if os.name == "posix":  # as the servers bind: a connection that ended just now does not count
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            return Finding("warn", f"port {number}", held, step, PORT_TAKEN)
    return Finding("ok", f"port {number}", free)


def hosts(name: str, command: str) -> Iterator[Finding]:
    """What the hosts of this machine were told of server ``name``: the first place to look when one says
    "disconnected".
    """
    from bridge.hosts.entries import entries
    from bridge.hosts.known import this_machine

    told = list(entries(name, this_machine(os.environ, Path.cwd())))
    for one in told:
        if one.problem:
            yield Finding("bad", one.host, f"{one.file} {one.problem}", one.remedy, DISCONNECTED)
        else:
            yield Finding("ok", one.host, f"{one.file} starts {one.command}")
    if not told:
        yield Finding("ok", "hosts", f"none was told of this server yet: `{command} setup` does")


def log(name: str) -> Finding:
    """Whether the log of program ``name`` has recent errors."""
    errors = last_errors(name)
    if not errors:
        return Finding("ok", "log", f"{log_file(name)}: no recent error")
    step = "The lines around it tell more; `--bundle FILE` makes a report to attach to an issue."
    return Finding("warn", "log", f"{log_file(name)}: {errors[-1]}", step, "internal_error")


def log_file(name: str) -> Path:
    """Where program ``name`` logs."""
    return places.log_folder() / f"{name}.log"


def last_errors(name: str) -> list[str]:
    """The last errors among the last lines of the log, shortened, the newest last."""
    lines = last_lines(log_file(name), LAST_LINES)
    return [line[:_LINE_CHARS] for line in lines if " ERROR " in line or " CRITICAL " in line][-LAST_ERRORS:]


def last_lines(file: Path, count: int) -> list[str]:
    """The last lines of a text file; none when it cannot be read."""
    try:
        return file.read_text("utf-8", errors="replace").splitlines()[-count:]
    except OSError:
        return []


def handshake(command: Sequence[str], trial: tuple[str, dict[str, Any]]) -> Finding:
    """Launch the server as a host does and call one tool that only reads."""
    from bridge.hosting.trial import try_server

    outcome = try_server(command, *trial)
    if outcome.well:
        return Finding("ok", "live handshake", outcome.told)
    step = f"Start it by hand and read what it says: {' '.join(command)}"
    return Finding("bad", "live handshake", outcome.told, step, DISCONNECTED)
