"""Orders that put references right: accept what the code has become, drop, or point elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from workflow_server.items.checks import invalid, shown, text
from workflow_server.items.evidence import records_of
from workflow_server.items.fields import reference
from workflow_server.items.model import Item
from workflow_server.records import Json

MAX_RELINK: Final = 1_000
_ID = text(100, empty=False)

EVERY: Final = "*"
MEANT: Final = {"accept": ("moved", "changed"), "drop": ("stale",)}
"""The references that an order for every one is about, where no state is named."""


def checked_orders(relink: Any) -> list[Json]:
    """Orders ``{id, ref, to}``. Raises ``invalid_argument`` about the one that cannot be read."""
    if isinstance(relink, str) or not isinstance(relink, Sequence):
        raise invalid(
            "relink", f"is {shown(relink)}.", 'Write [{"id": "wi_...", "ref": "...", "to": "accept"}].'
        )
    if len(relink) > MAX_RELINK:
        raise invalid("relink", f"has {len(relink)} entries, at most {MAX_RELINK} fit.", "Split the call.")
    orders: list[Json] = []
    for place, order in enumerate(relink):
        if not isinstance(order, Mapping) or set(order) != {"id", "ref", "to"}:
            raise invalid(
                f"relink[{place}]",
                f"is {shown(order)}.",
                'Write {"id": "wi_...", "ref": "...", "to": X}; X is accept, drop or a new reference.',
            )
        orders.append(
            {
                "id": _ID(f"relink[{place}].id", order["id"]),
                "ref": text(4_000, empty=False)(f"relink[{place}].ref", order["ref"]),
                "to": reference(f"relink[{place}].to", order["to"]),
            }
        )
        _check_every(place, orders[-1])
    return orders


def _check_every(place: int, order: Json) -> None:
    if order["ref"] == EVERY and order["to"] not in MEANT:
        raise invalid(
            f"relink[{place}].to", f"is {shown(order['to'])} for every reference.", "Write accept or drop."
        )
    if order["id"] == EVERY and order["ref"] != EVERY:
        raise invalid(
            f"relink[{place}].id", "is * and the reference is not.", "Name the item, or let ref be * as well."
        )


def matched_nothing(order: Json, states: Sequence[str], about: Sequence[Json]) -> str:
    """Why an order for every reference did nothing, and what would do something."""
    where = "the items checked" if order["id"] == EVERY else order["id"]
    counts = Counter(detail["state"] for detail in about)
    there = ", ".join(f"{number} {name}" for name, number in counts.items()) or "no reference"
    meant = " or ".join(states)
    told = f"Nothing to {order['to']}: ref * means what is {meant}, and there is {there} in {where}."
    if not counts:
        return told
    return f"{told} Name the reference itself, or the states meant, with state=[...]."


def held(item: Item, order: Json) -> Json:
    """What an item keeps of an order's reference. Raises ``invalid_argument`` where it has none such."""
    for record in records_of(item):
        if record["ref"] == order["ref"]:
            return record
    held = ", ".join(record["ref"] for record in records_of(item)) or "none"
    raise invalid("relink", f"names '{order['ref']}', which {item.id} does not have.", f"It has: {held}.")


def with_role(to: str | Json, record: Json) -> Json:
    """A new reference in the role of the one it replaces, unless it brings its own."""
    given = {"ref": to} if isinstance(to, str) else dict(to)
    return {"role": record.get("role", "about"), **given}


def relinked(item: Item, record: Json, fresh: Json | None) -> Item:
    """The item with ``fresh`` in the place of ``record``, among its references or behind a criterion,
    or without it.
    """
    references = [fresh if one == record else one for one in item.entity_references]
    criteria = [
        _reworked(criterion, fresh) if criterion.get("reference") == record else criterion
        for criterion in item.acceptance_criteria
    ]
    return replace(
        item,
        entity_references=tuple(one for one in references if one is not None),
        acceptance_criteria=tuple(criteria),
    )


def _reworked(criterion: Json, fresh: Json | None) -> Json:
    bare = {name: value for name, value in criterion.items() if name != "reference"}
    return {**bare, "evidence": fresh["ref"], "reference": fresh} if fresh else {**bare, "evidence": None}
