"""A work item as a sequential object: what each call may answer in each state, and the state after it.

Written from the contract, not from the server's code: a write steps the
version, a claim has one winner, a stale `expected_version` is refused with the version that is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Call = Literal["create", "rename", "claim", "release", "complete", "read"]
Answer = Literal["done", "conflict", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class Did:
    """One call on an item and how it was answered; ``unknown`` when its caller never learned."""

    call: Call
    answer: Answer
    title: str = ""
    expected: int | None = None
    token: str = ""
    """The claim's: given by the holder, or, of a claim, what the winner got."""
    version: int = 0
    status: str = ""
    claimed: bool = False


@dataclass(frozen=True, slots=True)
class ItemState:
    """The part of an item that the calls above see and change."""

    version: int = 0
    title: str = ""
    status: str = ""
    holder: str | None = None


ABSENT = ItemState()
"""Before its creation."""


def step(state: ItemState, did: Did) -> ItemState | None:
    """The state after ``did``, or None where such an item could not have answered so."""
    if (state.version == 0) != (did.call == "create"):
        return None
    after = _STEPS[did.call](state, did)
    if after is not None and did.answer == "done" and did.call in ("create", "rename", "complete", "claim"):
        return after if after.version == did.version else None
    return after


def _create(state: ItemState, did: Did) -> ItemState | None:
    return ItemState(1, did.title, "planned")


def _rename(state: ItemState, did: Did) -> ItemState | None:
    fits = did.expected is None or did.expected == state.version
    if did.answer == "conflict":
        return state if not fits and did.version == state.version else None
    return replace(state, version=state.version + 1, title=did.title) if fits else None


def _claim(state: ItemState, did: Did) -> ItemState | None:
    free = state.holder is None and state.status in ("planned", "active")
    if did.answer == "refused":
        return None if free else state
    if not free:
        return None
    return replace(state, version=state.version + 1, status="active", holder=did.token)


def _release(state: ItemState, did: Did) -> ItemState | None:
    if did.answer == "refused":
        return state if state.holder != did.token else None
    if state.holder != did.token:
        return None
    return replace(state, version=state.version + 1, status="planned", holder=None)


def _complete(state: ItemState, did: Did) -> ItemState | None:
    if did.answer == "refused":
        return state if state.holder not in (None, did.token) else None
    if state.holder != did.token:
        return None
    return replace(state, version=state.version + 1, status="completed", holder=None)


def _read(state: ItemState, did: Did) -> ItemState | None:
    if did.answer == "unknown":
        return state
    seen = ItemState(did.version, did.title, did.status, state.holder)
    return state if seen == state and did.claimed == (state.holder is not None) else None


_STEPS = {
    "create": _create,
    "rename": _rename,
    "claim": _claim,
    "release": _release,
    "complete": _complete,
    "read": _read,
}
