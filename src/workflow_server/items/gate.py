"""Done means done: what still stands against completing an item."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.agreed.errors import TandemError
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


def refuse(item: Item, matters: Sequence[str]) -> TandemError:
    """The refusal of a completion, with everything that is open."""
    return TandemError(
        "not_done",
        f"{item.id} '{item.title}' cannot be completed: {'; '.join(matters)}.",
        "Finish these (tick criteria with criteria=[{index, done, evidence}]), or give `override_reason`, "
        "which is kept in the history.",
        details={"id": item.id, "open": list(matters)},
    )
