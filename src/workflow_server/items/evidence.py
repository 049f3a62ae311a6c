"""Every record of code that an item holds: its references, and the evidence behind its criteria.

Evidence that is written like a place in code (a chunk id, ``path::Symbol``,
``path:line``) is linked as a reference is, and its record stands in the
criterion as ``reference``: so a finished item can be told when the test that
shows it is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from workflow_server.items.model import Item

Json = dict[str, Any]
_CODE_FORMS = frozenset({"chunk", "symbol", "lines"})


def is_code(evidence: str | None) -> bool:
    """Whether evidence names code. Plain prose, commits, links and bare paths are kept as text."""
    from bridge.agreed.syntax import parse

    return (
        bool(evidence)
        and not any(map(str.isspace, str(evidence)))
        and parse(str(evidence)).form in _CODE_FORMS
    )


def given_evidence(criteria: Sequence[Json]) -> list[Json]:
    """The references to link for criteria, or changes of criteria, whose evidence names code."""
    return [
        {"ref": criterion["evidence"], "role": "evidence"}
        for criterion in criteria
        if is_code(criterion.get("evidence"))
    ]


def with_evidence(criteria: Sequence[Json], records: Sequence[Json]) -> tuple[Json, ...]:
    """The same criteria, or changes, with the records that `given_evidence` was linked to."""
    linked = iter(records)
    return tuple(
        {**criterion, "reference": next(linked)} if is_code(criterion.get("evidence")) else criterion
        for criterion in criteria
    )


def records_of(item: Item) -> tuple[Json, ...]:
    """Records of the item's references, then of its criteria's evidence."""
    return (*item.entity_references, *evidence_of(item))


def evidence_of(item: Item) -> tuple[Json, ...]:
    """Records of the evidence behind the item's criteria."""
    return tuple(criterion["reference"] for criterion in item.acceptance_criteria if "reference" in criterion)


def with_records(item: Item, records: Sequence[Json]) -> Item:
    """The item with other records, parallel to `records_of`."""
    count = len(item.entity_references)
    evidence = iter(records[count:])
    criteria = tuple(
        {**criterion, "reference": next(evidence)} if "reference" in criterion else criterion
        for criterion in item.acceptance_criteria
    )
    return replace(item, entity_references=tuple(records[:count]), acceptance_criteria=criteria)


def shown_criterion(criterion: Json) -> Json:
    """A criterion as an answer holds it: without the record."""
    return {name: criterion.get(name) for name in ("text", "done", "evidence")}
