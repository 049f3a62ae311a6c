"""One request and its answer, byte by byte: what is sent, and in which words an answer is not taken."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bridge.agreed import proof
from bridge.client import faults
from bridge.client.exchange import Exchange
from bridge.client.faults import FaultError

PATH = "/mcp/chunks/resolve"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def answering(reply: bytes | Reply) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A door that reads one whole request and answers with these bytes; its address and what it was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.splitlines() if line.lower().startswith(b"content-l")
        )
        asked.append(head + await reader.readexactly(length))
        if callable(reply):
            await reply(writer)
        else:
            writer.write(reply)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


def answered(body: bytes, **headers: str) -> bytes:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return HEAD + lines.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body


async def post(reply: bytes | Reply, *, token: str = "", most: int = 1_000, seconds: float = 30.0) -> object:
    async with answering(reply) as (url, _):
        return await Exchange(url, PATH, token, most).post({"references": []}, seconds)


async def fault(reply: bytes | Reply, *, most: int = 1_000, seconds: float = 30.0) -> faults.Fault:
    with pytest.raises(FaultError) as told:
        await post(reply, most=most, seconds=seconds)
    assert str(told.value) == told.value.fault.reason
    return told.value.fault


async def test_what_is_asked_is_json_with_the_token_on_a_connection_of_its_own() -> None:
    async with answering(answered(b'{"a": [1]}')) as (url, asked):
        exchange = Exchange(url, PATH, "secret", 1_000)
        assert exchange.stage == "connecting"
        assert await exchange.post({"ref": "ä"}, 30.0) == {"a": [1]}
        assert exchange.stage == "reading the answer"
        assert await Exchange(url, PATH, "", 1_000).post({}, 30.0) == {"a": [1]}
    head, _, body = asked[0].partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ") for line in lines)}
    assert first == f"POST {PATH} HTTP/1.1"
    assert headers == {
        "host": url.removeprefix("http://"), "content-type": "application/json",
        "content-length": str(len(body)), "accept": "application/json", "accept-encoding": "identity",
        "connection": "close", "authorization": "Bearer secret",
    }  # fmt: skip
    assert json.loads(body) == {"ref": "ä"}
    assert b"uthorization" not in asked[1], "without a token none is sent"


async def test_localhost_is_not_looked_up() -> None:
    async with answering(answered(b"[]")) as (url, asked):
        assert await Exchange(url.replace("127.0.0.1", "localhost"), PATH, "", 9).post({}, 30.0) == []
    assert b"localhost" in asked[0]


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=utf-8", "application/json ;x"]
)
async def test_json_is_json_whatever_else_its_type_says(kind: str) -> None:
    reply = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Encoding: Identity\r\n\r\n[3]".encode()
    assert await post(reply) == [3], "and an answer without a length ends with its connection"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (answered(b"{"), "answered nonsense: the body is no JSON"),
        (answered(b"[" * 200_000), "answered nonsense: a body of 200,000 bytes"),
        (answered(b"\xff"), "answered nonsense: the body is no JSON"),
        (
            answered(b"[]", Content_Encoding="gzip"),
            "answered nonsense: a compressed body (gzip) that was not asked for",
        ),
        (
            answered(b"[]", Content_Encoding="x" * 30),
            f"answered nonsense: a compressed body ({'x' * 20}) that was not asked for",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>",
            "answered nonsense: content type text/html",
        ),
        (b"HTTP/1.1 200 OK\r\n\r\n[]", "answered nonsense: content type none"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: " + b"y" * 50 + b"\r\n\r\n[]",
            f"answered nonsense: content type {'y' * 40}",
        ),
        (HEAD + b"Content-Length: 1001\r\n\r\n", "answered nonsense: a body of 1,001 bytes"),
        (HEAD + b"\r\n" + b" " * 1_001, "answered nonsense: more than 1,000 bytes"),
        (HEAD + b"Content-Length: 9\r\n\r\n[1,", "answered nonsense: the body ended early"),
        (b"HTTP/1.1 200", "answered nonsense: this is no HTTP"),
        (b"HTTP/1.x\r\n\r\n", "answered nonsense: this is no HTTP"),
        (b"SSH-2.0-OpenSSH_9\r\n", "answered nonsense: this is no HTTP (SSH-2.0…)"),
        (b"HTP", "answered nonsense: this is no HTTP (HTP…)"),
        (b"\x16\x03\x01\x00\x00\x00\x00\x00", "answered nonsense: this is no HTTP"),
        (b"\xc3\xa4bcdefg", "answered nonsense: this is no HTTP"),
        (b"", "the connection was reset while waiting for an answer"),
        (b"HTTP/1.1 401 No\r\n\r\n", "not authorised: answered 401"),
        (b"HTTP/1.1 403 No\r\n\r\n", "not authorised: answered 403"),
        (b"HTTP/1.1 404 No\r\n\r\n", "answered 404, it does not know this request"),
        (b"HTTP/1.1 500 No\r\n\r\n", "answered 500"),
        (b"HTTP/1.1 204 No\r\n\r\n", "answered 204"),
        (
            b"HTTP/1.1 302 No\r\nLocation: http://elsewhere/\r\n\r\n",
            "answered 302, a redirect to http://elsewhere/ that is not followed",
        ),
        (b"HTTP/1.1 399 No\r\n\r\n", "answered 399, a redirect that is not followed"),
        (b"HTTP/1.1 400 No\r\n\r\n", "answered 400"),
    ],
)
async def test_an_answer_that_is_not_what_was_agreed_is_told_in_these_words(
    reply: bytes, reason: str
) -> None:
    assert (await fault(reply)).reason == reason


async def test_as_many_bytes_as_were_allowed_are_taken() -> None:
    body = b"[" + b" " * 998 + b"]"
    assert await post(answered(body)) == []
    assert await post(HEAD + b"\r\n" + body) == []
    assert await post(answered(b"0" * 0 + b"1"), most=1) == 1


async def test_json_too_deep_to_be_read_is_no_json() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    assert (await fault(answered(deep), most=len(deep))).reason == "answered nonsense: the body is no JSON"


async def test_an_answer_may_come_in_the_smallest_pieces() -> None:
    async def slowly(writer: asyncio.StreamWriter) -> None:
        for byte in answered(b'{"a": 1}'):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)

    assert await post(slowly) == {"a": 1}


async def test_the_deadline_is_told_with_how_far_it_came() -> None:
    never = asyncio.Event()

    async def nothing(writer: asyncio.StreamWriter) -> None:
        await never.wait()

    told = await fault(nothing, seconds=0.05)
    never.set()
    assert told.kind == "timed out"
    assert told.reason.startswith("timed out after 50 ms while ")


@pytest.mark.parametrize(
    ("sent", "stage"),
    [(b"", "waiting for an answer"), (HEAD + b"Content-Length: 9\r\n\r\n[1,", "reading the answer")],
)
async def test_how_far_it_came_is_known_at_any_time(sent: bytes, stage: str) -> None:
    never = asyncio.Event()

    async def half(writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await writer.drain()
        await never.wait()

    async with answering(half) as (url, _):
        exchange = Exchange(url, PATH, "", 9)
        asking = asyncio.create_task(exchange.post({}, 200.0))
        while exchange.stage != stage:  # ended by the test's own time limit  # noqa: ASYNC110 -- a plain field
            await asyncio.sleep(0.01)
        asking.cancel()
        never.set()
        with pytest.raises(asyncio.CancelledError):
            await asking


async def test_a_connection_that_breaks_is_told_from_one_that_is_refused() -> None:
    async def breaks(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: 9\r\n\r\n[1,")
        await writer.drain()
        writer.transport.abort()

    told = await fault(breaks)
    assert told.kind in ("reset", "nonsense")
    assert told.reason in (
        "the connection was reset while reading the answer", "answered nonsense: the body ended early",
    )  # fmt: skip
    async with answering(b"") as (url, _):
        pass
    with pytest.raises(FaultError) as refused:
        await Exchange(url, PATH, "", 9).post({}, 30.0)
    assert refused.value.fault == faults.refused(url)


async def test_a_machine_that_is_nowhere_refuses_with_the_system_s_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(FaultError) as told, caplog.at_level(logging.INFO):
        await Exchange("http://255.255.255.255:1", PATH, "", 9).post({}, 30.0)
    assert told.value.fault.kind == "refused"
    assert told.value.fault.reason.startswith("refused: nobody listens at http://255.255.255.255:1 (")


async def test_a_door_that_speaks_no_tls_is_told() -> None:
    async def plainly(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    server = await asyncio.start_server(plainly, "127.0.0.1", 0)
    async with server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(FaultError) as told:
            await Exchange(url, PATH, "", 9).post({}, 30.0)
    assert told.value.fault.reason.startswith("answered nonsense: no TLS (")


def test_each_fault_says_what_to_do() -> None:
    assert faults.absent().remedy == faults.refused("u").remedy == faults.START
    assert faults.timed_out(300, "s").remedy == (
        "It may be busy indexing: try again in a moment, or give it more time with BRIDGE_TIMEOUT_MS."
    )
    assert faults.reset("s").remedy == "It may have been restarted: try again."
    another = (
        "Another program may listen there, or a codebase-server of another version: "
        "see which with `codebase-server doctor`, or set CODEBASE_URL."
    )
    assert faults.nonsense("x").remedy == faults.status(302).remedy == another
    assert faults.status(401).remedy == (
        "The token does not fit: restart codebase-server, or correct CODEBASE_TOKEN."
    )
    assert faults.status(404).remedy == "Bring codebase-server to the version of workflow-server."
    assert faults.status(500).remedy == "Its log says why (`codebase-server doctor` tells where it is)."
    assert (
        faults.status(302, "x" * 90).reason == f"answered 302, a redirect to {'x' * 80} that is not followed"
    )


def test_only_what_costs_time_is_left_alone_for_a_while() -> None:
    waits = [
        faults.timed_out(1, "s"),
        faults.reset("s"),
        faults.nonsense("x"),
        faults.status(500),
        faults.status(401),
    ]
    assert all(one.opens_breaker for one in waits)
    free = [faults.absent(), faults.refused("u"), faults.untrusted("f", "w")]
    assert not any(one.opens_breaker for one in free)
    later = faults.reset("asking").later(1.26)
    assert later.reason == "the connection was reset while asking; asked again in 1.3 s"
    assert faults.reset("asking").later(-3).reason.endswith("; asked again in 0.0 s")
    assert later.remedy == faults.reset("asking").remedy


@asynccontextmanager
async def proving(
    answer: Callable[[str, tuple[str, int]], bytes],
) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A door that answers the challenge so, and whatever follows on the connection well."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.read(65_536):
            asked.append(head)
            query = head.split(b" ", 2)[1].partition(b"?")[2]
            here = writer.get_extra_info("sockname")
            if head.startswith(b"GET"):
                writer.write(answer(proof.challenge_in(query), here))
            else:
                writer.write(answered(b"{}"))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


def proved(token: str = "secret", more: bytes = b"") -> Callable[[str, tuple[str, int]], bytes]:
    def answer(challenge: str, here: tuple[str, int]) -> bytes:
        body = json.dumps(proof.answer(token, here, challenge)).encode()
        return HEAD + more + f"Content-Length: {len(body)}\r\n\r\n".encode() + body

    return answer


async def test_the_question_and_the_token_follow_the_proof_on_the_same_connection() -> None:
    async with proving(proved()) as (url, asked):
        assert await Exchange(url, PATH, "secret", 1_000, proof=proof.SCHEME).post({"ref": "a"}, 30.0) == {}
    challenge, question = asked
    assert challenge.startswith(b"GET /proof?challenge=")
    assert b"secret" not in challenge
    assert question.startswith(b"POST")
    assert b"Bearer secret" in question


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (proved("guessed"), "(its proof is wrong)"),
        (lambda challenge, here: answered(b"{}"), "(its proof is wrong)"),
        (lambda challenge, here: answered(b"[" * 100_000), "more than 4,096 bytes"),
        (lambda challenge, here: b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "answered 404"),
        (lambda challenge, here: b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "answered 500"),
        (lambda challenge, here: b"SSH-2.0-OpenSSH\r\n", "this is no HTTP"),
        (lambda challenge, here: b"HTTP/1.1 nonsense\r\n\r\n", "this is no HTTP"),
    ],
)
async def test_who_does_not_prove_it_is_told_nothing(
    answer: Callable[[str, tuple[str, int]], bytes], why: str
) -> None:
    async with proving(answer) as (url, asked):
        with pytest.raises(FaultError) as told:
            await Exchange(url, PATH, "secret", 1_000_000, proof=proof.SCHEME).post({"ref": "a"}, 30.0)
    assert told.value.fault.kind == "unauthorised"
    assert told.value.fault.reason.startswith(f"not authorised: who listens at {url} did not prove")
    assert why in told.value.fault.reason
    assert told.value.fault.opens_breaker
    assert len(asked) == 1
    assert b"secret" not in asked[0]


async def test_a_door_that_proves_itself_and_ends_is_one_that_was_restarted() -> None:
    async with proving(proved(more=b"Connection: close\r\n")) as (url, asked):
        with pytest.raises(FaultError) as told:
            await Exchange(url, PATH, "secret", 1_000, proof=proof.SCHEME).post({}, 30.0)
    assert told.value.fault.kind == "reset"
    assert len(asked) == 1


async def test_a_way_to_prove_it_that_is_not_known_is_said() -> None:
    async with proving(proved()) as (url, asked):
        with pytest.raises(FaultError) as told:
            await Exchange(url, PATH, "secret", 1_000, proof="later").post({}, 30.0)
    assert told.value.fault.reason == (
        "not authorised: it proves itself by later, which this version does not know"
    )
    assert told.value.fault.remedy == "Bring workflow-server to the version of codebase-server."
    assert asked == []
