"""Asking a codebase-server that already runs, which has everything loaded that a command would wait for.

Only doors of this user's own data folder count, told by their endpoint files.
Whatever goes wrong, the answer is None and the command does the work itself.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlencode, urlsplit

from bridge.agreed import endpoint, proof
from bridge.agreed.endpoint import Endpoint
from codebase_server.service.roots import repository_around
from codebase_server.settings import Settings

CONNECT_S: Final = 0.1
PROOF_S: Final = 2.0
ANSWER_S: Final = 20.0
MOST_BYTES: Final = 64 * 1024 * 1024
"""Of an answer believed; fifty results with code are far below."""


def answer(
    settings: Settings, path: str, arguments: dict[str, Any], *, method: Literal["GET", "POST"] = "POST"
) -> dict[str, Any] | None:
    """What a running server answers to ``POST path``, or None when none can be asked.

    :param arguments: those that are None are left out; a ``GET`` has them in its query.
    """
    around = root(settings)
    if around is None or settings.sources.get("embedder", "default") != "default":
        return None
    data_dir_id = _data_dir_id(settings.data_dir)
    if not data_dir_id:
        return None
    for door in endpoint.read_all("codebase"):
        if door.data_dir_id != data_dir_id or not door.alive:
            continue
        if str(around) not in {one.root for one in door.roots}:
            continue
        if door.file is None or endpoint.read_own(door.file) != door:
            continue  # what another user may have put there is told nothing
        given = {name: value for name, value in arguments.items() if value is not None}
        found = _asked(door, method, path, {**given, "root": str(around)})
        if found is not None:
            return found
    return None


def root(settings: Settings) -> Path | None:
    """The one root that a command is about, as far as it is known without the store."""
    if len(settings.root) > 1:
        return None
    if settings.root:
        return Path(os.path.realpath(settings.root[0]))
    return repository_around(Path.cwd())


def _data_dir_id(folder: Path) -> str:
    """The name of the data folder, read without the store and its imports."""
    file = folder / "registry.sqlite3"
    if not file.exists():
        return ""
    try:
        connection = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
        try:
            row = connection.execute("SELECT value FROM meta WHERE name = 'data_dir_id'").fetchone()
        finally:
            connection.close()
    except sqlite3.Error:
        return ""
    return str(row[0]) if row else ""


def _asked(door: Endpoint, method: str, path: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """One HTTP request over a plain socket: an HTTP library alone would take a third of the time there is."""
    place = urlsplit(door.url)
    if place.hostname is None or place.port is None:
        return None
    content = json.dumps(arguments).encode() if method == "POST" else b""
    target = path if method == "POST" else f"{path}?{urlencode(arguments)}"
    head = (
        f"{method} {target} HTTP/1.1\r\nHost: {place.hostname}:{place.port}\r\n"
        f"Authorization: Bearer {door.token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    )
    try:
        with socket.create_connection((place.hostname, place.port), CONNECT_S) as connection:
            if door.proof and not _proved(door, connection):
                return None
            connection.settimeout(ANSWER_S)
            connection.sendall(head.encode("latin-1") + content)
            raw = bytearray()
            while len(raw) < MOST_BYTES and (part := connection.recv(1 << 16)):
                raw += part
    except OSError:
        return None
    return _parsed(bytes(raw))


def _proved(door: Endpoint, connection: socket.socket) -> bool:
    """Whether it is the server that wrote the file, and not who took its port when it was killed."""
    return door.proof == proof.SCHEME and proof.given_on(connection, door.token, PROOF_S)


def _parsed(raw: bytes) -> dict[str, Any] | None:
    head, _, content = raw.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 ") or b"transfer-encoding" in head.lower():
        return None
    try:
        found = json.loads(content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
