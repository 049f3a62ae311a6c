"""What each operation answers."""

from __future__ import annotations

from typing import Final, NotRequired, TypedDict

from workflow_server.records.items import BriefItem, Event, Json, Status, WorkItem


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
    """One created item of a plan. The ``id`` of a rehearsed one is empty, and it names others by
    their keys.
    """

    key: str | None
    id: str
    title: str
    status: Status
    version: int
    parent_id: str | None
    blocked_by: list[str]
    warnings: list[str]


class PlanAnswer(Answer):
    """Answer of ``create_work_items``; with ``dry_run`` nothing is stored. ``created`` and ``found`` count
    the items made and those that an earlier try had made.
    """

    items: list[PlanItem]
    event: str | None
    dry_run: bool
    created: int
    found: int


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
    """What became of one updated item: ``changed`` fields, the items that became ready by it, and what the
    references that the call gave resolved to.
    """

    id: str
    version: int
    status: Status
    changed: list[str]
    now_ready: list[str]
    warnings: list[str]
    item: WorkItem
    references: NotRequired[list[Json]]


class UpdateAnswer(Answer):
    """Answer of an update, a delete or restore, an undo. ``event`` is what `undo` takes."""

    items: list[UpdatedItem]
    event: str | None


RELEASED: Final = "released"
"""The ``reason`` of an item that was given back."""


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
    """``undone`` is the event taken back, wholly or for one item, ``event`` the new one that does so;
    ``told`` says in one line what was taken back of how many items.
    """

    undone: str
    event: str
    told: str
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
    """Events, oldest first; ``next_cursor`` is the ``seq`` to continue from, and always given;
    ``total_count`` says how many there are.
    """

    events: list[Event]
    next_cursor: int
    total_count: int


class NewestHistoryAnswer(Answer):
    """The newest events, oldest first; ``older`` is the ``before`` of the page that is older, 0 for none."""

    events: list[Event]
    older: int


class Figures(TypedDict):
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


class StatisticsAnswer(Answer, Figures):
    """The figures of one project."""


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
