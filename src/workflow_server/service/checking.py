"""Checking references over items or a whole project, and putting right what went astray."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from bridge.agreed.states import NEEDED_FIRST, STATES
from workflow_server.history.events import append
from workflow_server.items.checks import list_of, one_of
from workflow_server.items.evidence import records_of, with_records
from workflow_server.items.model import Item
from workflow_server.items.rows import keep_learned
from workflow_server.items.written import Pending, existing, store_changes
from workflow_server.records import Call, CheckAnswer, Json, Patience
from workflow_server.service import relinking
from workflow_server.service.base import ServiceBase, checked_ids, writable
from workflow_server.store import Store

MAX_CHECKED_IDS = 1_000
_BATCH_ITEMS = 500

WHOLE_SECONDS = 3.0
"""After many edits the index needs a second or two, and whoever checks a whole project wants to know."""


class _Waits:
    """What is left of a call's patience, over all its requests."""

    def __init__(self, patience: Patience | None) -> None:
        self._patience = patience
        self._begun = time.monotonic()

    def left(self) -> Patience | None:
        """None when nothing is left, or never was."""
        if self._patience is None:
            return None
        seconds = self._patience.seconds - (time.monotonic() - self._begun)
        return replace(self._patience, seconds=seconds) if seconds > 0 else None


class Checking(ServiceBase):
    """``check_references``."""

    async def check_references(
        self,
        call: Call,
        *,
        ids: Sequence[str] = (),
        state: Sequence[str] = (),
        relink: Sequence[Json] = (),
        patience: Patience | None = None,
    ) -> CheckAnswer:
        """Check the references of the given items, or of all open ones; apply ``relink`` first.

        Without ``state`` the references that are not ``valid`` are listed, first those that somebody has to
        put right. Of
        finished items in a whole project only evidence is checked. All of
        ``relink`` is applied in one transaction that one undo takes back. An order
        with the ``ref`` ``*`` accepts the moved and changed references of its item, or
        drops the stale ones, or those in ``state``; with the ``id`` ``*``, of all items checked.

        A check of a whole project may wait `WHOLE_SECONDS` for a codebase server that is slow or not done
        with its index, or as long as its ``patience``.
        """
        wanted = checked_ids(ids, MAX_CHECKED_IDS) if ids else []
        states: tuple[str, ...] = list_of(one_of(STATES))("state", state) or STATES[1:]
        orders = relinking.checked_orders(relink)
        project, store = await self._open(call)
        call = project.of(call)
        if wanted and orders:  # an id that does not exist refuses the call before an order is stored
            await store.read(partial(existing, ids=wanted, deleted=True))
        waits = _Waits(patience or (None if wanted else Patience(WHOLE_SECONDS)))
        orders, unmatched = await self._each(call, store, orders, wanted, list(state), waits)
        event, relinked, warnings = await self._relink(call, store, orders) if orders else (None, [], [])
        warnings = [*project.told, *unmatched, *warnings]
        counts: Counter[str] = Counter(dict.fromkeys(STATES, 0))
        listed: list[Json] = []
        asked = await store.read(lambda connection: _asked(connection, wanted))
        for start in range(0, len(asked), _BATCH_ITEMS):
            batch = asked[start : start + _BATCH_ITEMS]
            items = await store.read(partial(existing, ids=batch, deleted=True))
            details, told = await self._look(call, store, items, waits, only_evidence=not wanted)
            warnings += told
            counts.update(detail["state"] for detail in details)
            listed += [detail for detail in details if detail["state"] in states]
        return {
            "project": project.name,
            "warnings": list(dict.fromkeys(warnings)),
            "counts": dict(counts),
            "references": sorted(listed, key=lambda detail: NEEDED_FIRST.index(detail["state"])),
            "relinked": relinked,
            "event": event,
        }

    async def _look(
        self, call: Call, store: Store, items: Mapping[str, Item], waits: _Waits, *, only_evidence: bool
    ) -> tuple[list[Json], list[str]]:
        """Details of the items' references, each with its item, and warnings about the call."""
        asked = {
            one.id: [
                place
                for place, record in enumerate(records_of(one))
                if one.open or not only_evidence or record.get("role") == "evidence"
            ]
            for one in items.values()
        }
        records = {one: [records_of(items[one])[place] for place in places] for one, places in asked.items()}
        looked = await self._linking.look(call, list(records.values()), waits.left())
        learned: dict[str, Item] = {}
        for (identifier, before), after in zip(records.items(), looked["records"], strict=True):
            if after != before:
                together = list(records_of(items[identifier]))
                for place, record in zip(asked[identifier], after, strict=True):
                    together[place] = record
                learned[identifier] = with_records(items[identifier], together)
        if learned:
            await store.write(lambda connection: keep_learned(connection, items, learned))
        return [
            {"id": identifier, "title": items[identifier].title, **detail}
            for identifier, details in zip(records, looked["details"], strict=True)
            for detail in details
        ], looked["warnings"]

    async def _each(
        self,
        call: Call,
        store: Store,
        orders: list[Json],
        wanted: Sequence[str],
        state: Sequence[str],
        waits: _Waits,
    ) -> tuple[list[Json], list[str]]:
        """The orders with those for every reference written out, one for each that they mean, and a warning
        for each that means none.
        """
        every = [order for order in orders if order["ref"] == relinking.EVERY]
        if not every:
            return orders, []
        owners = [order["id"] for order in every if order["id"] != relinking.EVERY]
        whole = len(owners) < len(every)
        asked = await store.read(lambda connection: _asked(connection, owners if not whole else wanted))
        items = await store.read(partial(existing, ids=list(dict.fromkeys([*owners, *asked])), deleted=True))
        details, _ = await self._look(call, store, items, waits, only_evidence=whole and not wanted)
        written = {(order["id"], order["ref"]) for order in orders}
        each = [order for order in orders if order["ref"] != relinking.EVERY]
        unmatched: list[str] = []
        for order in every:
            states = state or relinking.MEANT[order["to"]]
            about = [detail for detail in details if order["id"] in (relinking.EVERY, detail["id"])]
            meant = [detail for detail in about if detail["state"] in states]
            if not meant:
                unmatched.append(relinking.matched_nothing(order, states, about))
            each += [
                {"id": detail["id"], "ref": detail["ref"], "to": order["to"]}
                for detail in meant
                if (detail["id"], detail["ref"]) not in written
            ]
        return list({(order["id"], order["ref"]): order for order in each}.values()), unmatched

    async def _relink(
        self, call: Call, store: Store, orders: Sequence[Json]
    ) -> tuple[str | None, list[Json], list[str]]:
        """Carry out ``orders``: accept what the code has become, drop, or point elsewhere. Answers the event,
        the orders that were carried out, and warnings, also about those that could not be.
        """
        items = await store.read(
            lambda connection: existing(connection, list(dict.fromkeys(order["id"] for order in orders)))
        )
        records = [relinking.held(items[order["id"]], order) for order in orders]
        accepted = [place for place, order in enumerate(orders) if order["to"] == "accept"]
        given = [place for place, order in enumerate(orders) if order["to"] not in ("accept", "drop")]
        fresh: dict[int, Json] = {}
        accepting, warnings = await self._linking.accept(call, [records[place] for place in accepted])
        fresh.update((place, one) for place, one in zip(accepted, accepting, strict=True) if one is not None)
        refused = set(accepted) - fresh.keys()
        if given:
            linked, told = await self._linking.link(
                call, [[relinking.with_role(orders[place]["to"], records[place]) for place in given]]
            )
            fresh.update(zip(given, linked[0], strict=True))
            warnings += told
        now = self._now()

        def work(connection: sqlite3.Connection) -> str | None:
            writable(connection)
            present = existing(connection, list(items))
            pending = Pending(present, dict(present))
            for place, order in enumerate(orders):
                if place in refused:
                    continue
                item = pending.after[order["id"]]
                pending.after[item.id] = relinking.relinked(
                    item, relinking.held(item, order), fresh.get(place)
                )
            changes, _ = store_changes(connection, pending, now)
            return append(connection, call.actor, now, "relink", changes) if changes else None

        event = await store.write(work)
        told_orders = [
            {**order, "now": fresh[place]["ref"] if place in fresh else None}
            for place, order in enumerate(orders)
            if place not in refused
        ]
        return event, told_orders, warnings


def _asked(connection: sqlite3.Connection, ids: Sequence[str]) -> list[str]:
    """The items to check: the given ones, which must exist, or all living ones that have references."""
    if ids:
        return list(existing(connection, ids, deleted=True))
    rows = connection.execute(
        """SELECT id FROM item WHERE deleted_at IS NULL
           AND id IN (SELECT item_id FROM reference_key) ORDER BY n"""
    )
    return [row[0] for row in rows]
