"""A work item as the rules see it: one frozen record with everything that history keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

OPEN_STATUSES = ("planned", "active", "blocked")
CLOSED_STATUSES = ("completed", "cancelled")
STATUSES = OPEN_STATUSES + CLOSED_STATUSES
LINK_KINDS = ("relates_to", "duplicates", "discovered_from", "deploys")
MAX_DEPTH = 8

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ClaimState:
    """Who holds an item. ``key`` is a hash of the claim token; the token itself is stored nowhere.

    ``minutes`` is the length of the lease, ``None`` for a claim that never
    lapses. ``from_status`` is what the item was before, for a release.
    """

    by: str
    client: str
    door: str
    at: str
    key: str
    minutes: float | None = None
    lease_until: str | None = None
    from_status: str = "planned"

    def runs(self, now: str) -> bool:
        """Whether the claim still holds at ``now``."""
        return self.lease_until is None or self.lease_until > now


@dataclass(frozen=True, slots=True)
class Item:
    """One item with its lists. The fields named in `RECORDED` are those whose changes history keeps."""

    id: str
    title: str
    item_type: str = "task"
    status: str = "planned"
    status_reason: str | None = None
    priority: int = 2
    parent_id: str | None = None
    description: str = ""
    labels: tuple[str, ...] = ()
    assignee: str | None = None
    blocked_by: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    entity_references: tuple[Json, ...] = ()
    acceptance_criteria: tuple[Json, ...] = ()
    due: str | None = None
    defer_until: str | None = None
    metadata: Json = field(default_factory=dict)
    completed_at: str | None = None
    deleted_at: str | None = None
    deleted_by: str | None = None
    claim: ClaimState | None = None
    version: int = 1
    created_at: str = ""
    updated_at: str = ""
    created_by: Json = field(default_factory=dict)
    # kept by the store
    n: int = 0
    path: str = ""
    waits: int = 0
    frees: int = 0
    open_children: int = 0
    held: bool = False
    deferred_until: str | None = None
    note_count: int = 0

    @property
    def open(self) -> bool:
        """Whether it is neither closed nor deleted."""
        return self.status in OPEN_STATUSES and self.deleted_at is None

    @property
    def ancestors(self) -> tuple[str, ...]:
        """Ids from the top down to the parent."""
        return tuple(self.path.strip("/").split("/")[:-1])


RECORDED = (
    "title",
    "item_type",
    "status",
    "status_reason",
    "priority",
    "parent_id",
    "description",
    "labels",
    "assignee",
    "blocked_by",
    "links",
    "entity_references",
    "acceptance_criteria",
    "due",
    "defer_until",
    "metadata",
    "completed_at",
    "deleted_at",
    "deleted_by",
)
"""The fields that ``before`` and ``after`` of an event may hold, and that an undo puts back."""

_RECORDED_OF = attrgetter(*RECORDED)

LIST_FIELDS = frozenset({"labels", "blocked_by", "links", "entity_references"})
"""Fields whose concurrent changes merge element by element."""


def recorded(item: Item, name: str) -> Any:
    """The JSON form of one recorded field."""
    value = getattr(item, name)
    if name == "links":
        return [{"kind": kind, "id": other} for kind, other in value]
    return list(value) if isinstance(value, tuple) else value


def from_record(name: str, value: Any) -> Any:
    """The field's value from its JSON form."""
    if name == "links":
        return tuple((link["kind"], link["id"]) for link in value)
    if name in LIST_FIELDS or name == "acceptance_criteria":
        return tuple(value)
    return value


def difference(before: Item, after: Item) -> tuple[Json, Json]:
    """The recorded fields that differ, as they were and as they are."""
    names = [name for name in RECORDED if getattr(before, name) != getattr(after, name)]
    return {name: recorded(before, name) for name in names}, {name: recorded(after, name) for name in names}


def snapshot(item: Item) -> Json:
    """The recorded fields that are not empty: the ``after`` of a creation."""
    held = zip(RECORDED, _RECORDED_OF(item), strict=True)
    # 0 is a priority: only what is truly empty is left out
    return {name: recorded(item, name) for name, value in held if value or value == 0}
