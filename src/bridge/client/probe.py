"""`Probe.resolve`: what became of references, or why nobody could be asked.

It never raises and never takes longer than its deadline. Deciding is done in
`breaker` and `discovery`; here is only the waiting.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from bridge.agreed import resolution
from bridge.agreed.endpoint import EndpointRoot
from bridge.agreed.resolution import ReferenceQuery, ResolveRequest, ResolveResponse, WireError
from bridge.client import faults
from bridge.client.breaker import Breaker
from bridge.client.discovery import Discovery, Target, choose
from bridge.client.exchange import Exchange
from bridge.client.faults import Fault, FaultError

logger = logging.getLogger(__name__)

DEFAULT_TIMEOUT_MS: Final = 300
BATCH: Final = 500
"""References in one request. A tool call about items stays far below; a whole project is sent in several."""

_TOGETHER: Final = 2
"""Requests under way at once: while the server resolves one, the answer to the other is read."""

_BASE_ANSWER_BYTES: Final = 256 * 1024
_ANSWER_BYTES_PER_REFERENCE: Final = 64 * 1024
_MAX_ANSWER_BYTES: Final = 16 * 1024 * 1024

Outcome: TypeAlias = ResolveResponse | Fault


@dataclass(slots=True)
class _Door:
    """What is known of one door: its breaker, the last fault, and whoever is probing it now."""

    stamp: tuple[int, ...]
    breaker: Breaker = field(default_factory=Breaker)
    fault: Fault = field(default_factory=faults.absent)
    probing: asyncio.Event | None = None


class Probe:
    """Asks a codebase-server, one request a call. One per process, used on one event loop.

    ``timeout_ms`` covers everything from finding the door to the parsed answer.
    ``url`` and ``token`` override the endpoint files in ``folder`` (default: the
    runtime folder). ``clock`` is monotonic, in seconds.
    """

    def __init__(
        self,
        *,
        timeout_ms: int = DEFAULT_TIMEOUT_MS,
        url: str | None = None,
        token: str | None = None,
        folder: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._timeout_ms = timeout_ms
        self._discovery = Discovery(url, token, folder)
        self._clock = clock
        self._chance = chance
        self._doors: dict[str, _Door] = {}

    def roots(self) -> tuple[EndpointRoot, ...]:
        """The roots that the known doors say they answer for. Reads endpoint files only."""
        targets = self._discovery.targets()
        return () if isinstance(targets, Fault) else tuple(one for target in targets for one in target.roots)

    def known_fault(self, *, insist: bool = False) -> Fault | None:
        """Why it would be no use to ask now, told without asking: nobody is there, or the breaker is open,
        which who insists does not mind.
        """
        targets = self._discovery.targets()
        if isinstance(targets, Fault):
            return targets
        if insist:
            return None
        doors = [self._door(target) for target in targets]
        now = self._clock()
        if any(door.breaker.verdict(now) != "open" for door in doors):
            return None
        return doors[0].fault.later(doors[0].breaker.closed_again_at - now)

    def breakers(self) -> dict[str, str]:
        """Each door asked so far with the state of its breaker: ``closed``, ``open`` or ``half-open``."""
        now = self._clock()
        return {url: door.breaker.verdict(now) for url, door in self._doors.items()}

    async def resolve(
        self, queries: Sequence[ReferenceQuery], *, content: bool = False, timeout_ms: int | None = None
    ) -> Outcome:
        """One resolution per query, in order, or the fault that kept the server from being asked.

        No queries at all ask whether it is there. More than `BATCH` are sent in
        several requests, each with a deadline of its own. A ``timeout_ms`` of the
        call's own is for callers whose business the checking is: they ask also
        where the breaker keeps others from asking.
        """
        try:
            return await self._resolve(queries, content, timeout_ms)
        except Exception:
            logger.exception("the bridge failed")
            return faults.nonsense("the bridge itself failed; its log has the traceback")

    async def _resolve(
        self, queries: Sequence[ReferenceQuery], content: bool, timeout_ms: int | None
    ) -> Outcome:
        targets = self._discovery.targets()
        if isinstance(targets, Fault):
            return targets
        wanted = {place for query in queries for place in (query.root, query.repository) if place}
        target = choose(targets, wanted)
        first = await self._guarded(target, ResolveRequest(tuple(queries[:BATCH]), content), timeout_ms)
        if isinstance(first, Fault) or len(queries) <= BATCH:
            return first
        together = asyncio.Semaphore(_TOGETHER)

        async def ask(start: int) -> Outcome:
            async with together:
                part = ResolveRequest(tuple(queries[start : start + BATCH]), content)
                return await self._guarded(target, part, timeout_ms)

        parts = [first]
        for outcome in await asyncio.gather(*(ask(start) for start in range(BATCH, len(queries), BATCH))):
            if isinstance(outcome, Fault):
                return outcome
            parts.append(outcome)
        return _joined(parts)

    async def _guarded(self, target: Target, request: ResolveRequest, timeout_ms: int | None) -> Outcome:
        """Ask unless the breaker is open; when it is half open, one asks and the others wait for it. With a
        time of its own a call asks in any case.
        """
        door = self._door(target)
        allowed_ms = timeout_ms if timeout_ms is not None else self._timeout_ms
        deadline = self._clock() + allowed_ms / 1000
        if timeout_ms is not None:
            return await self._asked(target, door, request, deadline, allowed_ms)
        while (verdict := door.breaker.verdict(self._clock())) == "half-open" and door.probing is not None:
            try:
                async with asyncio.timeout(max(deadline - self._clock(), 0)):
                    await door.probing.wait()
            except TimeoutError:
                return door.fault
        if verdict == "open":
            return door.fault.later(door.breaker.closed_again_at - self._clock())
        if verdict == "closed":
            return await self._asked(target, door, request, deadline, allowed_ms)
        door.probing = asyncio.Event()
        try:
            return await self._asked(target, door, request, deadline, allowed_ms)
        finally:
            door.probing.set()
            door.probing = None

    def _door(self, target: Target) -> _Door:
        door = self._doors.get(target.url)
        if door is None or door.stamp != target.stamp:  # a changed endpoint file closes the breaker
            for url in [url for url in self._doors if url != target.url][:-8]:
                del self._doors[url]
            door = self._doors[target.url] = _Door(target.stamp)
        return door

    async def _asked(
        self, target: Target, door: _Door, request: ResolveRequest, deadline: float, allowed_ms: int
    ) -> Outcome:
        epoch = door.breaker.epoch
        allowed = min(
            _BASE_ANSWER_BYTES + _ANSWER_BYTES_PER_REFERENCE * len(request.references), _MAX_ANSWER_BYTES
        )
        exchange = Exchange(
            target.url, resolution.PATH, target.token, allowed, proof=target.proof, budget_ms=allowed_ms
        )
        try:
            body = await exchange.post(request.to_json(), max(deadline - self._clock(), 0))
            answer = resolution.response_from_json(body, [query.ref for query in request.references])
        except FaultError as error:
            return self._failed(door, epoch, error.fault)
        except WireError as error:
            return self._failed(door, epoch, faults.nonsense(f"{error}"[:160]))
        door.breaker = door.breaker.succeeded()
        return answer

    def _failed(self, door: _Door, epoch: int, fault: Fault) -> Fault:
        logger.info("codebase-server not reachable: %s", fault.reason)
        if fault.opens_breaker:
            door.breaker = door.breaker.failed(self._clock(), self._chance(), epoch)
            door.fault = fault
        else:
            # Nobody is there: asking again costs nothing, and the next one there starts afresh.
            door.breaker = door.breaker.succeeded()
        return fault


def _joined(parts: Sequence[ResolveResponse]) -> ResolveResponse:
    generations = {root: generation for part in parts for root, generation in part.generations.items()}
    warnings = dict.fromkeys(warning for part in parts for warning in part.warnings)
    return ResolveResponse(
        tuple(one for part in parts for one in part.references), generations, tuple(warnings)
    )
