"""When a door is left alone, decided on numbers alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bridge.client import strangers
from tests.bridge.client.strangers import listening
from tests.bridge.client.test_discovery import put

from bridge.agreed.resolution import ReferenceQuery, ResolveResponse
from bridge.client.breaker import FIRST_DELAY_S, MAX_DELAY_S, Breaker
from bridge.client.faults import Fault
from bridge.client.probe import Probe

ASKED = [ReferenceQuery("c_aaaaaaaaaaaa")]


def test_a_first_failure_opens_for_a_quarter_of_a_second() -> None:
    breaker = Breaker().failed(now=100.0, chance=0.0, epoch=0)
    assert breaker.verdict(100.0 + FIRST_DELAY_S - 0.001) == "open"
    assert breaker.verdict(100.0 + FIRST_DELAY_S) == "half-open"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_the_delay_grows_and_never_exceeds_five_seconds(chances: list[float]) -> None:
    breaker, now = Breaker(), 0.0
    for chance in chances:
        breaker = breaker.failed(now, chance, breaker.epoch)
        wait = breaker.closed_again_at - now
        assert 0.8 * FIRST_DELAY_S <= wait <= MAX_DELAY_S + 1e-9
        now = breaker.closed_again_at
        assert breaker.verdict(now) == "half-open"
    assert breaker.succeeded().verdict(now) == "closed"


def test_success_is_a_change_only_after_a_failure() -> None:
    """Late results of older requests are told by the epoch: a good answer to a closed one must not age it."""
    closed = Breaker()
    assert closed.succeeded() is closed
    failed = closed.failed(now=1.0, chance=0.0, epoch=0)
    assert failed.succeeded() == Breaker(epoch=2)


@given(st.integers(2, 100))
def test_of_failures_that_were_under_way_together_one_counts(callers: int) -> None:
    breaker = Breaker()
    for _ in range(callers):
        breaker = breaker.failed(now=1.0, chance=0.0, epoch=0)
    assert breaker.failures == 1
    assert breaker.closed_again_at == 1.0 + FIRST_DELAY_S


class HandClock:
    """Monotonic seconds that the test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def test_an_open_breaker_asks_nobody_and_remembers_why() -> None:
    connections = 0

    async def counted_500(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await strangers.answering(strangers.http("500 No", length=0))(reader, writer)

    clock = HandClock()
    async with listening(counted_500) as url:
        probe = Probe(url=url, timeout_ms=5_000, clock=clock, chance=lambda: 0.0)
        first = await probe.resolve(ASKED)
        again = [await probe.resolve(ASKED) for _ in range(20)]
        assert connections == 1
        assert isinstance(first, Fault)
        assert first.reason == "answered 500"
        assert all(
            isinstance(one, Fault) and one.reason == "answered 500; asked again in 0.2 s" for one in again
        )
        clock.now += FIRST_DELAY_S
        await probe.resolve(ASKED)
        assert connections == 2
        clock.now += FIRST_DELAY_S
        await probe.resolve(ASKED)
        assert connections == 2, "the second delay is longer than the first"


async def test_when_it_is_half_open_one_probes_and_all_learn_from_it() -> None:
    answers = [strangers.answering(strangers.http("500 No", length=0))]
    connections = 0

    async def recovering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await (answers.pop() if answers else strangers.good)(reader, writer)

    clock = HandClock()
    async with listening(recovering) as url:
        probe = Probe(url=url, timeout_ms=5_000, clock=clock)
        assert isinstance(await probe.resolve(ASKED), Fault)
        clock.now += MAX_DELAY_S
        outcomes = await asyncio.gather(*(probe.resolve(ASKED) for _ in range(10)))
    assert all(isinstance(one, ResolveResponse) for one in outcomes), "5 s after a return there is no warning"


async def test_while_a_probe_hangs_the_others_do_not_pile_up() -> None:
    connections = 0

    async def hanging(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await strangers.black_hole(reader, writer)

    async with listening(hanging) as url:
        probe = Probe(url=url, timeout_ms=60, chance=lambda: 0.0)
        assert isinstance(await probe.resolve(ASKED), Fault)
        await asyncio.sleep(FIRST_DELAY_S)
        outcomes = await asyncio.gather(*(probe.resolve(ASKED) for _ in range(50)))
    assert connections == 2
    assert all(isinstance(one, Fault) and one.kind == "timed out" for one in outcomes)


async def test_what_is_known_without_asking_is_nothing_until_a_failure_and_after_its_delay() -> None:
    clock = HandClock()
    async with listening(strangers.answering(strangers.http("500 No", length=0))) as url:
        probe = Probe(url=url, timeout_ms=5_000, clock=clock, chance=lambda: 0.0)
        assert probe.known_fault() is None, "a door that was never asked may be asked"
        await probe.resolve(ASKED)
        clock.now += 0.05
        known = probe.known_fault()
        assert known is not None
        assert (known.kind, known.reason) == ("status", "answered 500; asked again in 0.2 s")
        clock.now += FIRST_DELAY_S
        assert probe.known_fault() is None, "it is time to probe"


async def test_of_two_doors_one_that_may_be_asked_is_enough(tmp_path: Path) -> None:
    """The main door fails; the roots of both are known, and the other is asked for its own."""
    clock = HandClock()
    bad = strangers.answering(strangers.http("500 No", length=0))
    async with listening(bad) as main, listening(strangers.good) as other:
        put(tmp_path, url=main, roots=[{"root": "/a", "repository": "r_a"}])
        put(tmp_path, "codebase-endpoint.1.json", url=other, roots=[{"root": "/b", "repository": "r_b"}])
        probe = Probe(folder=tmp_path, timeout_ms=5_000, clock=clock)
        assert [(one.root, one.repository) for one in probe.roots()] == [("/a", "r_a"), ("/b", "r_b")]
        assert isinstance(await probe.resolve([ReferenceQuery("x.py", root="/a")]), Fault)
        assert probe.known_fault() is None
        answer = await probe.resolve([ReferenceQuery("x.py", repository="r_b")])
        assert isinstance(answer, ResolveResponse)


def test_with_no_file_the_known_fault_is_that_nobody_runs(tmp_path: Path) -> None:
    probe = Probe(folder=tmp_path)
    fault = probe.known_fault()
    assert fault is not None
    assert (fault.kind, fault.reason) == (
        "absent", "refused: no codebase-server runs, there is no endpoint file",
    )  # fmt: skip
    assert probe.roots() == ()


@pytest.mark.parametrize(
    "address", ["not an address", "ftp://127.0.0.1:80", "http://:80", "http://127.0.0.1:0"]
)
async def test_an_address_that_is_none_is_named_with_the_setting(address: str) -> None:
    outcome = await Probe(url=address).resolve(ASKED)
    assert isinstance(outcome, Fault)
    assert outcome.kind == "untrusted"
    assert outcome.reason == f"CODEBASE_URL is no address: {address}"
    assert outcome.remedy == "Give http://127.0.0.1:PORT."
