"""`References`: linking what is given and looking at what is stored, with one request a call."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypedDict

from bridge.agreed.resolution import Resolution
from bridge.agreed.states import FOUND
from bridge.agreed.syntax import code_of_link, parse
from bridge.agreed.syntax import given as read_given
from bridge.client.faults import Fault
from bridge.client.probe import Probe
from bridge.hosting import waits
from workflow_server.records import Call, Patience
from workflow_server.references import commits, details, records, sayings, waiting
from workflow_server.references.asking import places_of, question

if TYPE_CHECKING:
    from workflow_server.settings import Settings

Json = dict[str, Any]

_PAUSE_SECONDS: Final = 0.25
_LEAST_SECONDS: Final = 0.3
"""What a request may take when patience is at its end: as long as any other call's."""


class Linked(TypedDict):
    """Records to store, parallel to what was given; warnings, and in ``each`` those about each list given."""

    records: list[list[Json]]
    warnings: list[str]
    each: list[list[str]]


class Accepted(TypedDict):
    """Records to store, parallel to those that were to be accepted, None where one was not; warnings."""

    records: list[Json | None]
    warnings: list[str]


class Looked(TypedDict):
    """Details and records, parallel to the records asked about, and warnings about the call."""

    details: list[list[Json]]
    records: list[list[Json]]
    warnings: list[str]


def _now() -> datetime:
    return datetime.now(UTC)


class References:
    """Links and checks code references through a `Probe`.

    Nothing here raises because a codebase server is down, slow or lying: what
    could not be checked is ``unchecked``, and a warning says why.
    """

    def __init__(self, probe: Probe, *, now: Callable[[], datetime] = _now) -> None:
        self._probe = probe
        self._now = now

    @classmethod
    def from_settings(cls, settings: Settings) -> References:
        """With the bridge's timeout and address from the settings of the process."""
        return cls(
            Probe(
                timeout_ms=settings.bridge_timeout, url=settings.codebase_url, token=settings.codebase_token
            )
        )

    def breakers(self) -> dict[str, str]:
        """Each codebase server asked so far with the state of its breaker."""
        return self._probe.breakers()

    async def link(self, given: Sequence[Sequence[str | Json]], call: Call) -> Linked:
        """Records for the references given for several items, resolved and with snapshots where found.

        Raises `TandemError` ``invalid_reference`` for a text that can be no reference.
        """
        groups = [[records.of_given(read_given(one)) for one in group] for group in given]
        flat = [record for group in groups for record in group]
        found = await self._resolve(flat, call, content=True)
        if isinstance(found, Fault):
            done = sayings.stored_without_asking(len(flat))
            warnings = [sayings.unavailable(found, done)]
            return {"records": groups, "warnings": warnings, "each": [[] for _ in groups]}
        now = self._now()
        after = iter([records.learned(record, one, now) for record, one in zip(flat, found, strict=True)])
        told = iter([_on_linking(one) for one in found])
        each = [[text for _ in group if (text := next(told))] for group in groups]
        return {
            "records": [[next(after) for _ in group] for group in groups],
            "warnings": [*sayings.not_checked_yet(found), *(text for group in each for text in group)],
            "each": each,
        }

    async def look(
        self,
        stored: Sequence[Sequence[Json]],
        call: Call,
        *,
        code: bool = False,
        patience: Patience | None = None,
    ) -> Looked:
        """What became of stored records of several items. ``code`` adds code and diffs."""
        flat = [record for group in stored for record in group]
        unseen = any("snapshot" not in record for record in flat)
        found = await self._patiently(flat, call, code or unseen, patience)
        warnings = []
        if isinstance(found, Fault):
            warnings.append(sayings.unavailable(found, sayings.shown_without_asking(len(flat))))
            found = [_unasked(record) for record in flat]
        now = self._now()
        told = iter([details.detail(record, one, code=code) for record, one in zip(flat, found, strict=True)])
        after = iter([records.learned(record, one, now) for record, one in zip(flat, found, strict=True)])
        by_item = [[next(told) for _ in group] for group in stored]
        for group in by_item:
            sayings.warn_of_item(group)
        return {
            "details": by_item,
            "records": [[next(after) for _ in group] for group in stored],
            "warnings": warnings,
        }

    async def accept(self, stored: Sequence[Json], call: Call) -> Accepted:
        """The records with the code as it stands now, parallel to ``stored``; None for one whose code is not
        to be found, of which a warning says so.
        """
        found = await self._resolve(stored, call, content=True)
        if isinstance(found, Fault):
            done = "Nothing was accepted."
            return {"records": [None] * len(stored), "warnings": [sayings.unavailable(found, done)]}
        now = self._now()
        after: list[Json | None] = []
        warnings: list[str] = []
        for record, one in zip(stored, found, strict=True):
            if one.state in FOUND and (one.chunk_ids or one.content_hash):
                after.append(records.accepted(record, one, now))
                continue
            after.append(dict(record) if one.state in FOUND else None)
            if one.state not in FOUND:
                warnings.append(
                    f"'{record['ref']}' is {one.state} and cannot be accepted: "
                    "drop it, or relink it to one of its candidates."
                )
        return {"records": after, "warnings": warnings}

    async def close(self) -> None:
        """Nothing is held open between calls."""

    async def _patiently(
        self,
        flat: Sequence[Mapping[str, Any]],
        call: Call,
        content: bool,
        patience: Patience | None,
    ) -> list[Resolution] | Fault:
        """As `_resolve`, again and again while waiting may help and ``patience`` lasts."""
        if patience is None or not flat:
            return await self._resolve(flat, call, content=content)
        deadline = time.monotonic() + patience.seconds
        while True:
            left = max(deadline - time.monotonic(), _LEAST_SECONDS)
            found = await self._resolve(flat, call, content=content, timeout_ms=round(left * 1000))
            if time.monotonic() + _PAUSE_SECONDS > deadline or not waiting.may_help(found, patience):
                return found
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _resolve(
        self,
        flat: Sequence[Mapping[str, Any]],
        call: Call,
        *,
        content: bool,
        timeout_ms: int | None = None,
    ) -> list[Resolution] | Fault:
        """One resolution a record, in order. Even of no records, whether the server is there is asked."""
        fault = self._probe.known_fault(insist=timeout_ms is not None)
        if fault is not None:
            return fault
        served = self._probe.roots()
        places = await places_of(call.folders, call.repositories, served) if flat else []
        questions = [question(record, places, served) for record in flat]
        # Many items name the same code: each question is asked once.
        queries = list(dict.fromkeys(query for one in questions if one is not None for query in one.queries))
        begun = time.perf_counter()
        answered = await self._probe.resolve(queries, content=content, timeout_ms=timeout_ms)
        waits.note("the codebase server", time.perf_counter() - begun)
        if isinstance(answered, Fault):
            return answered
        answers = dict(zip(queries, answered.references, strict=True))
        return [
            one.best([answers[query] for query in one.queries])
            if one is not None
            else await asyncio.to_thread(commits.resolution, record, call.folders)
            for record, one in zip(flat, questions, strict=True)
        ]


def _unasked(record: Mapping[str, Any]) -> Resolution:
    """Why nobody was asked stands in the warning, once; here only what is known all the same."""
    kept = records.snapshot_of(record)
    return Resolution(
        ref=str(record["ref"]),
        state="unchecked",
        repository=kept.repository if kept else "",
        reason="" if record.get("state") else "never resolved yet",
    )


def _on_linking(found: Resolution) -> str:
    """What the one who links a reference should know at once."""
    if found.state == "stale":
        return f"Reference '{found.ref}' names no code: {found.reason}"
    if found.state == "unresolved" and parse(found.ref).form not in {"url", "commit"}:
        candidates = ", ".join(
            f"{one.chunk_id} ({one.file_path} {one.symbol}".rstrip() + ")" for one in found.candidates[:5]
        )
        choice = f" Candidates: {candidates}." if candidates else ""
        return f"Reference '{found.ref}' is kept as text: {found.reason}{choice}"
    if code := code_of_link(found.ref):
        return (
            f"Reference '{found.ref}' is kept as a link, which is never checked: "
            f"give '{code}' to follow its code."
        )
    return ""
