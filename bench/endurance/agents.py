"""Agents: each does one thing after the other through its host's servers, and keeps what it was told."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bench.endurance.connection import GoneError, RefusedError, Server
from bench.endurance.host import Host
from bench.endurance.item import Did
from bench.endurance.record import Record
from bench.endurance.repository import Repository

WORDS = ("price", "invoice", "session", "token", "basket", "route", "rate step", "total")
EXPECTED = frozenset({"version_conflict", "claim_lost"})
"""Refusals that belong to working beside others; any other on a sound disk is a finding."""


class Gate:
    """Lets agents pass, or holds them between two actions while the state is checked."""

    def __init__(self, agents: int) -> None:
        self._agents = agents
        self._held = 0
        self._open = True
        self.over = False
        self._changed = threading.Condition()

    def passes(self) -> bool:
        """Wait while it is closed; False when the run is over."""
        with self._changed:
            self._held += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._open or self.over)
            self._held -= 1
            return not self.over

    def close(self) -> None:
        """Hold the agents; returns when each has finished what it was doing."""
        with self._changed:
            self._open = False
            if not self._changed.wait_for(lambda: self._held == self._agents, timeout=180):
                raise AssertionError(f"only {self._held} of {self._agents} agents came to the gate")

    def open(self) -> None:
        """Let them work."""
        with self._changed:
            self._open = True
            self._changed.notify_all()

    def end(self) -> None:
        """Let them go home."""
        with self._changed:
            self.over = True
            self._changed.notify_all()


class Agent:
    """One agent of a host."""

    def __init__(
        self,
        number: int,
        host: Host,
        repository: Repository,
        record: Record,
        gate: Gate,
        seed: int,
        most_items: int = 0,
    ) -> None:
        self._most_items = most_items
        self._number = number
        self._host = host
        self._repository = repository
        self._record = record
        self._gate = gate
        self._chance = random.Random(f"{seed}/{number}")
        self._serial = itertools.count(1)
        self._held: dict[str, str] = {}
        self._seen: dict[str, int] = {}
        self.thread = threading.Thread(target=self._work, name=f"agent-{number}", daemon=True)

    def _work(self) -> None:
        acts: list[tuple[Callable[[], None], int]] = [
            (self._create, 12),
            (self._rename, 24),
            (self._claim, 16),
            (self._finish, 10),
            (self._read, 16),
            (self._search, 10),
            (self._look_around, 4),
            (self._edit, 7),
            (self._switch, 1),
        ]
        choices, weights = zip(*acts, strict=True)
        while self._gate.passes():
            act = self._chance.choices(choices, weights)[0]
            self._record.count(act.__name__.strip("_"))
            try:
                act()
            except GoneError:
                time.sleep(0.05)  # its host starts it again
            except RefusedError as refusal:
                self._judge(refusal)
            except Exception as problem:
                self._record.find(
                    f"agent {self._number}, {act.__name__}: {type(problem).__name__}: {problem}"
                )
                return self._leave()
        return None

    def _leave(self) -> None:
        """Nothing more from this agent; the gate still counts on it."""
        while self._gate.passes():
            time.sleep(0.1)

    def _judge(self, refusal: RefusedError) -> None:
        if refusal.code in EXPECTED:
            self._record.refused(refusal.code, refusal.text)
        elif refusal.code == "internal_error":
            self._record.find(f"host {self._host.number}: {refusal.text}")
        elif self._host.disk is None and not _elsewhere(refusal):
            self._record.find(f"host {self._host.number} on a sound disk: {refusal.code}: {refusal.text}")
        else:
            self._record.refused(refusal.code, refusal.text)

    # --- the workflow

    @property
    def _workflow(self) -> Server:
        return self._host.server("workflow_server")

    def _create(self) -> None:
        if self._most_items and len(self._record.operations) >= self._most_items:
            self._read()
            return
        title = self._title()
        reference = self._repository.some_function() if self._chance.random() < 0.5 else ""
        given = {"entity_references": [reference]} if reference else {}
        key = f"{self._number}-{title}"
        began = time.monotonic()
        for _ in range(40):  # until it is known: the key makes a repetition harmless
            try:
                answer = self._workflow.call("create_work_item", title=title, idempotency_key=key, **given)
            except GoneError:
                if self._gate.over:
                    return
                time.sleep(0.25)
                continue
            did = Did("create", "done", title=title, version=1)
            self._record.did(self._number, answer["id"], began, did, acknowledged="create")
            self._record.created(answer["id"], reference)
            return

    def _rename(self) -> None:
        if item := self._some_item():
            expected = self._seen.get(item) if self._chance.random() < 0.5 else None
            given = {"expected_version": expected} if expected else {}
            did = Did("rename", "unknown", title=self._title(), expected=expected)

            def rename() -> Did:
                answer = self._workflow.call("update_work_item", ids=[item], title=did.title, **given)
                version = answer["items"][0]["version"]
                self._seen[item] = version
                return replace(did, answer="done", version=version)

            self._try(item, did, rename, "update")

    def _claim(self) -> None:
        if item := self._some_item():
            unknown = Did("claim", "unknown", token=f"?{self._number}-{next(self._serial)}")

            def claim() -> Did:
                answer = self._workflow.call("claim_work_item", id=item)
                if not answer["claimed"]:
                    return replace(unknown, answer="refused")
                self._held[item] = answer["claim_token"]
                version = answer["item"]["version"]
                return replace(unknown, answer="done", token=answer["claim_token"], version=version)

            self._try(item, unknown, claim, "claim")

    def _finish(self) -> None:
        """Complete or release something held."""
        if not self._held:
            return
        item = self._chance.choice(list(self._held))
        token = self._held.pop(item)
        if self._chance.random() < 0.6:
            self._try(
                item, Did("complete", "unknown", token=token), lambda: self._complete(item, token), "complete"
            )
        else:
            self._try(item, Did("release", "unknown", token=token), lambda: self._release(item, token), "")

    def _complete(self, item: str, token: str) -> Did:
        answer = self._workflow.call("update_work_item", ids=[item], status="completed", claim_token=token)
        return Did("complete", "done", token=token, version=answer["items"][0]["version"])

    def _release(self, item: str, token: str) -> Did:
        answer = self._workflow.call("claim_work_item", id=item, action="release", claim_token=token)
        return Did("release", "done" if answer["reason"] == "released" else "refused", token=token)

    def _read(self) -> None:
        if item := self._some_item():
            self._try(item, Did("read", "unknown"), lambda: self._got(item), "")

    def _got(self, item: str) -> Did:
        found = self._workflow.call("get_work_item", ids=[item])["items"][0]
        self._seen[item] = found["version"]
        if reference := self._record.referring.get(item):
            if found["entity_references"] != [reference]:
                self._record.find(f"{item} was given {reference}, holds {found['entity_references']}")
            self._record.count(f"reference {found['reference_details'][0]['state']}")
        return Did(
            "read",
            "done",
            title=found["title"],
            version=found["version"],
            status=found["status"],
            claimed=bool(found.get("claim")),
        )

    def _try(self, item: str, unknown: Did, call: Callable[[], Did], acknowledged: str) -> None:
        """Make one call on an item and keep what is known of it afterwards."""
        began = time.monotonic()
        try:
            did = call()
        except GoneError:
            self._record.did(self._number, item, began, unknown)
            raise
        except RefusedError as refusal:
            self._keep_refusal(item, began, unknown, refusal)
            raise
        confirmed = acknowledged if did.answer == "done" else ""
        self._record.did(self._number, item, began, did, acknowledged=confirmed)

    def _keep_refusal(self, item: str, began: float, unknown: Did, refusal: RefusedError) -> None:
        if refusal.code == "version_conflict":
            did = replace(unknown, answer="conflict", version=int(refusal.body["version"]))
        elif refusal.code == "claim_lost":
            did = replace(unknown, answer="refused")
        elif "nothing was stored" in refusal.text:
            return  # and so it must not be seen by anybody: the call is left out
        else:
            did = unknown
        self._record.did(self._number, item, began, did)

    def _some_item(self) -> str:
        recent = self._record.recent
        return self._chance.choice(recent) if recent else ""

    def _title(self) -> str:
        return f"Agent {self._number}, title {next(self._serial)}"

    # --- the code

    @property
    def _codebase(self) -> Server:
        return self._host.server("codebase_server")

    def _search(self) -> None:
        query = f"{self._chance.choice(WORDS)} {self._chance.randrange(400)}"
        answer = self._codebase.call("search_code", query=query, limit=10)
        self._check_results(answer)

    def _look_around(self) -> None:
        name = f"{self._chance.choice(WORDS[:6])}_*"
        answer = self._codebase.call("find_symbol", name=name, limit=5)
        self._check_results(answer)
        ids = [one["chunk_id"] for one in answer["results"] if one.get("chunk_id")]
        if ids and len(self._codebase.call("get_chunks", chunk_ids=ids)["chunks"]) != len(ids):
            self._record.find(f"get_chunks left out some of {ids}")

    def _check_results(self, answer: dict[str, Any]) -> None:
        ids = [one.get("chunk_id") for one in answer["results"]]
        if len(ids) != len(set(ids)):
            self._record.find(f"a chunk came twice: {ids}")

    def _edit(self) -> None:
        self._record.count(f"file {self._repository.edit()}")

    def _switch(self) -> None:
        self._repository.switch()


def _elsewhere(refusal: RefusedError) -> bool:
    """Told by a healthy host about what a neighbour's disk did to the index they share."""
    return refusal.code == "busy"
