"""The two HTTP doors, asked by whoever is not meant to ask, and in ways that nobody should."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from bench.fuzz.values import TEXTS
from tests.scenarios.conftest import Server, World, run_git

from bridge.loopback.tokens import session_of

pytestmark = pytest.mark.timeout(300)
CODEBASE_POSTS = (
    "/mcp/search",
    "/mcp/chunks",
    "/mcp/symbols",
    "/mcp/outline",
    "/mcp/index",
    "/mcp/chunks/resolve",
)
CODEBASE_GETS = ("/mcp/index", "/mcp/chunks/c_aaaaaaaaaaaa", "/health", "/metrics", "/openapi.json")
WORKFLOW_POSTS = (
    "/mcp/work_items",
    "/mcp/work_items/batch",
    "/mcp/work_items/claim",
    "/mcp/undo",
    "/mcp/references/check",
    "/mcp/projects",
    "/mcp/tickets",
)
WORKFLOW_GETS = (
    "/",
    "/mcp/work_items",
    "/mcp/history",
    "/mcp/types",
    "/mcp/statistics",
    "/mcp/projects",
    "/health",
)
EVERYTHING = [
    *(("codebase", "POST", path) for path in (*CODEBASE_POSTS, "/mcp")),
    *(("codebase", "GET", path) for path in CODEBASE_GETS),
    *(("workflow", "POST", path) for path in (*WORKFLOW_POSTS, "/mcp")),
    *(
        ("workflow", "GET", path)
        for path in (*WORKFLOW_GETS, "/metrics", "/openapi.json", "/board/board.css", "/mcp/events")
    ),
]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    world = World(tmp_path_factory.mktemp("doors"))
    world.repository.mkdir()
    run_git(world.repository, "init", "-q", "-b", "main")
    world.write("src/main.py", "def main() -> int:\n    return 0\n")
    world.commit("first")
    secret = world.folder / "secret.txt"
    secret.write_text("the secret of the folder above\n")
    (world.repository / "link.txt").symlink_to(secret)
    yield {"codebase": world.start_codebase(), "workflow": world.start_workflow()}
    for server in world.started:
        server.end()


def ask(
    server: Server, method: str, path: str, body: bytes | None = None, **headers: str | None
) -> tuple[int, dict[str, str], bytes]:
    """One request with exactly these bytes and headers, and the token unless told otherwise."""
    parts = urlsplit(server.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    sent: dict[str, str | None] = {"Authorization": f"Bearer {server.token}", "Host": parts.netloc}
    sent |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in sent.items():
        if value is not None:
            connection.putheader(name, value.encode("latin-1"))
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    content = b"" if answer.headers.get_content_type() == "text/event-stream" else answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content


def is_decent(status: int, content: bytes) -> bool:
    """No failure of the server's own, and nothing of its inside."""
    inside = (b"Traceback", b"site-packages", b"src/bridge", b"src/codebase_server", b"src/workflow_server")
    return status < 500 and not any(sign in content for sign in inside)


@pytest.mark.parametrize(("name", "method", "path"), EVERYTHING)
def test_a_web_page_gets_nothing_whatever_it_tries(
    servers: dict[str, Server], name: str, method: str, path: str
) -> None:
    """DNS rebinding, a foreign origin, a sandboxed frame's null origin, and the types a form can send."""
    server = servers[name]
    port = urlsplit(server.url).port
    body = b'{"title": "planted", "query": "x"}' if method == "POST" else None
    assert ask(server, method, path, body, host=f"evil.example:{port}")[0] == 421
    assert ask(server, method, path, body, host=f"127.0.0.1.evil.example:{port}")[0] == 421
    for origin in ("https://evil.example", "null", "http://localhost:1", f"https://127.0.0.1:{port}"):
        assert ask(server, method, path, body, origin=origin)[0] == 403
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert ask(server, method, path, body, authorization=None, content_type=kind)[0] == 401
    status, headers, _ = ask(server, "OPTIONS", path, origin="https://evil.example")
    assert status == 403
    assert not any(name.startswith("access-control") for name in headers)


@pytest.mark.parametrize(("name", "method", "path"), EVERYTHING)
def test_no_token_and_no_guess_gets_in(servers: dict[str, Server], name: str, method: str, path: str) -> None:
    server = servers[name]
    token = server.token
    body = b"{}" if method == "POST" else None
    for guess in (
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer null",
        f"Bearer {token[:-1]}",
        f"Bearer {token}x",
        f"Basic {token}",
        f"Bearer {token.lower()}x",
        "Bearer \xff\xfe",
        f"Bearer {token} {token}",
    ):
        status, _, content = ask(server, method, path, body, authorization=guess)
        assert status == 401, guess
        assert token.encode() not in content
    for cookie in (
        "tandem_workflow=",
        f"tandem_workflow={token}",
        f"tandem_workflow={session_of(token, 'workflow')[:-1]}",
        f"tandem_workflow={session_of(token, 'codebase')}",
        f"other={token}",
        "tandem_workflow=\xff",
    ):
        assert ask(server, method, path, body, authorization=None, cookie=cookie)[0] == 401


@pytest.mark.parametrize("name", ["codebase", "workflow"])
def test_a_websocket_is_not_opened(servers: dict[str, Server], name: str) -> None:
    upgrade = {
        "upgrade": "websocket",
        "connection": "Upgrade",
        "sec_websocket_version": "13",
        "sec_websocket_key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    for path in ("/", "/mcp", "/mcp/events", "/mcp/search"):
        assert ask(servers[name], "GET", path, None, authorization=None, **upgrade)[0] in (401, 403)
        assert ask(servers[name], "GET", path, None, **upgrade)[0] != 101


def test_a_token_guesser_gets_one_answer_and_locks_nobody_out(servers: dict[str, Server]) -> None:
    """300 guesses in a row are all refused alike, and leave the door open to its owner."""
    server = servers["workflow"]
    for number in range(300):
        assert ask(server, "GET", "/health", authorization=f"Bearer {number:043d}")[0] == 401
    assert ask(server, "GET", "/health")[0] == 200


TRAVERSALS = [
    "../secret.txt",
    "..%2fsecret.txt",
    "%2e%2e/secret.txt",
    "%2e%2e%2fsecret.txt",
    "%252e%252e%252fsecret.txt",
    "..%c0%afsecret.txt",
    "..\\secret.txt",
    "..%5csecret.txt",
    "src/../../secret.txt",
    "/secret.txt",
    "//secret.txt",
    "....//secret.txt",
    "link.txt",
    "./link.txt",
    "src/../link.txt",
    "secret.txt\0",
    "..;/secret.txt",
    "\u2025/secret.txt",
    "\uff0e\uff0e/secret.txt",
    "0" * 300,
    "../" * 2_000 + "secret.txt",
    "con",
    "nul.txt",
    "src/aux.py",
    "com1:",
    "secret.txt::$DATA",
    "C:\\secret.txt",
    "C:secret.txt",
    "\\\\127.0.0.1\\share\\secret.txt",
    "//127.0.0.1/share/secret.txt",
    "\\\\?\\C:\\secret.txt",
    "\\\\.\\pipe\\x",
    "file:///etc/passwd",
    "/proc/self/environ",
    "/dev/stdin",
    "~/secret.txt",
    "$HOME/secret.txt",
    "..%25%35%63secret.txt",
    "%ff%fe",
    "..%e0%80%afsecret.txt",
]


@pytest.mark.parametrize("path", TRAVERSALS)
def test_no_path_leads_out_of_the_root(servers: dict[str, Server], path: str) -> None:
    server = servers["codebase"]
    for route, field, more in (
        ("/mcp/outline", "path", {}),
        ("/mcp/search", "path", {"query": "secret"}),
        ("/mcp/symbols", "path", {"name": "secret"}),
        ("/mcp/outline", "root", {}),
    ):
        status, _, content = ask(server, "POST", route, json.dumps({field: path, **more}).encode())
        assert is_decent(status, content)
        assert b"of the folder above" not in content
    reference = {"references": [{"ref": f"{path}:1", "root": str(server.log.parent / "repository")}]}
    status, _, content = ask(server, "POST", "/mcp/chunks/resolve", json.dumps(reference).encode())
    assert is_decent(status, content)
    assert b"of the folder above" not in content
    raw = path.replace("\0", "%00").encode("utf-8", "replace").decode("latin-1").replace(" ", "%20")
    for name, before in (
        ("codebase", "/mcp/chunks/"),
        ("workflow", "/board/"),
        ("workflow", "/mcp/work_items/"),
        ("workflow", "/"),
    ):
        status, _, content = ask(servers[name], "GET", quote(before + raw, safe="/%.\\;"))
        assert is_decent(status, content)
        assert b"of the folder above" not in content


STRINGS = [text for text in TEXTS if len(text) <= 5000]


def test_no_text_breaks_codebase_server(servers: dict[str, Server]) -> None:
    for text in STRINGS:
        for route, body in (
            ("/mcp/search", {"query": text}),
            ("/mcp/search", {"query": "x", "path": text, "language": text}),
            ("/mcp/symbols", {"name": text}),
            ("/mcp/chunks", {"chunk_ids": [text], "diff_from": text}),
            ("/mcp/outline", {"path": text}),
            ("/mcp/chunks/resolve", {"references": [{"ref": text, "root": text}]}),
        ):
            status, _, content = ask(servers["codebase"], "POST", route, json.dumps(body).encode())
            assert is_decent(status, content), (route, text[:60], content[:300])
        escaped = quote(text.encode("utf-8", "surrogatepass")[:500], safe="")
        status, _, content = ask(servers["codebase"], "GET", f"/mcp/chunks/{escaped}?root={escaped}")
        assert is_decent(status, content), (text[:60], content[:300])


def test_no_text_breaks_workflow_server_and_each_comes_back_as_it_was(servers: dict[str, Server]) -> None:
    """SQL, full-text syntax, markup, NUL, direction marks: data, stored whole or refused in words."""
    server = servers["workflow"]
    stored = 0
    for text in STRINGS:
        status, _, content = ask(
            server,
            "POST",
            "/mcp/work_items",
            json.dumps(_item(text)).encode(),
            content_type="application/json",
        )
        assert is_decent(status, content), (text[:60], content[:300])
        if status == 201:
            stored += 1
            item = json.loads(content)
            assert (item["title"], item["description"]) == (f"t{text}", text)
        escaped = quote(text.encode("utf-8", "surrogatepass")[:500], safe="")
        for name in (
            "text",
            "label",
            "assignee",
            "similar_to",
            "reference",
            "cursor",
            "sort",
            "metadata",
            "item_type",
            "status",
            "parent_id",
            "limit",
            "project",
        ):
            status, _, content = ask(server, "GET", f"/mcp/work_items?{name}={escaped}")
            assert is_decent(status, content), (name, text[:60], content[:300])
        for path in (
            f"/mcp/work_items/{escaped}",
            f"/mcp/work_items/{escaped}/history?since={escaped}",
            f"/mcp/history?limit={escaped}",
        ):
            status, _, content = ask(server, "GET", path)
            assert is_decent(status, content), (path[:60], content[:300])
    assert stored > 20
    listed = json.loads(ask(server, "GET", "/mcp/work_items?limit=1")[2])
    assert listed["total_count"] == stored, "no statement inside a text was ever run"


def _item(text: str) -> dict[str, Any]:
    return {
        "title": f"t{text}",
        "description": text,
        "labels": [text] if text.strip() else [],
        "assignee": text,
        "entity_references": [text] if text.strip() else [],
        "metadata": {"k": text},
    }


@pytest.mark.parametrize("name", ["codebase", "workflow"])
def test_no_body_breaks_a_route(servers: dict[str, Server], name: str) -> None:
    bodies = (
        b"",
        b"null",
        b"[]",
        b"0",
        b'"x"',
        b"{",
        b"\xff\xfe",
        b"\0",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"title": 1e999}',
        b'{"title": NaN}',
        b'{"title": "\\ud800"}',
        b'{"query": "\\ud800"}',
        b'{"title":"x","title":"y"}',
        b"9" * 5000,
        b'{"priority": ' + b"9" * 5000 + b"}",
    )
    for path in CODEBASE_POSTS if name == "codebase" else WORKFLOW_POSTS:
        for body in bodies:
            status, _, content = ask(servers[name], "POST", path, body, content_type="application/json")
            assert is_decent(status, content), (path, body[:40], content[:300])
        for header in (
            {"if_match": '"²"'},
            {"if_match": "9" * 5000},
            {"content_type": "application/json; charset=nonsense"},
            {"last_event_id": "²"},
            {"x_tandem_actor": "\xff" * 300},
            {"idempotency_key": "\xe9" * 300},
            {"user_agent": "\xff"},
        ):
            status, _, content = ask(servers[name], "POST", path, b"{}", **header)
            assert is_decent(status, content), (path, header, content[:300])


@pytest.mark.parametrize("name", ["codebase", "workflow"])
def test_a_body_without_end_is_cut_off(servers: dict[str, Server], name: str) -> None:
    server = servers[name]
    path = "/mcp/search" if name == "codebase" else "/mcp/work_items"
    told = {"content_type": "application/json", "content_length": "9000000"}
    assert ask(server, "POST", path, None, **told)[0] == 413, "what is announced is not even read"
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30) as raw:
        head = f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {server.token}\r\n"
        raw.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        with contextlib.suppress(OSError):  # it may hang up before all is sent
            for _ in range(10):
                raw.sendall(b"100000\r\n" + b" " * 0x100000 + b"\r\n")
            raw.sendall(b"0\r\n\r\n")
            assert raw.recv(100).startswith(b"HTTP/1.1 413")
    assert ask(servers[name], "GET", "/health")[0] == 200


@pytest.mark.parametrize("name", ["codebase", "workflow"])
def test_who_hangs_up_in_the_middle_of_a_body_is_no_error_of_the_server(
    servers: dict[str, Server], name: str
) -> None:
    """Else `doctor` would tell of an error, and a log be filled, by whoever wishes it."""
    server = servers[name]
    path = "/mcp/search" if name == "codebase" else "/mcp/work_items"
    parts = urlsplit(server.url)
    head = f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {server.token}\r\n"
    for rest in ("Content-Length: 40\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n-1\r\n{\r\n0\r\n\r\n"):
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30) as raw:
            raw.sendall((head + rest).encode())
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(1 << 16):
                pass
    assert ask(server, "GET", "/health")[0] == 200
    logged = [*server.log.parent.glob("home/**/*.log"), server.log]
    assert len(logged) > 1
    for log in logged:
        assert "Traceback" not in log.read_text(), log


def test_a_simple_content_type_cannot_write_even_with_a_cookie(servers: dict[str, Server]) -> None:
    """A form posts without the browser's permission; where no origin is told, its type gives it away."""
    server = servers["workflow"]
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        status, _, _ = ask(
            server,
            "POST",
            "/mcp/work_items",
            b'{"title": "planted"}',
            authorization=None,
            cookie=f"tandem_workflow={session_of(server.token, 'workflow')}",
            content_type=kind,
        )
        assert status == 415


def test_what_a_browser_keeps_opens_one_door_and_is_not_the_token(servers: dict[str, Server]) -> None:
    """A browser shows its cookies to every port of a host: another user's web server may read them."""
    server = servers["workflow"]
    ticket = json.loads(ask(server, "POST", "/mcp/tickets")[2])["path"]
    kept = ask(server, "GET", ticket, authorization=None)[1]["set-cookie"]
    name, _, session = kept.partition(";")[0].partition("=")
    assert server.token not in kept
    assert ask(server, "GET", "/mcp/work_items", authorization=None, cookie=f"{name}={session}")[0] == 200
    for door in servers.values():
        assert ask(door, "GET", "/health", authorization=f"Bearer {session}")[0] == 401
    for site in ("same-site", "cross-site"):
        shown = f"{name}={session}"
        asked = ask(server, "GET", "/mcp/work_items", authorization=None, cookie=shown, sec_fetch_site=site)
        assert asked[0] == 401
    codebase = servers["codebase"]
    assert ask(codebase, "GET", "/health", authorization=None, cookie=f"{name}={session}")[0] == 401


def test_a_slow_sender_keeps_nobody_else_waiting(servers: dict[str, Server]) -> None:
    server = servers["workflow"]
    parts = urlsplit(server.url)
    slow = [http.client.HTTPConnection(parts.hostname or "", parts.port) for _ in range(40)]
    for connection in slow:
        connection.putrequest("POST", "/mcp/work_items")
        connection.putheader("Authorization", f"Bearer {server.token}")
        connection.putheader("Content-Length", "1000")
        connection.endheaders(b"{")
    started = time.monotonic()
    assert ask(server, "GET", "/health")[0] == 200
    assert time.monotonic() - started < 10
    for connection in slow:
        connection.close()
