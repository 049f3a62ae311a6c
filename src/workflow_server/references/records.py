"""What is stored of a reference: its text as it was given, and what was kept of the code.

A record is JSON: ``ref``, ``role``, ``repository`` if it was named, ``snapshot``
once it was found, ``state`` and ``checked_at`` of the last look that got an
answer, and ``now``, the place where that look found the code if it is another
than the snapshot's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bridge.agreed import snapshots
from bridge.agreed.resolution import Resolution
from bridge.agreed.snapshots import Snapshot
from bridge.agreed.states import FOUND
from bridge.agreed.syntax import GivenReference

Json = dict[str, Any]

_REMEMBER_ANEW: Final = timedelta(minutes=15)
"""An unchanged state's time is written at most this often: a read is not a write each time."""


def of_given(given: GivenReference) -> Json:
    """The record of a reference that was never resolved."""
    record: Json = {"ref": given.ref, "role": given.role}
    if given.repository:
        record["repository"] = given.repository
    return record


def snapshot_of(record: Mapping[str, Any]) -> Snapshot | None:
    """What was kept of the code, or None for a reference never found (or a record that makes no sense)."""
    kept = record.get("snapshot")
    if not isinstance(kept, Mapping):
        return None
    try:
        return snapshots.from_json(kept)
    except ValueError:
        return None


def learned(record: Mapping[str, Any], found: Resolution, now: datetime) -> Json:
    """The record after a look: first snapshot, state and its time. Equal to before if nothing is new."""
    after = dict(record)
    if "snapshot" not in after and found.state in FOUND and (found.chunk_ids or found.content_hash):
        after["snapshot"] = take(found).to_json()
    if found.state != "unchecked" and (
        after.get("state") != found.state or _is_old(after.get("checked_at"), now)
    ):
        after["state"], after["checked_at"] = found.state, stamp(now)
    if found.state in FOUND:
        after.pop("now", None)
        if elsewhere := _elsewhere(after, found):
            after["now"] = elsewhere
    return after


def _elsewhere(record: Mapping[str, Any], found: Resolution) -> Json:
    """Where code has moved to, so that items are found by the place that people see."""
    kept = snapshot_of(record)
    if kept is None or not found.file_path or (kept.path, kept.symbol) == (found.file_path, found.symbol):
        return {}
    place: Json = {"path": found.file_path, "symbol": found.symbol, "start_line": found.start_line}
    return place | {"end_line": found.end_line, "chunk_ids": list(found.chunk_ids)}


def accepted(record: Mapping[str, Any], found: Resolution, now: datetime) -> Json:
    """The record with the code as it stands now as what is meant from now on."""
    rest = {name: value for name, value in record.items() if name != "now"}
    return {**rest, "snapshot": take(found).to_json(), "state": "valid", "checked_at": stamp(now)}


def take(found: Resolution) -> Snapshot:
    """A snapshot of code that was found; its text passes the secrets filter and the size limit."""
    code, truncated = snapshots.keepable(found.content)
    return Snapshot(
        repository=found.repository,
        path=found.file_path,
        start_line=found.start_line,
        end_line=found.end_line,
        symbol=found.symbol,
        content_hash=found.content_hash,
        chunk_ids=found.chunk_ids,
        chunk_hashes=found.chunk_hashes,
        code=code,
        truncated=truncated,
    )


def stamp(now: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_old(checked_at: object, now: datetime) -> bool:
    try:
        return not isinstance(checked_at, str) or now - datetime.fromisoformat(checked_at) > _REMEMBER_ANEW
    except (ValueError, TypeError):
        return True
