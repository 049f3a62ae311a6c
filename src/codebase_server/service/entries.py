"""Resolutions as the JSON-ready entries of `resolve` and `get_chunks`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from bridge.agreed.resolution import Candidate, LastKnown, Resolution, ResolveRequest
from bridge.agreed.states import DENIED, ReferenceState
from bridge.agreed.syntax import parse
from codebase_server.service import answers
from codebase_server.store import Placement


def resolved(resolution: Resolution) -> answers.Resolved:
    """One resolution, without code."""
    return {
        "ref": resolution.ref,
        "state": resolution.state,
        "chunk_id": resolution.chunk_id,
        "chunk_ids": list(resolution.chunk_ids),
        "chunk_hashes": list(resolution.chunk_hashes),
        "repository": resolution.repository,
        "root": resolution.root,
        "file_path": resolution.file_path,
        "symbol": resolution.symbol,
        "start_line": resolution.start_line,
        "end_line": resolution.end_line,
        "content_hash": resolution.content_hash,
        "similarity": resolution.similarity,
        "was": None if resolution.was is None else last_known(resolution.was),
        "candidates": [candidate(one) for one in resolution.candidates],
        "reason": resolution.reason,
    }


def asked_for(resolution: Resolution, request: ResolveRequest) -> answers.Resolved:
    """One resolution, with the code it names now and the diff to it where the request wants them."""
    entry = dict(resolved(resolution))
    if request.content:
        entry["content"] = resolution.content
    if request.diff:
        entry["diff"] = resolution.diff
    return cast("answers.Resolved", entry)  # its optional members are those just added


def chunk(resolution: Resolution, placed: Placement | None) -> answers.ChunkEntry:
    """One resolution with its code and what the index knows of the chunk.

    An id that was asked for stays the entry's id when its code is gone, so that entries are told apart by it.
    """
    asked = resolution.ref if parse(resolution.ref).form == "chunk" else ""
    entry = {
        **resolved(resolution),
        "chunk_id": resolution.chunk_id or asked.strip(),
        "content": resolution.content,
        "first_line": resolution.start_line,
        "language": placed.language if placed else "",
        "kind": placed.kind if placed else "",
    }
    return cast("answers.ChunkEntry", entry)  # mypy wants the optional members too when one dict is spread


def last_known(was: LastKnown) -> answers.LastKnown:
    """The last place and code of something."""
    return {
        "file_path": was.file_path,
        "symbol": was.symbol,
        "start_line": was.start_line,
        "end_line": was.end_line,
        "content": was.content,
        "content_hash": was.content_hash,
        "generation": was.generation,
        "commit": was.commit,
        "died_at": was.died_at,
    }


def candidate(one: Candidate) -> answers.Candidate:
    """Code that may be meant."""
    return {
        "chunk_id": one.chunk_id,
        "file_path": one.file_path,
        "symbol": one.symbol,
        "start_line": one.start_line,
        "end_line": one.end_line,
        "score": round(one.score, 4),
    }


def not_denied(made: Iterable[answers.Resolved], why: str) -> None:
    """Entries that say something is not there say instead that it could not be told."""
    for entry in made:
        if entry["state"] in DENIED:
            entry["state"], entry["reason"] = "unchecked", why


def unplaced(ref: str, state: ReferenceState, reason: str, place: Mapping[str, str]) -> answers.Resolved:
    """An entry for a reference that no index was asked about."""
    return {
        "ref": ref,
        "state": state,
        "chunk_id": "",
        "chunk_ids": [],
        "chunk_hashes": [],
        "repository": place.get("repository", ""),
        "root": place.get("root", ""),
        "file_path": "",
        "symbol": "",
        "start_line": 0,
        "end_line": 0,
        "content_hash": "",
        "similarity": None,
        "was": None,
        "candidates": [],
        "reason": reason,
    }
