"""The service's side of code references: linking what is given, showing what became of it.

`References` is the seam: what the service asks of whoever knows the codebase.
It is asked once a call, before the transaction or after it, never inside, and
never raises for a codebase server that is down: that is a warning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol, TypedDict

from bridge.agreed.states import FOUND
from workflow_server.items.evidence import evidence_of, records_of, with_records
from workflow_server.items.model import Item
from workflow_server.records import Call, Patience, WorkItem

Json = dict[str, Any]

_OF_CHUNKS: Final = frozenset({"chunk_id", "chunk_ids", "repository"})


class Linked(TypedDict):
    """Records to store, parallel to what was given, and warnings; ``each`` holds those about each list given.

    A record is JSON that the service keeps as it is. It reads ``ref`` (the
    text exactly as given), ``role``, and for looking items up by code the
    optional ``snapshot`` with ``chunk_ids``, ``path``, ``symbol``,
    ``start_line`` and ``end_line``.
    """

    records: list[list[Json]]
    warnings: list[str]
    each: list[list[str]]


class Accepted(TypedDict):
    """Records to store, parallel to those that were to be accepted; warnings. None stands for one whose code
    is not to be found, which stays as it is.
    """

    records: list[Json | None]
    warnings: list[str]


class Looked(TypedDict):
    """What became of stored records.

    ``details`` is parallel to the records asked about, each with ``ref``,
    ``role``, ``state`` and what else there is to tell; its optional
    ``warning`` is moved to the item's warnings. ``records`` is what is to be
    stored from now on: equal to what was asked about unless something was
    learned. ``warnings`` are about the call as a whole.
    """

    details: list[list[Json]]
    records: list[list[Json]]
    warnings: list[str]


class References(Protocol):
    """Linking and looking up references. The call's folders are where the host works, and its repositories
    those of the project: paths are relative to their roots.
    """

    async def link(self, given: Sequence[Sequence[str | Json]], call: Call) -> Linked:
        """Records for the references given for several items; one request. Raises ``TandemError`` for
        bad syntax.
        """

    async def look(
        self,
        records: Sequence[Sequence[Json]],
        call: Call,
        *,
        code: bool = False,
        patience: Patience | None = None,
    ) -> Looked:
        """States of stored records of several items; one request, and with ``patience`` more, while waiting
        may help. ``code`` asks for code and diffs as well.
        """

    async def accept(self, records: Sequence[Json], call: Call) -> Accepted:
        """The records as the code stands now: new place, new snapshot."""

    async def close(self) -> None:
        """Let go of the connections to codebase servers."""


class Linking:
    """Asks the references, and keeps items as text when there is nobody to ask."""

    def __init__(self, references: References | None):
        self._references = references

    async def close(self) -> None:
        """Close what the references hold open."""
        if self._references is not None:
            await self._references.close()

    async def link(
        self, call: Call, given: Sequence[Sequence[str | Json]]
    ) -> tuple[list[tuple[Json, ...]], list[str]]:
        """Stored records for several lists of given references, and warnings."""
        linked = await self.link_each(call, given)
        return [tuple(group) for group in linked["records"]], linked["warnings"]

    async def link_each(self, call: Call, given: Sequence[Sequence[str | Json]]) -> Linked:
        """As `link`, and what of the warnings is about each of the lists."""
        if self._references is not None:
            return await self._references.link(given, call)
        as_text = [[_as_text(reference) for reference in group] for group in given]
        return {"records": as_text, "warnings": [], "each": [[] for _ in given]}

    async def look(
        self, call: Call, records: Sequence[Sequence[Json]], patience: Patience | None = None
    ) -> Looked:
        """What became of stored records; with nobody to ask, all are ``unchecked``."""
        if self._references is not None:
            return await self._references.look(records, call, patience=patience)
        return {
            "details": [[_unasked(record) for record in group] for group in records],
            "records": [list(group) for group in records],
            "warnings": [],
        }

    async def accept(self, call: Call, records: Sequence[Json]) -> tuple[list[Json | None], list[str]]:
        """The records as the code stands now, None for those that could not be accepted, and warnings."""
        if not records:
            return [], []
        if self._references is None:
            return [None] * len(records), ["The bridge is off: nothing was accepted."]
        accepted = await self._references.accept(records, call)
        return accepted["records"], accepted["warnings"]

    async def show(
        self, call: Call, items: Mapping[str, Item], answers: Sequence[WorkItem], *, code: bool = False
    ) -> tuple[list[str], dict[str, Item]]:
        """Fill in the states of the references and the evidence of ``answers``.

        Answers warnings about the call, and the items whose records are to be
        stored anew. Finished items do not nag: of their references only
        evidence warns.
        """
        asked = [items[answer["id"]] for answer in answers]
        if self._references is None:
            self.show_known(items, answers)
            return [], {}
        # apart, so that "2 of 3 entity references" counts no criterion's evidence
        groups = [group for item in asked for group in (item.entity_references, evidence_of(item))]
        looked = await self._references.look(groups, call, code=code)
        details = _joined(looked["details"])
        records = _joined(looked["records"])
        learned: dict[str, Item] = {}
        for answer, item, after, told in zip(answers, asked, records, details, strict=True):
            _fill(answer, item, told, nagging=item.open)
            if tuple(after) != records_of(item):
                learned[item.id] = with_records(item, after)
        return looked["warnings"], learned

    def show_known(self, items: Mapping[str, Item], answers: Sequence[WorkItem]) -> None:
        """Fill in the states last heard of, without asking: after a write, whose linking has just asked. With
        nobody to ask, they are only what was known once.
        """
        told = _last_known if self._references is not None else _unasked
        for answer in answers:
            item = items[answer["id"]]
            _fill(answer, item, [told(record) for record in records_of(item)], nagging=False)


def _joined(groups: Sequence[list[Json]]) -> list[list[Json]]:
    """Each item's references and evidence together again."""
    return [[*groups[place], *groups[place + 1]] for place in range(0, len(groups), 2)]


def _fill(answer: WorkItem, item: Item, details: Sequence[Json], *, nagging: bool) -> None:
    """Put details, parallel to the item's records, where they belong: its references, then its criteria."""
    for detail in details:
        warning = detail.pop("warning", None)
        if warning and (nagging or detail.get("role") == "evidence"):
            answer["warnings"].append(warning)
    count = len(item.entity_references)
    for detail in details[:count]:
        if detail["state"] in FOUND:
            answer["valid_references"].append(detail["ref"])
        elif detail["state"] == "stale":
            answer["stale_references"].append(detail["ref"])
    answer["reference_details"] = list(details[:count])
    evidence = iter(details[count:])
    for shown, criterion in zip(answer["acceptance_criteria"], item.acceptance_criteria, strict=True):
        if "reference" in criterion:
            shown["evidence_state"] = next(evidence)["state"]


def _last_known(record: Json) -> Json:
    kept: Json = {name: record[name] for name in ("checked_at", "repository") if name in record}
    state = record.get("state", "unchecked")
    # of code that has moved or changed since, the snapshot tells where it was, not where it is
    known = record.get("now") or (record.get("snapshot") if state == "valid" else None)
    place = _kept_place(known or {})
    return {**_unchecked(record), "state": state, **place, **kept}


def _kept_place(snapshot: Json) -> Json:
    ids = snapshot.get("chunk_ids") or []
    told = {"file_path": snapshot.get("path")}
    told |= {name: snapshot.get(name) for name in ("symbol", "start_line", "end_line", "repository")}
    told |= {"chunk_id": ids[0] if ids else None, "chunk_ids": ids if len(ids) > 1 else None}
    return {name: value for name, value in told.items() if value}


def _unasked(record: Json) -> Json:
    """What is kept of a reference that nobody is asked about: it may be true no more."""
    told = {**_unchecked(record), "reason": "the bridge is off"}
    if place := _kept_place(record.get("now") or record.get("snapshot") or {}):
        told["was"] = {name: value for name, value in place.items() if name not in _OF_CHUNKS}
    if state := record.get("state"):
        told["last"] = {"state": state, "at": record.get("checked_at")}
        told["reason"] += f"; last known {state}, {record.get('checked_at', 'at no known time')}"
    return told


def _unchecked(record: Json) -> Json:
    return {"ref": record["ref"], "role": record.get("role", "about"), "state": "unchecked"}


def _as_text(reference: str | Json) -> Json:
    if isinstance(reference, str):
        return {"ref": reference, "role": "about"}
    return {"role": "about", **reference, "ref": reference.get("ref") or reference["chunk_id"]}
