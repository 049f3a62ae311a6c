"""What a line of an archive may be.

An archive is a file, and a file may come from anybody or be damaged: what does not have the shape of an
export is refused by line and field before anything is written. Fields that a later release adds are passed
over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Final, Literal, NotRequired

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, ValidationError
from typing_extensions import TypedDict  # pydantic asks for it before Python 3.12

from bridge.agreed.errors import TandemError
from workflow_server.items.model import LINK_KINDS, STATUSES
from workflow_server.store.clock import parse
from workflow_server.types.validation import check_schema

MOST: Final = 2**53
"""The largest version or number of a note."""


def _a_moment(text: str) -> str:
    parse(text)
    return text


Moment = Annotated[str, AfterValidator(_a_moment)]
Id = Annotated[str, StringConstraints(pattern=r"^wi_[a-z2-7]{7}$")]
Title = Annotated[str, StringConstraints(pattern=r"\S")]
Status = Literal[STATUSES]  # type: ignore[valid-type]  # a tuple of texts, told once
Kind = Literal[LINK_KINDS]  # type: ignore[valid-type]
Priority = Annotated[int, Field(ge=0, le=4)]
Number = Annotated[int, Field(ge=1, le=MOST)]


class Reference(TypedDict):
    """A reference as it is kept, with whatever was learned of its code."""

    ref: str
    role: NotRequired[str]


class Criterion(TypedDict):
    """An acceptance criterion."""

    text: str
    done: bool
    evidence: str | None


class Link(TypedDict):
    """A link as history keeps it."""

    kind: Kind
    id: str


class Claim(TypedDict):
    """Who holds an item."""

    by: str
    client: str
    door: str
    at: Moment
    key: str
    minutes: NotRequired[float | None]
    lease_until: NotRequired[Moment | None]
    from_status: NotRequired[Status]


class Creator(TypedDict, total=False):
    """Who made an item."""

    name: str
    client: str
    door: str


class Note(TypedDict):
    """A note."""

    id: Number
    text: str
    author: str
    at: Moment
    withdrawn: Annotated[int, Field(ge=0, le=1)]


class ItemLine(TypedDict):
    """An item with its lists and notes."""

    id: Id
    title: Title
    item_type: NotRequired[str]
    status: NotRequired[Status]
    status_reason: NotRequired[str | None]
    priority: NotRequired[Priority]
    parent_id: NotRequired[Id | None]
    description: NotRequired[str]
    labels: NotRequired[list[str]]
    assignee: NotRequired[str | None]
    blocked_by: NotRequired[list[Id]]
    links: NotRequired[list[tuple[Kind, Id]]]
    entity_references: NotRequired[list[Reference]]
    acceptance_criteria: NotRequired[list[Criterion]]
    due: NotRequired[Moment | None]
    defer_until: NotRequired[Moment | None]
    metadata: NotRequired[dict[str, Any]]
    completed_at: NotRequired[Moment | None]
    deleted_at: NotRequired[Moment | None]
    deleted_by: NotRequired[str | None]
    claim: NotRequired[Claim | None]
    version: Number
    created_at: Moment
    updated_at: Moment
    created_by: Creator
    path: NotRequired[str]
    notes: list[Note]


class NoteTold(TypedDict, total=False):
    """A note in a change."""

    id: int
    text: str


class State(TypedDict, total=False):
    """The fields of an item that a change tells."""

    title: str
    item_type: str
    status: Status
    status_reason: str | None
    priority: Priority
    parent_id: str | None
    description: str
    labels: list[str]
    assignee: str | None
    blocked_by: list[str]
    links: list[Link]
    entity_references: list[Reference]
    acceptance_criteria: list[Criterion]
    due: str | None
    defer_until: str | None
    metadata: dict[str, Any]
    completed_at: str | None
    deleted_at: str | None
    deleted_by: str | None
    note: NoteTold | None
    note_withdrawn: NoteTold | None


class Change(TypedDict):
    """What an event did to one item, or to a type."""

    item_id: str
    version: Number
    before: State | None
    after: State | None


class EventLine(TypedDict):
    """An event of the history."""

    id: Annotated[str, StringConstraints(pattern=r"^ev_[a-z2-7]{10}$")]
    at: Moment
    actor: str
    client: str
    door: str
    action: str
    undoes: NotRequired[str | None]
    override_reason: NotRequired[str | None]
    changes: list[Change]


class TypeLine(TypedDict):
    """A version of an item type; one whose definition was taken back has no schema."""

    name: str
    version: Number
    description: str
    schema: dict[str, Any] | None
    at: Moment


class RetryLine(TypedDict):
    """What a repeated call is known by."""

    key: str
    item_id: Id
    fingerprint: str
    at: Moment


KINDS: Final[Mapping[str, Any]] = {
    "type": TypeLine,
    "event": EventLine,
    "item": ItemLine,
    "retry": RetryLine,
}


def problem_of(kind: str, line: Mapping[str, Any]) -> str:
    """What keeps a line from being of its kind, in words with the field; empty when nothing does."""
    try:
        data = json.dumps(line, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        return "it holds half of a surrogate pair"
    except ValueError:
        return "it holds a number that is not finite"
    try:
        _checker(kind).validate_json(data, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc'])) or 'it'}: {first['msg']}"
    return _problem_of_schema(line) if kind == "type" else ""


def _problem_of_schema(line: Mapping[str, Any]) -> str:
    """What keeps a schema from being used: no call could check an item of the type with it."""
    if line["schema"] is None:
        return ""
    try:
        check_schema(line["schema"])
    except TandemError as error:
        return error.message
    return ""


@cache
def _checker(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(KINDS[kind])
