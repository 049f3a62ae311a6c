"""What an answer says of one reference: its state in a few words, and on demand the code and what changed."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bridge.agreed.resolution import LastKnown, Resolution
from bridge.agreed.snapshots import Snapshot
from bridge.agreed.states import FOUND
from workflow_server.references.records import snapshot_of

Json = dict[str, Any]

_MOST_CANDIDATES = 5


def detail(record: Mapping[str, Any], found: Resolution, *, code: bool = False) -> Json:
    """One entry of ``reference_details``; what is empty is left out.

    ``code`` adds the code (as it is, or as it was kept) and, for changed code,
    a unified diff from what was kept.
    """
    kept = snapshot_of(record)
    told: Json = {"ref": record["ref"], "role": record.get("role", "about"), "state": found.state}
    if found.state in FOUND:
        told |= _found(found, kept)
    else:
        told |= _lost(record, found, kept)
    if found.reason and found.state != "valid":
        told.setdefault("reason", found.reason)
    if code:
        told |= _code(found, kept)
    return told


def _found(found: Resolution, kept: Snapshot | None) -> Json:
    told = _place(found)
    told |= _filled(chunk_id=found.chunk_id)
    if len(found.chunk_ids) > 1:  # a range stands for all the chunks it touches
        told["chunk_ids"] = list(found.chunk_ids)
    told |= _filled(root=found.root, repository=found.repository)
    if found.state == "changed" and found.similarity is not None:
        told["similarity"] = found.similarity
    was = _was(found, kept)
    if found.state != "valid" and was is not None:
        told["was"] = _place(was)
        if (was.file_path, was.symbol) != (found.file_path, found.symbol):
            told["moved_to"] = _place(found)
    return told


def _lost(record: Mapping[str, Any], found: Resolution, kept: Snapshot | None) -> Json:
    told = _filled(root=found.root, repository=found.repository)
    was = _was(found, kept)
    if was is not None:
        told["was"] = _place(was) | _filled(commit=was.commit, generation=was.generation)
        if found.state == "stale":
            told["was"] |= _filled(content=was.content)
    if found.candidates:
        told["candidates"] = [
            {"chunk_id": one.chunk_id, **_place(one), "score": one.score}
            for one in found.candidates[:_MOST_CANDIDATES]
        ]
    if found.state == "unchecked" and record.get("state"):
        told["last"] = {"state": record["state"], "at": record.get("checked_at")}
        last = f"last known {record['state']}, {record.get('checked_at', 'at no known time')}"
        told["reason"] = f"{found.reason} {last}".strip()
    return told


def _code(found: Resolution, kept: Snapshot | None) -> Json:
    told: Json = {}
    if found.state in FOUND and found.content:
        told["content"] = found.content
    elif kept is not None and kept.code:
        told["code"] = kept.code
    if found.state == "changed" and kept is not None and kept.code and found.content:
        told["diff"] = difference(kept, found)
    return told


def difference(kept: Snapshot, found: Resolution) -> str:
    """A unified diff from the kept code to the code as it is now.

    Of code that was cut when it was kept, only as many lines are compared.
    """
    before, after = kept.code.splitlines(), found.content.splitlines()
    if kept.truncated:
        after = after[: len(before)]
    lines = difflib.unified_diff(
        before, after, f"{kept.path} (kept)", f"{found.file_path} (now)", lineterm=""
    )
    note = [f"(only the first {len(before)} lines were kept)"] if kept.truncated else []
    return "\n".join([*lines, *note])


def _was(found: Resolution, kept: Snapshot | None) -> LastKnown | None:
    """The last known place and code: the index's knowledge, filled up with what was kept."""
    if kept is None:
        return found.was
    mine = LastKnown(
        file_path=kept.path,
        symbol=kept.symbol,
        start_line=kept.start_line,
        end_line=kept.end_line,
        content=kept.code,
        content_hash=kept.content_hash,
    )
    if found.was is None or found.state in FOUND:
        return mine
    if not found.was.file_path:
        return replace(mine, commit=found.was.commit, generation=found.was.generation)
    return replace(found.was, content=found.was.content or kept.code)


def _place(one: Any) -> Json:
    """File, symbol and lines of anything that has them."""
    return _filled(
        file_path=one.file_path, symbol=one.symbol, start_line=one.start_line, end_line=one.end_line
    )


def _filled(**fields: Any) -> Json:
    return {name: value for name, value in fields.items() if value not in ("", 0, None)}
