"""Whether an item can be started, and every reason when it cannot.

This is the one decision behind every door. The ready view reads the same
answer from an index (column ``takeable`` with claim and deferral); property
tests hold the two together over random graphs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bridge.agreed.wording import counted, first_of
from workflow_server.items.model import Item


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What readiness depends on beside the item: its ancestors from the top, open blockers by waiting
    item, open children.
    """

    ancestors: Sequence[Item]
    open_blockers: Mapping[str, Sequence[Item]]
    open_children: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``ready``, or the reasons against it and the ids of the items that stand in the way."""

    ready: bool
    reasons: tuple[str, ...]
    blockers: tuple[str, ...]


def judge(item: Item, around: Surroundings, now: str) -> Verdict:
    """Decide at time ``now``. Ready means no reason at all."""
    reasons: list[str] = []
    blockers: list[str] = []
    if item.deleted_at is not None:
        reasons.append(f"it was deleted at {item.deleted_at}")
    if item.status in ("completed", "cancelled"):
        reasons.append(f"it is {item.status}")
    for holder in (item, *reversed(around.ancestors)):
        own, held_by = _holds(holder, around.open_blockers.get(holder.id, ()), holder is item)
        reasons += own
        blockers += [blocker for blocker in held_by if blocker not in blockers]
    if around.open_children:
        children = counted(len(around.open_children), "open child", "open children")
        reasons.append(f"it has {children}: {first_of([child.id for child in around.open_children], 5)}")
    if item.claim is not None and item.claim.runs(now):
        until = f" until {item.claim.lease_until}" if item.claim.lease_until else ""
        reasons.append(f"it is claimed by {item.claim.by} since {item.claim.at}{until}")
    for deferred in (item, *reversed(around.ancestors)):
        if deferred.defer_until is not None and deferred.defer_until > now:
            which = "it" if deferred is item else f"its ancestor {deferred.id} '{deferred.title}'"
            reasons.append(f"{which} is deferred until {deferred.defer_until}")
    return Verdict(not reasons, tuple(reasons), tuple(blockers))


def _holds(holder: Item, open_blockers: Sequence[Item], is_item: bool) -> tuple[list[str], list[str]]:
    who = "it" if is_item else f"its ancestor {holder.id} '{holder.title}'"
    reasons = [
        f"{who} waits for {blocker.id} '{blocker.title}' ({blocker.status})" for blocker in open_blockers
    ]
    blockers = [blocker.id for blocker in open_blockers]
    if holder.status == "blocked":
        why = f": {holder.status_reason}" if holder.status_reason else ""
        reasons.append(
            f"its status is blocked{why}"
            if is_item
            else f"its ancestor {holder.id} '{holder.title}' is blocked{why}"
        )
        if not is_item:
            blockers.append(holder.id)
    return reasons, blockers
