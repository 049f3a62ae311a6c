"""Checks of everything a caller may put into an item, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.agreed.errors import TandemError, did_you_mean
from bridge.agreed.syntax import given as read_given
from workflow_server.items.checks import (
    Check,
    boolean,
    invalid,
    list_of,
    metadata,
    moment,
    one_of,
    optional,
    priority,
    shown,
    text,
)
from workflow_server.items.model import LINK_KINDS, STATUSES

MAX_TITLE = 500
MAX_TEXT = 100_000
MAX_REASON = 2_000
MAX_LABEL = 100
MAX_PASTED = 40_000
"""A search result may be pasted whole; what is kept of it is its chunk id."""


def link(field: str, value: Any) -> tuple[str, str]:
    """A link, ``{kind, id}``, as its kind and the other item's id."""
    if not isinstance(value, Mapping) or set(value) != {"kind", "id"}:
        raise invalid(
            field, f"is {shown(value)}.", f'Write {{"kind": "{LINK_KINDS[0]}", "id": "wi_..."}}; '
            f"kinds: {', '.join(LINK_KINDS)}."
        )  # fmt: skip
    return one_of(LINK_KINDS)(f"{field}.kind", value["kind"]), text(100, empty=False)(
        f"{field}.id", value["id"]
    )


def criterion(field: str, value: Any) -> dict[str, Any]:
    """A text, or ``{text, done, evidence}``."""
    given: Mapping[str, Any] = {"text": value} if isinstance(value, str) else value
    if not isinstance(given, Mapping) or "text" not in given or set(given) - {"text", "done", "evidence"}:
        raise invalid(
            field, f"is {shown(value)}.", 'Write a text, or {"text": ..., "done": false, "evidence": null}.'
        )
    return {
        "text": text(MAX_REASON, empty=False)(f"{field}.text", given["text"]),
        "done": boolean(f"{field}.done", given.get("done", False)),
        "evidence": optional(text(MAX_REASON))(f"{field}.evidence", given.get("evidence")) or None,
    }


def criterion_again(field: str, value: Any) -> dict[str, Any]:
    """A criterion of an item that may have it: what is not given of it is left to `change.changed`."""
    whole = criterion(field, value)
    told = {"text", *(value if isinstance(value, Mapping) else ())}
    return {name: entry for name, entry in whole.items() if name in told}


def criterion_change(field: str, value: Any) -> dict[str, Any]:
    """A change of one criterion, ``{index, done?, evidence?, text?}``; criteria are counted from 0."""
    known = {"index", "done", "evidence", "text"}
    if not isinstance(value, Mapping) or set(value) - known or len(value) < 2 or "index" not in value:
        raise invalid(field, f"is {shown(value)}.", 'Write {"index": 0, "done": true, "evidence": "..."}.')
    index = value["index"]
    if isinstance(index, bool) or not isinstance(index, int) or index < 0:
        raise invalid(f"{field}.index", f"is {shown(index)}.", "Criteria are counted from 0.")
    checks: dict[str, Check] = {
        "done": boolean,
        "evidence": optional(text(MAX_REASON)),
        "text": text(MAX_REASON, empty=False),
    }
    told = {name: check(f"{field}.{name}", value[name]) for name, check in checks.items() if name in value}
    if "evidence" in told:
        told["evidence"] = told["evidence"] or None
    return {"index": index} | told


def reference(field: str, value: Any) -> str | dict[str, Any]:
    """A reference as it is linked: the text alone where there is no role and no repository.

    A pasted search result is its chunk id, so that the same code given twice is one reference. What can be no
    reference raises ``invalid_reference``, which shows the accepted forms.
    """
    if isinstance(value, str):
        value = text(MAX_PASTED, empty=False)(field, value)
    elif not isinstance(value, Mapping) or not isinstance(value.get("ref") or value.get("chunk_id"), str):
        raise invalid(
            field,
            f"is {shown(value)}.",
            'Write a chunk id, "path::Symbol", "path:line", "path", or {"ref": ..., "role": ...}.',
        )
    given = read_given(value)
    if given.role == "about" and not given.repository:
        return given.ref
    told: dict[str, Any] = {"ref": given.ref, "role": given.role}
    return told | {"repository": given.repository} if given.repository else told


def held_reference(field: str, value: Any) -> str | dict[str, Any]:
    """A reference that is to be removed: whatever an item came to hold may be named."""
    try:
        return reference(field, value)
    except TandemError as error:
        if error.code == "invalid_reference" and isinstance(value, str):
            return value
        raise


_ID = text(100, empty=False)
_IDS = list_of(_ID)
_LABELS = list_of(text(MAX_LABEL, empty=False, line=True))
_LINKS = list_of(link)
_REFERENCES = list_of(reference)
_HELD_REFERENCES = list_of(held_reference)

CHECKS: dict[str, Check] = {
    "title": text(MAX_TITLE, empty=False, line=True),
    "item_type": _ID,
    "description": text(MAX_TEXT),
    "status": one_of(STATUSES),
    "status_reason": optional(text(MAX_REASON)),
    "priority": priority,
    "parent_id": optional(_ID),
    "labels": _LABELS,
    "assignee": optional(text(MAX_LABEL, empty=False, line=True)),
    "blocked_by": _IDS,
    "links": _LINKS,
    "entity_references": _REFERENCES,
    "acceptance_criteria": list_of(criterion, unique=False),
    "due": optional(moment),
    "defer_until": optional(moment),
    "metadata": metadata,
}
"""The fields a create and an update share."""

CREATE_CHECKS = {**CHECKS, "key": text(MAX_LABEL, empty=False), "idempotency_key": text(200, empty=False)}
UPDATE_CHECKS: dict[str, Check] = {
    **CHECKS,
    **{
        f"{verb}_{name}": check
        for verb in ("add", "remove")
        for name, check in (
            ("labels", _LABELS),
            ("blocked_by", _IDS),
            ("links", _LINKS),
            ("entity_references", _REFERENCES if verb == "add" else _HELD_REFERENCES),
        )
    },
    "acceptance_criteria": list_of(criterion_again, unique=False),
    "criteria": list_of(criterion_change, unique=False),
    "note": text(MAX_TEXT, empty=False),
}


def checked(given: Mapping[str, Any], checks: Mapping[str, Check], within: str = "") -> dict[str, Any]:
    """All given fields checked; an unknown one is an error that names the nearest."""
    if not isinstance(given, Mapping):
        raise invalid(within.rstrip(".") or "item", f"must be an object, but is {shown(given)}.")
    for name in given:
        if name not in checks:
            raise invalid(
                f"{within}{name}",
                "is not a field of a work item.",
                f"Fields: {', '.join(sorted(checks))}.{did_you_mean(str(name), checks)}",
            )
    return {name: checks[name](f"{within}{name}", value) for name, value in given.items()}
