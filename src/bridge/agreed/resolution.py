"""The wire of ``POST /mcp/chunks/resolve``, and its validation on both ends.

A request is ``{"references": [{ref, root?, repository?, snapshot?}], "content": bool, "diff": bool}``.
With ``content`` each found entry carries its code, so that a link can take its
snapshot from the same answer; with ``diff`` a found entry whose snapshot holds
other text carries a unified diff from that to the code as it is. An answer is ``{"references": [entry, ...],
"generations": {root: generation}}``, one entry per reference, in order.

An answer may carry an ``ETag`` made from the generations and the request; a
request that sends it back as ``If-None-Match`` may be answered 304.
Fields that a later version adds are passed over; missing optional ones have
defaults, so that neither side must be upgraded first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from bridge.agreed import snapshots
from bridge.agreed.snapshots import Snapshot
from bridge.agreed.states import STATES, ReferenceState

PATH: Final = "/mcp/chunks/resolve"
MAX_REFERENCES: Final = 10_000
"""References in one request at most: a whole project's check in a few requests."""

T = TypeVar("T")


class WireError(ValueError):
    """A message has not the agreed shape; the text names the field and what stands there."""


@dataclass(frozen=True, slots=True)
class ReferenceQuery:
    """One reference to resolve, in a root (path) or repository (identity); with neither, in the only one."""

    ref: str
    root: str = ""
    repository: str = ""
    snapshot: Snapshot | None = None

    def to_json(self) -> dict[str, Any]:
        """The request's entry, without what is empty."""
        entry: dict[str, Any] = {"ref": self.ref}
        if self.root:
            entry["root"] = self.root
        if self.repository:
            entry["repository"] = self.repository
        if self.snapshot is not None:
            entry["snapshot"] = self.snapshot.to_json()
        return entry


@dataclass(frozen=True, slots=True)
class LastKnown:
    """The last place and code of something gone or moved. Lines are 0 and texts empty when unknown.

    ``generation``, ``died_at`` (RFC 3339, UTC) and ``commit`` are of its death.
    """

    file_path: str = ""
    symbol: str = ""
    start_line: int = 0
    end_line: int = 0
    content: str = ""
    content_hash: str = ""
    generation: str = ""
    commit: str = ""
    died_at: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Code that may be what a reference once named; ``score`` is 0 to 1."""

    chunk_id: str
    file_path: str
    symbol: str
    start_line: int
    end_line: int
    score: float


@dataclass(frozen=True, slots=True)
class Resolution:
    """What became of one reference.

    ``chunk_hashes`` is parallel to ``chunk_ids``. ``similarity`` (0 to 1) tells
    how much of a changed chunk is as it was. ``content`` is the code as it is
    now, and ``diff`` what changed, when they were asked for. ``reason`` says in words why it is so.
    """

    ref: str
    state: ReferenceState
    chunk_id: str = ""
    chunk_ids: tuple[str, ...] = ()
    chunk_hashes: tuple[str, ...] = ()
    repository: str = ""
    root: str = ""
    file_path: str = ""
    symbol: str = ""
    start_line: int = 0
    end_line: int = 0
    content_hash: str = ""
    similarity: float | None = None
    was: LastKnown | None = None
    candidates: tuple[Candidate, ...] = ()
    reason: str = ""
    content: str = ""
    diff: str = ""


@dataclass(frozen=True, slots=True)
class ResolveRequest:
    """All that is asked at once: references, and whether their code and what changed in it are wanted."""

    references: tuple[ReferenceQuery, ...]
    content: bool = False
    diff: bool = False

    def to_json(self) -> dict[str, Any]:
        """As the body of `resolve` has it."""
        body: dict[str, Any] = {"references": [query.to_json() for query in self.references]}
        if self.content:
            body["content"] = True
        if self.diff:
            body["diff"] = True
        return body


@dataclass(frozen=True, slots=True)
class ResolveResponse:
    """What became of each reference, in order; ``generations`` are those of the indexes asked, by root."""

    references: tuple[Resolution, ...]
    generations: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def request_from_json(body: object) -> ResolveRequest:
    """Validate a request's body. Raises `WireError`.

    A ``root`` or ``repository`` beside ``references`` is that of all that name neither.
    """
    envelope = _object(body, "the body")
    entries = _field(envelope, "references", list, where="the body")
    if len(entries) > MAX_REFERENCES:
        raise WireError(f"references: {len(entries):,} given, at most {MAX_REFERENCES:,} at once")
    everywhere = {name: _field(envelope, name, str, "", where="the body") for name in ("root", "repository")}
    queries = tuple(
        _query(entry, f"references[{number}]", everywhere) for number, entry in enumerate(entries)
    )
    return ResolveRequest(
        queries,
        _field(envelope, "content", bool, False, where="the body"),
        _field(envelope, "diff", bool, False, where="the body"),
    )


def _query(entry: object, where: str, everywhere: Mapping[str, str]) -> ReferenceQuery:
    record = _object(entry, where)
    if not record.get("root") and not record.get("repository"):
        record = {**record, **everywhere}
    ref = _field(record, "ref", str, where=where)
    if not ref.strip():
        raise WireError(f"{where}.ref is empty")
    given = record.get("snapshot")
    try:
        snapshot = None if given is None else snapshots.from_json(_object(given, f"{where}.snapshot"))
    except WireError:
        raise
    except ValueError as error:
        raise WireError(f"{where}: {error}") from None
    return ReferenceQuery(
        ref,
        _field(record, "root", str, "", where=where),
        _field(record, "repository", str, "", where=where),
        snapshot,
    )


def response_from_json(body: object, expected: Sequence[str]) -> ResolveResponse:
    """Validate an answer's body against the references that were asked, in order. Raises `WireError`."""
    envelope = _object(body, "the body")
    entries = _field(envelope, "references", list, where="the body")
    if len(entries) != len(expected):
        raise WireError(f"references: {len(entries)} answered, {len(expected)} asked")
    resolutions = tuple(_resolution(entry, f"references[{number}]") for number, entry in enumerate(entries))
    for number, (resolution, ref) in enumerate(zip(resolutions, expected, strict=True)):
        if resolution.ref != ref:
            raise WireError(f"references[{number}].ref is {resolution.ref!r:.60}, asked was {ref!r:.60}")
    generations = _field(envelope, "generations", dict, {}, where="the body")
    if not all(isinstance(key, str) and isinstance(value, str) for key, value in generations.items()):
        raise WireError("generations must map text to text")
    return ResolveResponse(resolutions, generations, _texts(envelope, "warnings", "the body"))


def _resolution(entry: object, where: str) -> Resolution:
    record = _object(entry, where)
    state = _field(record, "state", str, where=where)
    if state not in STATES:
        raise WireError(f"{where}.state is {state!r:.40}, not one of {', '.join(STATES)}")
    similarity = _field(record, "similarity", float, None, where=where)
    if similarity is not None and not 0.0 <= similarity <= 1.0:
        raise WireError(f"{where}.similarity is {similarity}, not from 0 to 1")
    was = record.get("was")
    candidates = _field(record, "candidates", list, [], where=where)

    def text(key: str) -> str:
        found: str = _field(record, key, str, "", where=where)
        return found

    return Resolution(
        ref=_field(record, "ref", str, where=where),
        state=state,
        chunk_id=text("chunk_id"),
        chunk_ids=_texts(record, "chunk_ids", where),
        chunk_hashes=_texts(record, "chunk_hashes", where),
        repository=text("repository"),
        root=text("root"),
        file_path=text("file_path"),
        symbol=text("symbol"),
        start_line=_line(record, "start_line", where),
        end_line=_line(record, "end_line", where),
        content_hash=text("content_hash"),
        similarity=similarity,
        was=None if was is None else LastKnown(**_known(was, LastKnown(), f"{where}.was")),
        candidates=tuple(
            Candidate(**_known(one, _NO_CANDIDATE, f"{where}.candidates[{number}]"))
            for number, one in enumerate(candidates)
        ),
        reason=text("reason"),
        content=text("content"),
        diff=text("diff"),
    )


_NO_CANDIDATE: Final = Candidate("", "", "", 0, 0, 0.0)


def _known(value: object, defaults: LastKnown | Candidate, where: str) -> dict[str, Any]:
    """A dataclass's fields out of an object; the default's type is the field's type, null is the default."""
    record = _object(value, where)
    fields: dict[str, Any] = {}
    for key in type(defaults).__slots__:
        default = getattr(defaults, key)
        fields[key] = (
            _line(record, key, where)
            if type(default) is int
            else _field(record, key, type(default), default, where=where)
        )
    return fields


def _line(record: Mapping[str, Any], key: str, where: str) -> int:
    number: int = _field(record, key, int, 0, where=where)
    if number < 0:
        raise WireError(f"{where}.{key} is {number}")
    return number


def _texts(record: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    items = _field(record, key, list, [], where=where)
    if not all(isinstance(item, str) for item in items):
        raise WireError(f"{where}.{key} must hold text only")
    return tuple(items)


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise WireError(f"{where} is {'null' if value is None else repr(value)[:60]}, not an object")
    return value


_REQUIRED: Final = object()


def _field(record: Mapping[str, Any], key: str, kind: type, default: Any = _REQUIRED, *, where: str) -> Any:
    value = record.get(key)
    if value is None:
        if default is _REQUIRED:
            raise WireError(f"{key} is missing in {where}")
        return default
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise WireError(f"{where}.{key} is {value!r:.60}, not {kind.__name__}")
    return value
