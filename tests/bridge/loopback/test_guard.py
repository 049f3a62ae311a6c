"""Who is let in at a loopback door: by host, origin, token or cookie, and size. Asked as a server asks it."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from bridge.agreed import proof
from bridge.loopback.guard import Guard

TOKEN = "t" * 43


async def inner(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the whole body, as every route does, and say how long it was."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError("the client went away")
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    await PlainTextResponse(str(size))(scope, receive, send)


async def ask(
    headers: dict[str, str], *, path: str = "/mcp", body: tuple[bytes, ...] = (b"",), **options: Any
) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers of the answer."""
    sent: list[Message] = []
    parts = list(body)

    async def receive() -> Message:
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: Message) -> None:
        sent.append(message)

    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": path, "headers": raw, "query_string": b""}
    await Guard(inner, token=TOKEN, **options)(scope, receive, send)
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]), told


HOST = {"host": "127.0.0.1:8020"}
KNOWN = HOST | {"authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (KNOWN, 200),
        (KNOWN | {"host": "localhost:8020"}, 200),
        (KNOWN | {"host": "[::1]:8020"}, 200),
        (KNOWN | {"host": "LOCALHOST"}, 200),
        (KNOWN | {"host": "evil.example"}, 421),
        (KNOWN | {"host": "127.0.0.1.evil.example"}, 421),
        (KNOWN | {"host": ""}, 421),
        (KNOWN | {"host": "[::1"}, 421),
        (KNOWN | {"host": "user@127.0.0.1@evil.example"}, 421),
        (KNOWN | {"origin": "http://127.0.0.1:8020"}, 200),
        (KNOWN | {"origin": "http://localhost:8020"}, 200),
        (KNOWN | {"origin": "http://127.0.0.1:8021"}, 403),
        (KNOWN | {"origin": "https://127.0.0.1:8020"}, 403),
        (KNOWN | {"origin": "http://evil.example:8020"}, 403),
        (KNOWN | {"origin": "null"}, 403),
        (KNOWN | {"origin": "http://[::1"}, 403),
        (KNOWN | {"origin": "http://127.0.0.1:port"}, 403),
        (HOST, 401),
        (HOST | {"authorization": TOKEN}, 401),
        (HOST | {"authorization": f"Basic {TOKEN}"}, 401),
        (HOST | {"authorization": f"bearer  {TOKEN} "}, 200),
        (HOST | {"authorization": f"Bearer {TOKEN[:-1]}"}, 401),
        (HOST | {"authorization": f"Bearer {TOKEN}t"}, 401),
        (HOST | {"authorization": "Bearer \xff"}, 401),
    ],
)
async def test_who_is_let_in(headers: dict[str, str], status: int) -> None:
    found, body, told = await ask(headers)
    assert found == status, body
    assert ("www-authenticate" in told) == (status == 401)
    assert not any(name.startswith("access-control") for name in told), "nobody is invited"


SESSION = "another-than-the-token"


@pytest.mark.parametrize(
    ("cookie", "status"),
    [
        (f"tandem={SESSION}", 200),
        (f"other=1; tandem={SESSION}", 200),
        ("tandem=wrong", 401),
        (f"tandem={TOKEN}", 401),
        ("tandem=", 401),
        (f"other={SESSION}", 401),
        ("tandem", 401),
        ("\x01=;;=", 401),
    ],
)
async def test_a_session_is_as_good_as_the_token_where_one_is_given_out(cookie: str, status: int) -> None:
    assert (await ask(HOST | {"cookie": cookie}, session=("tandem", SESSION)))[0] == status
    assert (await ask(HOST | {"cookie": cookie}))[0] == 401, "and nowhere else"


async def test_a_session_is_no_token() -> None:
    """A browser sends a cookie to every port of a host: whoever reads it there has no bearer token."""
    headers = HOST | {"authorization": f"Bearer {SESSION}"}
    assert (await ask(headers, session=("tandem", SESSION)))[0] == 401


@pytest.mark.parametrize(
    ("site", "status"),
    [("same-origin", 200), ("none", 200), ("same-site", 401), ("cross-site", 401), ("", 401)],
)
async def test_a_page_of_another_port_cannot_use_the_session_of_its_visitor(site: str, status: int) -> None:
    """It is of the same site to a browser, which adds even a Strict cookie to what the page asks for."""
    headers = HOST | {"cookie": f"tandem={SESSION}", "sec-fetch-site": site}
    assert (await ask(headers, session=("tandem", SESSION)))[0] == status
    assert (await ask(KNOWN | {"sec-fetch-site": site}))[0] == 200, "who has the token is no page"


async def test_an_open_path_wants_no_token_but_still_the_right_host() -> None:
    options: dict[str, Any] = {"open_paths": lambda path: path == "/login"}
    assert (await ask(HOST, path="/login", **options))[0] == 200
    assert (await ask(HOST, path="/other", **options))[0] == 401
    assert (await ask({"host": "evil.example"}, path="/login", **options))[0] == 421


@pytest.mark.parametrize(
    ("length", "status"),
    [("10", 200), ("11", 413), ("-1", 413), ("1e1", 413), ("9" * 30, 413), ("\xb2", 413), ("", 200)],
)
async def test_an_announced_length_is_believed_up_to_the_limit(length: str, status: int) -> None:
    assert (await ask(KNOWN | {"content-length": length}, max_body_bytes=10))[0] == status


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ((b"12345", b"67890"), 200, b"10"),
        ((b"12345", b"678901"), 413, b"body_too_large"),
        ((b"x" * 11,), 413, b"body_too_large"),
    ],
)
async def test_a_body_that_grows_over_the_limit_is_answered_and_no_more_of_it_read(
    body: tuple[bytes, ...], status: int, told: bytes
) -> None:
    found, text, _ = await ask(KNOWN, body=body, max_body_bytes=10)
    assert found == status
    assert told in text


async def test_a_failure_of_what_is_behind_the_door_stays_a_failure() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("of its own")

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"localhost")]}
    with pytest.raises(RuntimeError, match="of its own"):
        await Guard(broken, token="")(scope, _nothing, _ignore)


async def test_websockets_are_closed_and_the_server_s_own_events_passed_on() -> None:
    sent: list[Message] = []
    seen: list[str] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def note(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    await Guard(note, token=TOKEN)({"type": "websocket", "path": "/", "headers": []}, _nothing, send)
    assert (sent, seen) == ([{"type": "websocket.close", "code": 1008}], [])
    await Guard(note, token=TOKEN)({"type": "lifespan"}, _nothing, send)
    assert seen == ["lifespan"]


async def _nothing() -> Message:
    return {"type": "http.request", "body": b""}


async def _ignore(message: Message) -> None:
    return None


DOOR = ("127.0.0.1", 8020)
CHALLENGE = "0123456789abcdef" * 4


async def challenged(
    headers: dict[str, str], *, method: str = "GET", token: str = TOKEN
) -> tuple[int, bytes]:
    """What is answered to a challenge, by the guard or by what it lets through."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": method, "path": proof.PATH, "server": DOOR, "client": ("127.0.0.1", 9),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "query_string": f"challenge={CHALLENGE}".encode(),
    }  # fmt: skip
    await Guard(inner, token=token)(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


async def test_the_door_proves_to_anybody_on_this_machine_that_it_knows_the_token() -> None:
    status, body = await challenged(HOST)
    assert status == 200
    assert proof.fits(body, TOKEN, DOOR, CHALLENGE)


async def test_a_page_of_another_site_is_given_no_proof_nor_anybody_by_another_way() -> None:
    assert (await challenged({"host": "evil.example"}))[0] == 421
    assert (await challenged(HOST | {"origin": "http://evil.example"}))[0] == 403
    assert (await challenged(HOST, method="POST"))[0] == 401


async def test_a_door_without_a_token_has_nothing_to_prove() -> None:
    assert await challenged(HOST, token="") == (200, b"0"), "it is a path like any other there"
