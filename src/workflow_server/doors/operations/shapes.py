"""The arguments of the tools, as types. Their schemas are what a model reads, so each word is weighed.

Limits that belong to an item rather than to a call (the length of a title, the depth of a tree) are the
service's and are not repeated. No annotation here may be a string: the schemas are made from them at start.
"""

import re
from typing import Annotated, Any, Literal, Required

from pydantic import BeforeValidator, ConfigDict, Field, with_config
from typing_extensions import TypedDict

from bridge.agreed.states import ReferenceState
from bridge.agreed.syntax import Role
from workflow_server.records import ClaimAction, Include, LinkKind, Sort, Status, View

_STRICT = ConfigDict(extra="forbid", strict=True)

ProjectAction = Literal["list", "create", "select", "archive", "statistics"]
Texts = list[str]
NonEmpty = Annotated[str, Field(min_length=1)]


def _bare_number(value: object) -> object:
    """1 for `P1`: that is how every answer writes a priority."""
    return int(value[1]) if isinstance(value, str) and re.fullmatch(r"[Pp]\d", value) else value


@with_config(_STRICT)
class LinkShape(TypedDict):
    # a docstring here would be sent to every session, once for each list of links

    kind: LinkKind
    id: str


@with_config(_STRICT)
class ReferenceShape(TypedDict, total=False):
    """A reference to code with a role or a repository of its own."""

    ref: Required[NonEmpty]
    role: Role
    repository: str


@with_config(_STRICT)
class CriterionShape(TypedDict, total=False):
    """An acceptance criterion that is more than its text."""

    text: Required[NonEmpty]
    done: bool
    evidence: str


@with_config(_STRICT)
class TickShape(TypedDict, total=False):
    """A change of the criterion at `index`, counted from 0."""

    index: Required[Annotated[int, Field(ge=0)]]
    done: bool
    evidence: str
    text: str


@with_config(_STRICT)
class RelinkShape(TypedDict):
    """What to do with one reference of an item."""

    id: str
    ref: Annotated[str, Field(description="* for all moved or changed")]
    to: Annotated[str | ReferenceShape, Field(description="accept, drop or a new reference")]


References = list[NonEmpty | ReferenceShape]
Criteria = list[NonEmpty | CriterionShape]


class InProject(TypedDict, total=False):
    """Every tool takes a project."""

    project: str


@with_config(_STRICT)
class ItemFields(TypedDict, total=False):
    """What can be said of an item when it is made."""

    title: Required[str]
    item_type: str
    description: Annotated[str, Field(description="Markdown")]
    status: Status
    status_reason: str
    priority: Annotated[int, Field(ge=0, le=4, description="0 most urgent"), BeforeValidator(_bare_number)]
    parent_id: str
    labels: Texts
    assignee: str
    blocked_by: Annotated[Texts, Field(description="ids this waits for")]
    links: list[LinkShape]
    entity_references: Annotated[
        References,
        Field(
            description="code: chunk id, path::Symbol, path:line, path:a-b or path; or {ref, "
            "role: about|test|"
            "evidence|introduced-by, repository}"
        ),
    ]
    acceptance_criteria: Annotated[Criteria, Field(description="text or {text, done, evidence}")]
    due: Annotated[str, Field(description="RFC 3339")]
    defer_until: str
    metadata: Annotated[dict[str, Any], Field(description="as the type's schema says")]


class NewItemFields(ItemFields, total=False):
    """All that makes an item, alone or in a plan."""

    idempotency_key: Annotated[str, Field(description="a retry returns the first item")]


class CreateArguments(NewItemFields, InProject, total=False):
    """create_work_item."""


class PlannedItem(NewItemFields, total=False):
    """An item of a plan: as in a create, with a name of its own that others may use."""

    key: str


class PlanArguments(InProject, total=False):
    """create_work_items."""

    items: Required[
        Annotated[
            list[PlannedItem],
            Field(
                min_length=1,
                max_length=200,
                description="as create_work_item, plus a local `key` that parent_id, "
                "blocked_by and links may name",
            ),
        ]
    ]
    dry_run: bool
    idempotency_key: str


class GetArguments(InProject, total=False):
    """get_work_item."""

    ids: Required[Annotated[Texts, Field(min_length=1, max_length=50)]]
    include: list[Include]


class ListArguments(InProject, total=False):
    """list_work_items."""

    view: View
    status: list[Status]
    item_type: str
    label: str
    assignee: Annotated[str, Field(description="or none")]
    parent_id: Annotated[str, Field(description="or none")]
    text: Annotated[str, Field(description="word* is a prefix")]
    similar_to: Annotated[str, Field(description="id or text")]
    reference: Annotated[str, Field(description="path or chunk id")]
    metadata: Annotated[
        dict[str, Any],
        Field(description="{path: value} or {path: {eq|ne|gt|gte|lt|lte|in|contains|exists: value}}"),
    ]
    changed_since: Annotated[str, Field(description="2h, yesterday, time")]
    changed_by: str
    sort: Sort
    limit: Annotated[int, Field(ge=1, le=200)]
    cursor: str
    max_tokens: Annotated[int, Field(ge=100)]


class UpdateArguments(InProject, total=False):
    """update_work_item."""

    ids: Required[Annotated[Texts, Field(min_length=1, max_length=100)]]
    expected_version: Annotated[int, Field(ge=1, description="refuse if changed since")]
    title: str
    item_type: str
    description: str
    status: Status
    status_reason: Annotated[str, Field(description="why blocked, cancelled")]
    priority: Annotated[int, Field(ge=0, le=4), BeforeValidator(_bare_number)]
    parent_id: str
    labels: Texts
    add_labels: Texts
    remove_labels: Texts
    assignee: str
    blocked_by: Texts
    add_blocked_by: Texts
    remove_blocked_by: Texts
    links: list[LinkShape]
    add_links: list[LinkShape]
    remove_links: list[LinkShape]
    entity_references: References
    add_entity_references: References
    remove_entity_references: Texts
    acceptance_criteria: Criteria
    criteria: list[TickShape]
    due: str
    defer_until: str
    metadata: Annotated[dict[str, Any], Field(description="merged; null removes a key")]
    note: str
    claim_token: str
    override_reason: str
    to_project: str


class ClaimArguments(InProject, total=False):
    """claim_work_item."""

    id: str
    action: ClaimAction
    claim_token: str
    lease_minutes: Annotated[float, Field(gt=0, description="none: others only warned")]
    avoid_overlap: Annotated[bool, Field(description="skip code of claimed items")]
    item_type: str
    label: str
    assignee: str
    parent_id: str
    text: str
    reference: str
    metadata: dict[str, Any]


class DeleteArguments(InProject, total=False):
    """delete_work_item."""

    id: Required[str]
    restore: bool
    claim_token: str


class UndoArguments(InProject, total=False):
    """undo."""

    id: str
    event: str
    force: bool


class CheckArguments(InProject, total=False):
    """check_references."""

    ids: Annotated[Texts, Field(description="default: open items")]
    state: list[ReferenceState]
    relink: list[RelinkShape]


class TypeArguments(InProject, total=False):
    """define_item_type."""

    name: Required[str]
    schema: dict[str, Any]
    description: str
    allow_breaking: bool
    defaults: Annotated[dict[str, Any], Field(description="for items lacking a required field")]


class ProjectArguments(InProject, total=False):
    """manage_projects."""

    action: ProjectAction
    name: str
    restore: bool
