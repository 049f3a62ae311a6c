"""`workflow-server web`: one process per user that serves every project on loopback until it is stopped."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import json
import os
import socket
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

from bridge.agreed import endpoint, limits, proof
from bridge.agreed.errors import TandemError
from bridge.hosting import logs
from bridge.hosting.life import Lifetime
from bridge.loopback.guard import Guard
from bridge.loopback.serving import server as loopback_server
from bridge.loopback.sockets import HOST, listening
from bridge.loopback.tokens import session_of, user_token
from workflow_server.doors.application import Application
from workflow_server.doors.mcp.server import make_server
from workflow_server.doors.persons import person
from workflow_server.doors.rest.app import make_app
from workflow_server.doors.rest.login import COOKIE, PATH, SignInPage, Tickets
from workflow_server.doors.version import version
from workflow_server.records import Actor
from workflow_server.settings import Settings

_ASK_SECONDS = 2.0


def serve_web(settings: Settings, *, open_browser: bool = False, as_json: bool = False) -> int:
    """Serve until signalled; answer the exit code. If this user's web server already runs, print a
    link to it.

    :raises TandemError: ``port_in_use`` when something else holds the port.
    """
    logs.configure("workflow-web", level=settings.log_level)
    limits.share_freed_memory()
    running = endpoint.read_own(endpoint.file_of("workflow"))
    if running and running.data_dir_id == data_dir_id(settings.data_dir):
        link = _link_from(running)
        if link:
            query, told = asyncio.run(_asked_for(settings))
            already = f"Already served by process {running.pid}{told}."
            _announce(f"{link}{query}", running.pid, already, open_browser, as_json)
            return 0
    return _Web(settings).serve(open_browser, as_json)


def data_dir_id(folder: Path) -> str:
    """A short name of a data folder, for telling servers of different folders apart."""
    return hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:16]


class _Web:
    """The bound socket, the application behind its guard, and the endpoint file, for as long as it serves."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._socket = _listening(settings.port)
        self._url = f"http://{HOST}:{self._socket.getsockname()[1]}"
        self._token = "" if settings.no_token else user_token()
        self._session = session_of(self._token, "workflow") if self._token else ""
        self._tickets = Tickets(self._session)

    def serve(self, open_browser: bool, as_json: bool) -> int:
        application = Application(self._settings)
        app = make_app(application, make_server(application), self._tickets.routes())
        guard = Guard(
            app,
            token=self._token,
            session=(COOKIE, self._session) if self._session else None,
            open_paths=lambda path: path == PATH,
        )
        server = loopback_server(SignInPage(guard))
        file = endpoint.file_of("workflow")
        life = Lifetime()
        life.on_end("endpoint file", lambda: endpoint.remove(file))
        folder_id = data_dir_id(self._settings.data_dir)
        scheme = proof.SCHEME if self._token else ""
        told = endpoint.Endpoint(self._url, self._token, os.getpid(), folder_id, proof=scheme)
        endpoint.write(file, told)
        life.follow_signals(server.stop)
        query = f"?ticket={self._tickets.new()}" if self._token else ""
        link = f"{self._url}{PATH}{query}" if query else self._url
        _announce(link, os.getpid(), "serving; stop with Ctrl-C.", open_browser, as_json)
        try:
            server.run(sockets=[self._socket])
        finally:
            endpoint.remove(file)
        life.end("stopped", life.code)
        return life.code


def _listening(port: int) -> socket.socket:
    try:
        return listening(port)
    except OSError as error:
        raise TandemError(
            "port_in_use",
            f"Port {port} on {HOST} cannot be taken: {error.strerror or error}.",
            "Stop what holds it, or choose another with --port (0 takes a free one).",
        ) from error


def _link_from(running: endpoint.Endpoint) -> str:
    """A fresh link of a server that already runs; empty when it does not answer."""
    if not running.alive:
        return ""
    place = urlsplit(running.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=_ASK_SECONDS)
    try:
        connection.connect()
        if not _proved(running, connection):
            return ""
        connection.request("POST", "/mcp/tickets", b"", {"Authorization": f"Bearer {running.token}"})
        path = json.loads(connection.getresponse().read(10_000))["path"]
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return ""
    finally:
        connection.close()
    return f"{running.url}{path}"


async def _asked_for(settings: Settings) -> tuple[str, str]:
    """What a link of a server that already runs needs to lead to the project of this command, which is
    made where it is missing, and how to say so: the server's own may be another.
    """
    application = Application(settings)
    call = application.call(Actor(settings.actor or person(), f"workflow-server {version()}", "cli"))
    service = application.service
    try:
        name = await service.resolve_project(call, writing=True)
    except TandemError as error:
        if error.code == "project_unresolved":
            told = "; no project is named and this folder is in no repository, so the board shows its own"
            return "", f"{told} (--project NAME opens another)"
        if error.code != "project_archived":
            raise
        name = await service.resolve_project(call)  # it can still be looked at
    finally:
        await service.close()
    return f"&project={quote(name, safe='')}", f", here with project '{name}'"


def _proved(running: endpoint.Endpoint, connection: http.client.HTTPConnection) -> bool:
    """Whether it is the server that wrote the file, and not who took its port when it was killed.

    Nothing is sent afterwards on another connection than this one.
    """
    connection.auto_open = 0
    if not running.proof:
        return True  # a server of an earlier release
    if running.proof != proof.SCHEME:
        return False
    return proof.given_on(connection.sock, running.token, _ASK_SECONDS)


def _announce(link: str, pid: int, told: str, open_browser: bool, as_json: bool) -> None:
    """The link on stdout, alone on its line, so that it can be piped; the rest on stderr."""
    sys.stderr.write(f"{told} Open:\n")
    sys.stderr.flush()
    sys.stdout.write(f"{json.dumps({'link': link, 'pid': pid}) if as_json else link}\n")
    sys.stdout.flush()
    if open_browser:
        import webbrowser

        webbrowser.open(link)
