"""Whatever stands at the codebase server's door, asking it ends in time with words that say what happened."""

from __future__ import annotations

import asyncio
import gc
import json
from typing import Any

import psutil
import pytest
from tests.bridge.client import strangers
from tests.bridge.client.strangers import Behaviour, answering, http, listening, talking

from bridge.agreed.resolution import ReferenceQuery, ResolveResponse
from bridge.client.faults import Fault
from bridge.client.probe import Probe

ASKED = [ReferenceQuery("c_aaaaaaaaaaaa"), ReferenceQuery("src/a.py::f")]


def body(value: Any) -> Behaviour:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return answering(http(length=len(raw)), raw)


def entries(**fields: Any) -> Behaviour:
    return body({"references": [{"ref": query.ref, "state": "valid", **fields} for query in ASKED]})


TWO_GIGABYTES = 2 * 1024**3

MISBEHAVIOUR: dict[str, tuple[Behaviour, str, str]] = {
    "black hole": (strangers.black_hole, "timed out", "after 300 ms while waiting for an answer"),
    "reset": (strangers.reset, "reset", "the connection was reset while waiting for an answer"),
    "one byte a second": (strangers.trickle, "timed out", "timed out after 300 ms"),
    "500": (answering(http("500 Oops", length=0)), "status", "answered 500"),
    "404 for everything": (answering(http("404 No", length=0)), "status", "answered 404"),
    "401": (answering(http("401 No", length=0)), "unauthorised", "not authorised: answered 401"),
    "a page": (answering(http(kind="text/html", length=2), b"hi"), "nonsense", "content type text/html"),
    "no type": (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), "nonsense", "type none"),
    "no JSON": (body(b"{'nearly': 1"), "nonsense", "the body is no JSON"),
    "deep JSON": (body(b"[" * 100_000), "nonsense", "the body is no JSON"),
    "a list": (body([1, 2]), "nonsense", "the body is [1, 2], not an object"),
    "too few": (body({"references": []}), "nonsense", "0 answered, 2 asked"),
    "unknown state": (entries(state="fine"), "nonsense", "not one of valid"),
    "number for text": (entries(file_path=7), "nonsense", "file_path is 7, not str"),
    "negative line": (entries(start_line=-3), "nonsense", "start_line is -3"),
    "similarity of 7": (entries(similarity=7.0), "nonsense", "similarity is 7.0"),
    "other order": (
        body({"references": [{"ref": query.ref, "state": "valid"} for query in reversed(ASKED)]}),
        "nonsense", "asked was",
    ),
    "2 GB announced": (answering(http(length=TWO_GIGABYTES)), "nonsense", "a body of 2,147,483,648 bytes"),
    "endless": (answering(http(), pieces=lambda: b"x" * 65_536), "nonsense", "more than"),
    "endless head": (
        answering(b"HTTP/1.1 200 OK\r\n", pieces=lambda: b"A: b\r\n" * 500), "nonsense", "no HTTP",
    ),
    "cut off": (answering(http(length=500), b'{"refer'), "nonsense", "the body ended early"),
    "closed at once": (answering(b""), "reset", "the connection was reset"),
    "redirect": (
        answering(http("302 Found", more="Location: http://example.org/x\r\n", length=0)),
        "status", "a redirect to http://example.org/x that is not followed",
    ),
    "gzip bomb": (
        answering(http(more="Content-Encoding: gzip\r\n"), strangers.bomb(20)),
        "nonsense", "a compressed body (gzip)",
    ),
    "TLS": (talking(b"\x15\x03\x03\x00\x02\x02\x28"), "nonsense", "no HTTP"),
    "SSH": (talking(b"SSH-2.0-OpenSSH_9.7\r\n"), "nonsense", "no HTTP (SSH-2.0"),
    "another program": (
        answering(http("200 OK", "text/plain", length=5), b"hello"), "nonsense", "content type text/plain",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISBEHAVIOUR)
async def test_each_misbehaviour_has_its_words(name: str) -> None:
    behaviour, kind, words = MISBEHAVIOUR[name]
    # Patience where the words are not about time: a busy machine is not a misbehaviour.
    patience = 300 if kind == "timed out" else 10_000
    async with listening(behaviour) as url:
        outcome = await Probe(url=url, timeout_ms=patience).resolve(ASKED)
    assert isinstance(outcome, Fault), outcome
    assert outcome.kind == kind
    assert words in outcome.reason
    assert outcome.remedy.endswith(".")


async def test_nobody_listening_is_refused_and_asked_every_time() -> None:
    port = strangers.free_port()
    probe = Probe(url=f"http://127.0.0.1:{port}")
    for _ in range(3):
        outcome = await probe.resolve(ASKED)
        assert isinstance(outcome, Fault)
        assert outcome.reason == f"refused: nobody listens at http://127.0.0.1:{port}"
    server = await asyncio.start_server(_handler, "127.0.0.1", port)
    try:
        assert isinstance(await probe.resolve(ASKED), ResolveResponse)
    finally:
        server.close()


async def _handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await strangers.good(reader, writer)
    writer.close()


async def test_a_newer_server_that_says_more_is_understood() -> None:
    async def newer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await strangers.request_of(reader)
        writer.write(strangers.ok(asked, mood="sunny", was={"file_path": "a", "author": "x"}))

    async with listening(newer) as url:
        outcome = await Probe(url=url).resolve(ASKED)
    assert isinstance(outcome, ResolveResponse)
    assert [one.state for one in outcome.references] == ["valid", "valid"]


async def test_an_older_server_that_says_less_is_understood() -> None:
    async with listening(strangers.good) as url:
        outcome = await Probe(url=url).resolve(ASKED)
    assert isinstance(outcome, ResolveResponse)
    assert outcome.references[0].chunk_ids == ()


async def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with listening(strangers.good) as url:
        assert isinstance(await Probe(url=url).resolve(ASKED), ResolveResponse)


async def test_nothing_at_all_may_be_asked() -> None:
    async with listening(strangers.good) as url:
        assert isinstance(await Probe(url=url).resolve([]), ResolveResponse)


async def test_many_references_go_in_several_requests() -> None:
    seen: list[int] = []

    async def counting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await strangers.request_of(reader)
        seen.append(len(asked["references"]))
        writer.write(strangers.ok(asked))
        await writer.drain()

    queries = [ReferenceQuery(f"src/{number}.py") for number in range(1_201)]
    async with listening(counting) as url:
        outcome = await Probe(url=url, timeout_ms=5_000).resolve(queries)
    assert isinstance(outcome, ResolveResponse)
    assert [one.ref for one in outcome.references] == [query.ref for query in queries]
    assert sorted(seen) == [201, 500, 500]


async def test_no_task_socket_or_file_is_left_behind() -> None:
    process = psutil.Process()

    async def once() -> None:
        for behaviour, _, _ in MISBEHAVIOUR.values():
            async with listening(behaviour) as url:
                await Probe(url=url, timeout_ms=30).resolve(ASKED)

    async def alone() -> bool:
        """Whether this task is the only one, once the strangers have ended theirs."""
        for _ in range(6_000):
            if len(asyncio.all_tasks()) == 1:
                return True
            await asyncio.sleep(0.01)
        return False

    await once()  # whatever is imported or cached on first use
    assert await alone()
    gc.collect()
    descriptors, threads = process.num_fds(), process.num_threads()
    await once()
    assert await alone()
    gc.collect()
    assert process.num_fds() <= descriptors
    assert process.num_threads() <= threads


async def test_flapping_under_fifty_callers_leaves_the_truth_or_a_warning() -> None:
    """The door opens and closes; every call ends, and when it stays open all are answered."""
    port = strangers.free_port()
    probe = Probe(url=f"http://127.0.0.1:{port}", timeout_ms=200)
    stop = asyncio.Event()
    outcomes: list[object] = []

    async def caller() -> None:
        while not stop.is_set():
            outcomes.append(await probe.resolve(ASKED))
            await asyncio.sleep(0.01)

    callers = [asyncio.create_task(caller()) for _ in range(50)]
    for _ in range(8):
        server = await asyncio.start_server(_handler, "127.0.0.1", port)
        await asyncio.sleep(0.05)
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0.05)
    async with await asyncio.start_server(_handler, "127.0.0.1", port):
        for _ in range(6_000):
            if outcomes and isinstance(outcomes[-1], ResolveResponse):
                break
            await asyncio.sleep(0.01)
        stop.set()
        await asyncio.gather(*callers)
    kinds = {type(one) for one in outcomes}
    assert kinds == {ResolveResponse, Fault}
    for one in outcomes:
        assert isinstance(one, Fault | ResolveResponse)
        if isinstance(one, ResolveResponse):
            assert [found.ref for found in one.references] == [query.ref for query in ASKED]
