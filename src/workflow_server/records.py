"""What goes into and comes out of the service: plain JSON shapes, typed.

Doors pass these through: MCP as structured content, REST as bodies, the
command line as ``--json``. Times are RFC 3339 in UTC with milliseconds and
``Z``; dates in ``due`` and ``defer_until`` may be given as a day or a time and
come back as given. Ids are ``wi_`` and seven base-32 characters, event ids
``ev_`` and ten.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NotRequired, Required, TypedDict

Status = Literal["planned", "active", "blocked", "completed", "cancelled"]
View = Literal["all", "ready", "blocked"]
Include = Literal["children", "history", "notes", "code"]
ClaimAction = Literal["claim", "renew", "release"]
LinkKind = Literal["relates_to", "duplicates", "discovered_from", "deploys"]
Sort = Literal["relevance", "priority", "created", "updated", "due", "title"]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: ``name`` of the person or agent, ``client`` program and version, ``door`` it came through.

    Doors are ``mcp``, ``rest``, ``board``, ``cli`` and ``import``.
    """

    name: str
    client: str = ""
    door: str = "mcp"


@dataclass(frozen=True, slots=True)
class Call:
    """The circumstances of one call, made by the door.

    ``project`` is the call's own ``project`` argument. ``folders`` are where
    the host works (``CLAUDE_PROJECT_DIR``, then the working directory);
    ``roots`` asks the MCP client for its roots, and is only called when nothing
    before it names a project.
    """

    actor: Actor
    project: str | None = None
    folders: Sequence[Path] = field(default_factory=tuple)
    roots: Callable[[], Awaitable[Sequence[Path]]] | None = None


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
    ``assignee`` ``"none"`` selects unassigned ones.
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


class WorkItem(TypedDict):
    """A work item, whole. ``NotRequired`` parts come only when asked for with ``include``."""

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
    note_count: int
    due: str | None
    defer_until: str | None
    claim: Claim | None
    ready: bool
    version: int
    created_at: str
    updated_at: str
    completed_at: str | None
    deleted_at: str | None
    created_by: Json
    warnings: list[str]
    notes: NotRequired[list[Note]]
    children: NotRequired[list[BriefItem]]
    history: NotRequired[list[Event]]
    why_blocked: NotRequired[list[str]]
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
    blocked_by: NotRequired[list[str]]
    why_blocked: NotRequired[list[str]]
    criteria: NotRequired[str]
    snippet: NotRequired[str]
    similarity: NotRequired[float]
    references: NotRequired[int]


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


class Answer(TypedDict):
    """What every answer has: the project it is about, and warnings a person can act on."""

    project: str
    warnings: list[str]


class ItemAnswer(Answer):
    """Answer of a single create. ``created`` is false when an ``idempotency_key`` found the earlier item."""

    item: WorkItem
    event: str | None
    created: bool


class PlanItem(TypedDict):
    """One created item of a plan."""

    key: str | None
    id: str
    title: str
    status: Status
    version: int
    parent_id: str | None
    blocked_by: list[str]
    warnings: list[str]


class PlanAnswer(Answer):
    """Answer of ``create_work_items``; with ``dry_run`` the ids are examples and nothing is stored."""

    items: list[PlanItem]
    event: str | None
    dry_run: bool


class Missing(TypedDict):
    """An id that was asked for and is not there, and what became of it."""

    id: str
    reason: str


class ItemsAnswer(Answer):
    """Answer of a get."""

    items: list[WorkItem]
    missing: list[Missing]


class ListAnswer(Answer):
    """A page. ``total_count`` counts all matches of the filters, whatever the page."""

    items: list[BriefItem]
    total_count: int
    next_cursor: str | None


class UpdatedItem(TypedDict):
    """What became of one updated item: ``changed`` fields, and the items that became ready by it."""

    id: str
    version: int
    status: Status
    changed: list[str]
    now_ready: list[str]
    warnings: list[str]
    item: WorkItem


class UpdateAnswer(Answer):
    """Answer of an update, a delete or restore, an undo. ``event`` is what `undo` takes."""

    items: list[UpdatedItem]
    event: str | None


class ClaimAnswer(Answer):
    """Answer of a claim: the item whole with notes and code when won; otherwise ``reason`` says who
    holds it, or why none.
    """

    claimed: bool
    claim_token: str | None
    item: WorkItem | None
    reason: str | None
    unblocked_by: list[BriefItem]
    lease_until: str | None


class DeleteAnswer(Answer):
    """``deleted`` or restored ids; ``touches`` says in sentences what else is affected."""

    deleted: list[str]
    restored: list[str]
    touches: list[str]
    event: str | None


class UndoAnswer(Answer):
    """``undone`` is the event taken back, ``event`` the new one that does so."""

    undone: str
    event: str
    items: list[UpdatedItem]


class CheckAnswer(Answer):
    """References by state. ``counts`` covers all references asked about, ``references`` those in the
    asked states.
    """

    counts: dict[str, int]
    references: list[Json]
    relinked: list[Json]
    event: str | None


class ItemType(TypedDict):
    """A type of item and the JSON Schema (2020-12) of its metadata; ``version`` counts its changes."""

    name: str
    version: int
    description: str
    schema: Json
    built_in: bool
    items: int


class TypeAnswer(Answer):
    """``breaking`` lists in sentences what the change breaks; ``migrated`` counts items given defaults."""

    item_type: ItemType
    breaking: list[str]
    migrated: int
    event: str | None


class Project(TypedDict):
    """A project as listed. ``open`` and ``total`` count items that are not deleted; null when its file
    cannot be read.
    """

    name: str
    archived: bool
    created_at: str
    repositories: list[str]
    selected: bool
    open: int | None
    total: int | None
    file: str
    problem: NotRequired[str]


class ProjectsAnswer(Answer):
    """All projects. ``project`` is the one this call would use, or empty."""

    projects: list[Project]


class HistoryAnswer(Answer):
    """Events, oldest first; ``next_cursor`` is the ``seq`` to continue from, and always given."""

    events: list[Event]
    next_cursor: int


class NewestHistoryAnswer(Answer):
    """The newest events, oldest first; ``older`` is the ``before`` of the page that is older, 0 for none."""

    events: list[Event]
    older: int


class StatisticsAnswer(Answer):
    """Counts and times of a project; durations are in hours, weeks begin on Monday (UTC)."""

    counts: dict[str, int]
    by_type: dict[str, dict[str, int]]
    ready: int
    blocked: int
    claimed: int
    completed_per_week: dict[str, int]
    created_per_week: dict[str, int]
    cycle_hours: dict[str, float | None]
    lead_hours: dict[str, float | None]
    cycle_spread: dict[str, int]
    flow: dict[str, dict[str, int]]
    open_by_age: dict[str, int]
    blocked_chains: list[Json]
    overdue: int


class WhyAnswer(Answer):
    """``ready`` and, when not, every reason in a sentence with the ids that cause it."""

    id: str
    ready: bool
    reasons: list[str]
    blockers: list[str]


class DoctorAnswer(Answer):
    """Integrity of a project file: ``problems`` is empty when all is well; ``checks`` says what was
    looked at.
    """

    file: str
    size_bytes: int
    schema_version: int
    items: int
    events: int
    checks: dict[str, str]
    problems: list[str]


class BackupAnswer(Answer):
    """Where the backup lies, or what was restored from it."""

    file: str
    size_bytes: int
    items: int
