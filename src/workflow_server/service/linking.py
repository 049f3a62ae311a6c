"""The service's side of code references: linking what is given, showing what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workflow_server.items.model import Item
from workflow_server.records import Call, WorkItem

if TYPE_CHECKING:
    from workflow_server.references import References

Json = dict[str, Any]


class Linking:
    """Asks the references once a call, before the transaction or after it, never inside."""

    def __init__(self, references: References | None):
        self._references = references

    async def link(
        self, call: Call, given: Sequence[Sequence[str | Json]]
    ) -> tuple[list[tuple[Json, ...]], list[str]]:
        """Stored records for several lists of given references, and warnings."""
        return [tuple(_as_text(reference) for reference in group) for group in given], []

    async def show(self, items: Mapping[str, Item], answers: Sequence[WorkItem], *, code: bool) -> list[str]:
        """Fill in the states of the references of ``answers``; warnings that concern the whole call."""
        for answer in answers:
            answer["reference_details"] = [
                {"ref": record["ref"], "role": record.get("role", "about"), "state": "unchecked"}
                for record in items[answer["id"]].entity_references
            ]
        return []


def _as_text(reference: str | Json) -> Json:
    if isinstance(reference, str):
        return {"ref": reference, "role": "about"}
    return {"role": "about", **reference, "ref": reference.get("ref") or reference["chunk_id"]}
