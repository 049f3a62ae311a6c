"""Done means done: what still stands against completing an item."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.agreed.errors import TandemError
from bridge.agreed.wording import first_of
from workflow_server.items.model import Item


def open_matters(item: Item, blockers: Sequence[Item], children: Sequence[Item]) -> list[str]:
    """Every reason, in a sentence, why ``item`` is not done; ``blockers`` and ``children`` are the open
    ones.
    """
    matters = [f"it waits for {blocker.id} '{blocker.title}' ({blocker.status})" for blocker in blockers]
    matters += [f"its child {child.id} '{child.title}' is {child.status}" for child in children]
    matters += [
        f"criterion {index} '{criterion['text']}' is not done"
        for index, criterion in enumerate(item.acceptance_criteria)
        if not criterion["done"]
    ]
    return matters


def held_by(ancestor: Item, blockers: Sequence[Item]) -> list[str]:
    """What keeps an ancestor, and all below it, from being worked on: such items cannot be claimed either."""
    who = f"its ancestor {ancestor.id} '{ancestor.title}'"
    matters = [f"{who} waits for {blocker.id} '{blocker.title}' ({blocker.status})" for blocker in blockers]
    if ancestor.status == "blocked":
        matters.append(
            f"{who} is blocked" + (f": {ancestor.status_reason}" if ancestor.status_reason else "")
        )
    return matters


_MOST_TOLD = 10
_MOST_LISTED = 50


def refuse(item: Item, matters: Sequence[str]) -> TandemError:
    """The refusal of a completion, with what is open: the first of it, where that is much, and how much."""
    return TandemError(
        "not_done",
        f"{item.id} '{item.title}' cannot be completed: {first_of(matters, _MOST_TOLD, '; ')}.",
        "Finish these (tick criteria with criteria=[{index, done, evidence}]), or give `override_reason`, "
        "which is kept in the history.",
        details={"id": item.id, "open": list(matters[:_MOST_LISTED]), "open_count": len(matters)},
    )
