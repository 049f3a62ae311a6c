"""The kept columns and the ready view against recomputation, over random graphs and histories."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from tests.workflow_server.desk import HandClock

from bridge.agreed.errors import TandemError
from workflow_server.claims import claiming
from workflow_server.dependencies import kept
from workflow_server.dependencies.surroundings import verdicts
from workflow_server.find.filters import READY, compiled
from workflow_server.history.undo import undo
from workflow_server.items import deleting, updating
from workflow_server.items.creation import create
from workflow_server.items.fields import CREATE_CHECKS, UPDATE_CHECKS, checked
from workflow_server.items.planning import Draft
from workflow_server.items.rows import load
from workflow_server.projects.doctor import examine
from workflow_server.records import Actor
from workflow_server.store import PROJECT_FILE
from workflow_server.store.clock import later, stamp

ANN = Actor("ann", "test", "mcp")
STATUSES = ("planned", "active", "blocked", "completed", "cancelled")


class Histories(RuleBasedStateMachine):
    """Random creates, updates, moves, deletes, claims and undos on one project file."""

    items: Bundle[str] = Bundle("items")
    events: Bundle[str] = Bundle("events")

    @initialize(target=items)
    def open(self) -> Any:
        """A fresh file with four items: one free, a parent with a child, one that waits."""
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "p.sqlite3"
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("PRAGMA synchronous = OFF")
        self.connection.execute("PRAGMA foreign_keys = ON")
        PROJECT_FILE.bring_up_to_date(self.connection, path)
        self.clock = HandClock()
        free = self.new(None, [], "planned", None)
        parent = self.new(None, [], "planned", None)
        child = self.new(parent, [], "planned", None)
        return multiple(free, parent, child, self.new(None, [free], "planned", None))

    def teardown(self) -> None:
        if hasattr(self, "connection"):
            self.connection.close()
            self.folder.cleanup()

    @property
    def now(self) -> str:
        return stamp(self.clock())

    def attempt(self, work: Callable[[], Any]) -> Any:
        """Run one transaction; a refusal takes it back whole."""
        self.clock.pass_(minutes=1)
        self.connection.execute("BEGIN")
        try:
            result = work()
        except TandemError:
            self.connection.execute("ROLLBACK")
            return None
        self.connection.execute("COMMIT")
        return result

    @rule(target=items, parent=st.none() | items, blockers=st.lists(items, max_size=3, unique=True),
          status=st.sampled_from(STATUSES[:4]), deferred=st.none() | st.sampled_from([5, 60]))  # fmt: skip
    def make(self, parent: str | None, blockers: list[str], status: str, deferred: int | None) -> Any:
        return self.new(parent, blockers, status, deferred)

    def new(self, parent: str | None, blockers: list[str], status: str, deferred: int | None) -> Any:
        """One new item. Each has its own time of creation, so that no order rests on a random id."""
        fields: dict[str, Any] = {"title": "t", "blocked_by": blockers, "status": status}
        if parent:
            fields["parent_id"] = parent
        if deferred:
            fields["defer_until"] = later(self.now, deferred)
        draft = Draft(checked(fields, CREATE_CHECKS))
        done = self.attempt(lambda: create(self.connection, [draft], ANN, self.now))
        return multiple() if done is None else draft.made.id

    @rule(target=items, stored=st.lists(items, max_size=3, unique=True), draws=st.lists(
        st.tuples(st.integers(-4, 7), st.lists(st.integers(-4, 7), max_size=3), st.sampled_from(STATUSES[:4]),
                  st.none() | st.sampled_from([5, 60])), min_size=2, max_size=4))  # fmt: skip
    def plan(self, stored: list[str], draws: list[tuple[int, list[int], str, int | None]]) -> Any:
        """Several at once, in any order: numbers name one of the plan or one that is stored."""
        names = [f"k{place}" for place in range(len(draws))] + stored
        drafts = []
        for place, (parent, blockers, status, deferred) in enumerate(draws):
            fields: dict[str, Any] = {"title": "t", "key": f"k{place}", "status": status}
            fields["blocked_by"] = [names[one] for one in set(blockers) if 0 <= one < len(names)]
            if 0 <= parent < len(names):
                fields["parent_id"] = names[parent]
            if deferred:
                fields["defer_until"] = later(self.now, deferred)
            drafts.append(Draft(checked(fields, CREATE_CHECKS), f"items[{place}]."))
            self.clock.pass_(seconds=1)
        done = self.attempt(lambda: create(self.connection, drafts, ANN, self.now))
        return multiple() if done is None else multiple(*(draft.made.id for draft in drafts))

    @rule(target=events, item=items, status=st.sampled_from(STATUSES))
    def set_status(self, item: str, status: str) -> Any:
        return self.update(item, {"status": status})

    @rule(target=events, item=items, blockers=st.lists(items, max_size=3, unique=True))
    def set_blockers(self, item: str, blockers: list[str]) -> Any:
        return self.update(item, {"blocked_by": blockers})

    @rule(target=events, item=items, parent=st.none() | items)
    def move(self, item: str, parent: str | None) -> Any:
        return self.update(item, {"parent_id": parent})

    @rule(target=events, item=items, minutes=st.none() | st.sampled_from([3, 30]))
    def defer(self, item: str, minutes: int | None) -> Any:
        return self.update(item, {"defer_until": later(self.now, minutes) if minutes else None})

    def update(self, item: str, changes: dict[str, object]) -> Any:
        fields = checked(changes, UPDATE_CHECKS)
        guards = updating.Guards(override_reason="so be it")
        done = self.attempt(
            lambda: updating.update(self.connection, [item], fields, ANN, self.now, guards).event
        )
        return multiple() if done is None else done

    @rule(target=events, item=items, restore=st.booleans())
    def delete(self, item: str, restore: bool) -> Any:
        if restore:
            done = self.attempt(lambda: deleting.restore(self.connection, item, ANN, self.now).event)
        else:
            done = self.attempt(lambda: deleting.delete(self.connection, item, None, ANN, self.now).event)
        return multiple() if done is None else done

    @rule(minutes=st.none() | st.just(2.0))
    def claim(self, minutes: float | None) -> None:
        self.attempt(
            lambda: claiming.claim_best(self.connection, {}, minutes, ANN, self.now, avoid_overlap=False)
        )

    @rule(target=events, event=events)
    def take_back(self, event: str) -> Any:
        done = self.attempt(lambda: undo(self.connection, event, ANN, self.now).event)
        return multiple() if done is None else done

    @rule(minutes=st.sampled_from([1, 10]))
    def wait(self, minutes: int) -> None:
        self.clock.pass_(minutes=minutes)

    @invariant()
    def kept_columns_follow_from_the_rows(self) -> None:
        if hasattr(self, "connection"):
            assert kept.stored(self.connection) == kept.recomputed(self.connection)

    @invariant()
    def the_ready_and_blocked_views_agree_with_the_decision(self) -> None:
        if not hasattr(self, "connection"):
            return
        ids = [row[0] for row in self.connection.execute("SELECT id FROM item")]
        judged = verdicts(self.connection, load(self.connection, ids), self.now)
        shown = {
            row[0]
            for row in self.connection.execute(f"SELECT id FROM item WHERE {READY}", (self.now, self.now))
        }
        assert shown == {one for one, verdict in judged.items() if verdict.ready}
        sql, parameters = compiled(self.connection, {"view": "blocked"}, self.now)
        for (blocked,) in self.connection.execute(f"SELECT id FROM item WHERE {sql}", parameters):
            assert any("waits for" in reason or "blocked" in reason for reason in judged[blocked].reasons)

    @invariant()
    def nothing_waits_for_itself(self) -> None:
        if hasattr(self, "connection"):
            assert examine(self.connection)["problems"] == []


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
