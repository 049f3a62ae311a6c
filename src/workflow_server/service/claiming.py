"""Claiming, renewing and releasing."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow_server.claims import claiming
from workflow_server.find.filters import QUERY_CHECKS
from workflow_server.items.checks import boolean, invalid, optional, text
from workflow_server.items.fields import checked
from workflow_server.items.model import Item
from workflow_server.items.whole import brief, whole
from workflow_server.records import Actor, BriefItem, Call, ClaimAction, ClaimAnswer, ItemQuery, WorkItem
from workflow_server.service.base import ServiceBase, checked_ids, writable
from workflow_server.service.brief_code import shorten

FILTERS = ("item_type", "label", "assignee", "parent_id", "text", "metadata", "reference")
_TOKEN = optional(text(200, empty=False))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A call that may be carried out; ``item_id`` is None for the best item of the ``filters``."""

    action: ClaimAction
    item_id: str | None
    filters: Mapping[str, Any]
    token: str | None
    minutes: float | None
    avoid_overlap: bool

    def carry_out(self, connection: sqlite3.Connection, actor: Actor, now: str) -> claiming.Claimed:
        """Claim, renew or release, in the caller's transaction."""
        if self.item_id is None:
            return claiming.claim_best(
                connection, self.filters, self.minutes, actor, now, avoid_overlap=self.avoid_overlap
            )
        if self.action == "claim":
            return claiming.claim_one(
                connection,
                self.item_id,
                self.token,
                self.minutes,
                actor,
                now,
                avoid_overlap=self.avoid_overlap,
            )
        if self.action == "renew":
            return claiming.renew(connection, self.item_id, self.token, self.minutes, actor, now)
        return claiming.release(connection, self.item_id, self.token, actor, now)


def _asked(
    item_id: str | None,
    filters: ItemQuery | None,
    action: ClaimAction,
    claim_token: str | None,
    lease_minutes: float | None,
    *,
    avoid_overlap: bool,
) -> _Asked:
    """The arguments of a call, checked alone and beside each other."""
    if action not in ("claim", "renew", "release"):
        raise claiming.refuse_action(action)
    token = _TOKEN("claim_token", claim_token)
    minutes = claiming.check_lease(lease_minutes)
    boolean("avoid_overlap", avoid_overlap)
    wanted = checked_ids([item_id], 1)[0] if item_id is not None else None
    chosen = checked(filters or {}, {name: QUERY_CHECKS[name] for name in FILTERS})
    if wanted is None and (action != "claim" or token is not None):
        raise invalid("id", "is missing.", f"Say which item to {action}.")
    if wanted is not None and chosen:
        raise invalid("id", "names one item, and filters choose among many.", "Give one or the other.")
    return _Asked(action, wanted, chosen, token, minutes, avoid_overlap)


class Claiming(ServiceBase):
    """``claim_work_item``."""

    async def claim_work_item(
        self,
        call: Call,
        *,
        id: str | None = None,  # noqa: A002 - the tool's argument name
        filters: ItemQuery | None = None,
        action: ClaimAction = "claim",
        claim_token: str | None = None,
        lease_minutes: float | None = None,
        avoid_overlap: bool = False,
    ) -> ClaimAnswer:
        """Claim the given item or the best ready one; renew or release a claim.

        Losing is an answer (``claimed`` false and a ``reason``), not an error;
        a token that no longer holds the item is ``claim_lost``.
        """
        asked = _asked(id, filters, action, claim_token, lease_minutes, avoid_overlap=avoid_overlap)
        project, store = await self._open(call)
        now = self._now()

        def work(connection: sqlite3.Connection) -> tuple[claiming.Claimed, WorkItem | None, list[BriefItem]]:
            writable(connection)
            outcome = asked.carry_out(connection, call.actor, now)
            if outcome.item is None:
                return outcome, None, []
            answer = whole(connection, {outcome.item.id: outcome.item}, now)[0]
            return outcome, answer, _unblocked_by(connection, outcome.item, now)

        outcome, answer, unblocked = await store.write(work)
        warnings = [*project.told, *outcome.warnings]
        if answer is not None and outcome.item is not None:
            answer["project"] = project.name
            if outcome.token is not None:
                warnings += await self._show(
                    project.of(call), store, {outcome.item.id: outcome.item}, [answer], code=True
                )
                shorten(answer["reference_details"], answer["id"])
                warnings = answer["warnings"] = list(dict.fromkeys([*warnings, *answer["warnings"]]))
        claim = answer["claim"] if answer else None
        return {
            "project": project.name,
            "warnings": warnings,
            "claimed": outcome.token is not None,
            "claim_token": outcome.token,
            "item": answer,
            "reason": outcome.reason,
            "unblocked_by": unblocked,
            "lease_until": claim["lease_until"] if claim else None,
        }


def _unblocked_by(connection: sqlite3.Connection, item: Item, now: str) -> list[BriefItem]:
    """The finished items that this one had waited for, newest first: what they did is where it starts."""
    rows = connection.execute(
        """SELECT item.* FROM dependency CROSS JOIN item ON item.id = dependency.blocker_id
           WHERE dependency.item_id = ? AND item.closed = 1 AND +item.deleted_at IS NULL
           ORDER BY item.updated_at DESC LIMIT 10""",
        (item.id,),
    ).fetchall()
    return brief(connection, rows, now)
