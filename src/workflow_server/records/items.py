"""Work items as they are given, changed, asked for, told and remembered."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, Required, TypedDict

Status = Literal["planned", "active", "blocked", "completed", "cancelled"]
View = Literal["all", "ready", "blocked", "claimed", "deleted"]
Include = Literal["children", "history", "notes", "code"]
ClaimAction = Literal["claim", "renew", "release"]
LinkKind = Literal["relates_to", "duplicates", "discovered_from", "deploys"]
Sort = Literal["relevance", "priority", "created", "updated", "due", "title"]
Json = dict[str, Any]


class Link(TypedDict):
    """A typed link to another item that never blocks anything."""

    kind: LinkKind
    id: str


class Criterion(TypedDict):
    """An acceptance criterion; ``evidence`` is text or a reference to the test that shows it.

    ``evidence_state`` tells what became of evidence that names code.
    """

    text: str
    done: bool
    evidence: str | None
    evidence_state: NotRequired[str]


class CriterionChange(TypedDict, total=False):
    """Ticks, unticks, rewords or adds (index = number of criteria) one criterion; ``index`` counts from 0."""

    index: Required[int]
    done: bool
    evidence: str | None
    text: str


class NewItem(TypedDict, total=False):
    """Arguments of a create. ``key`` is local to a plan; there, ``parent_id``, ``blocked_by`` and
    ``links`` may name keys.

    ``entity_references`` holds strings or ``{ref, role, repository}``;
    ``acceptance_criteria`` strings or ``{text, done, evidence}``.
    """

    title: Required[str]
    key: str
    item_type: str
    description: str
    status: Status
    status_reason: str
    priority: int
    parent_id: str | None
    labels: list[str]
    assignee: str | None
    blocked_by: list[str]
    links: list[Link]
    entity_references: list[str | Json]
    acceptance_criteria: list[str | Json]
    due: str | None
    defer_until: str | None
    metadata: Json
    idempotency_key: str


class ItemChanges(TypedDict, total=False):
    """Arguments of an update: a field given replaces the field, ``add_`` and ``remove_`` change a list.

    ``metadata`` is merged key by key at the top level, and ``null`` removes a key.
    ``note`` appends. ``status_reason`` says why a status is ``blocked`` (or closed).
    """

    title: str
    item_type: str
    description: str
    status: Status
    status_reason: str | None
    priority: int
    parent_id: str | None
    labels: list[str]
    add_labels: list[str]
    remove_labels: list[str]
    assignee: str | None
    blocked_by: list[str]
    add_blocked_by: list[str]
    remove_blocked_by: list[str]
    links: list[Link]
    add_links: list[Link]
    remove_links: list[Link]
    entity_references: list[str | Json]
    add_entity_references: list[str | Json]
    remove_entity_references: list[str | Json]
    acceptance_criteria: list[str | Json]
    criteria: list[CriterionChange]
    due: str | None
    defer_until: str | None
    metadata: Json
    note: str


class ItemQuery(TypedDict, total=False):
    """Filters of a list, all of them combined with *and*; lists inside one filter with *or*.

    ``metadata`` maps a dotted path to a value (equality) or to an object of
    operators: ``eq ne gt gte lt lte in contains exists``.
    ``parent_id`` selects direct children, ``"none"`` top-level items;
    ``assignee`` ``"none"`` selects unassigned ones. ``changed_since`` (a moment, see `clock.past`) and
    ``changed_by`` select what was changed then, by that actor.
    """

    view: View
    status: list[Status]
    item_type: list[str]
    label: list[str]
    assignee: str
    parent_id: str
    text: str
    similar_to: str
    reference: str
    metadata: Json
    changed_since: str
    changed_by: str
    sort: Sort
    limit: int
    cursor: str


class Note(TypedDict):
    """A note: appended, never edited."""

    id: int
    text: str
    by: str
    at: str


class Claim(TypedDict):
    """Who holds an item. The token is never shown here."""

    by: str
    client: str
    door: str
    at: str
    lease_until: str | None


class Progress(TypedDict):
    """How much of all below an item is completed; what is cancelled or deleted does not count."""

    done: int
    total: int


class WorkItem(TypedDict):
    """A work item, whole. ``NotRequired`` parts come only when asked for with ``include``.

    ``notes`` are the last few, or all of them when asked for. ``created_by`` is who, ``created_via``
    the client and door through which. ``waits_for`` are those of ``blocked_by`` that are still open.
    """

    id: str
    title: str
    item_type: str
    status: Status
    status_reason: str | None
    priority: int
    parent_id: str | None
    path: list[str]
    links: list[Link]
    linked_from: list[Link]
    description: str
    labels: list[str]
    assignee: str | None
    acceptance_criteria: list[Criterion]
    blocked_by: list[str]
    blocks: list[str]
    entity_references: list[str]
    valid_references: list[str]
    stale_references: list[str]
    reference_details: list[Json]
    metadata: Json
    notes: list[Note]
    note_count: int
    due: str | None
    overdue: NotRequired[bool]  # only while it is open
    defer_until: str | None
    claim: Claim | None
    ready: bool
    version: int
    created_at: str
    updated_at: str
    completed_at: str | None
    deleted_at: str | None
    created_by: str
    created_via: Json
    warnings: list[str]
    children: NotRequired[list[BriefItem]]
    history: NotRequired[list[Event]]
    why_blocked: NotRequired[list[str]]
    waits_for: NotRequired[list[str]]
    progress: NotRequired[Progress]
    project: NotRequired[str]


class BriefItem(TypedDict):
    """One row of a list. Absent keys mean the default: no parent, no labels, nobody, nothing open."""

    id: str
    title: str
    item_type: str
    status: Status
    priority: int
    version: int
    updated_at: str
    parent_id: NotRequired[str]
    labels: NotRequired[list[str]]
    assignee: NotRequired[str]
    claimed_by: NotRequired[str]
    due: NotRequired[str]
    overdue: NotRequired[bool]
    deleted_at: NotRequired[str]
    blocked_by: NotRequired[list[str]]
    why_blocked: NotRequired[list[str]]
    criteria: NotRequired[str]
    snippet: NotRequired[str]
    similarity: NotRequired[float]
    references: NotRequired[int]
    stale: NotRequired[int]  # of the references, those that the last check found gone
    unresolved: NotRequired[int]  # and those that were never found


class Event(TypedDict):
    """One line of history. ``before`` and ``after`` hold only the fields that changed."""

    seq: int
    event: str
    at: str
    actor: str
    client: str
    door: str
    action: str
    item_id: str
    version: int | None
    before: Json | None
    after: Json | None
    undoes: NotRequired[str]
    undone_by: NotRequired[str]
    override_reason: NotRequired[str]
    note: NotRequired[str]
