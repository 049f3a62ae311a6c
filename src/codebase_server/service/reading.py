"""`get_chunks`: the code behind ids, with its surroundings, its past, or what became of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.agreed.resolution import ReferenceQuery, Resolution
from bridge.agreed.states import DENIED, FOUND
from codebase_server.identity import resolve
from codebase_server.service import entries
from codebase_server.service.answers import ChunkEntry, ChunksAnswer, IndexBlock, Version
from codebase_server.service.current import Look, answered, seen

if TYPE_CHECKING:
    from codebase_server.service.opened import OpenRoot
    from codebase_server.store import Snapshot


def chunks(
    opened: OpenRoot,
    chunk_ids: Sequence[str],
    context_lines: int = 0,
    history: bool = False,
    diff_from: str | None = None,
) -> ChunksAnswer:
    """One entry an id, in the order asked."""
    started, began = time.perf_counter(), time.monotonic()
    warnings = opened.freshen()

    def read() -> Look[tuple[list[ChunkEntry], IndexBlock]]:
        with opened.snapshot() as snapshot:
            asked = [ReferenceQuery(chunk_id) for chunk_id in chunk_ids]
            found = resolve.resolve(snapshot, asked, content=True)
            made = [_entry(snapshot, one, context_lines, history, diff_from) for one in found]
            return seen(snapshot, (made, opened.block(snapshot)), (one.file_path for one in found))

    now = answered(
        opened,
        read,
        began=began,
        denies=lambda answer: any(one["state"] in DENIED for one in answer[0]),
    )
    made, index = now.answer
    if now.unsure:
        entries.not_denied(made, opened.unsure())
        now = replace(now, unsure=False)
    return {
        "chunks": made,
        "latency_ms": round((time.perf_counter() - started) * 1000, 3),
        "index": index,
        "warnings": [*warnings, *now.warnings(opened)],
    }


def _entry(
    snapshot: Snapshot, found: Resolution, context_lines: int, history: bool, diff_from: str | None
) -> ChunkEntry:
    placed = snapshot.live_chunks([found.chunk_id]).get(found.chunk_id) if found.chunk_id else None
    entry = entries.chunk(found, placed)
    if found.state in FOUND and not found.chunk_id and not found.reason:
        entry["reason"] = f"A whole file: outline lists its symbols, '{found.file_path}:1-80' reads lines."
    if context_lines and found.state in FOUND:
        entry["content"], entry["first_line"] = _with_context(snapshot, found, context_lines)
    if history:
        entry["history"] = _history(snapshot, found)
    if diff_from and found.state in FOUND:
        difference = resolve.diff(snapshot, diff_from, found.content, found.file_path)
        entry["diff"] = "" if difference is None else difference
        if difference is None:
            entry["reason"] = f"{found.reason} No code with the hash '{diff_from}' is stored here.".strip()
    return entry


def _with_context(snapshot: Snapshot, found: Resolution, lines: int) -> tuple[str, int]:
    """The code with lines of its file around it, put together from the chunks that own them."""
    wanted_from, wanted_to = max(1, found.start_line - lines), found.end_line + lines
    near = [
        chunk
        for chunk in snapshot.chunks_in(found.file_path)
        if chunk.end_line >= wanted_from and chunk.start_line <= wanted_to
    ]
    contents = snapshot.contents(chunk.version_id for chunk in near)
    text: dict[int, str] = {}
    for chunk in near:
        for number, line in enumerate(contents[chunk.version_id].split("\n"), chunk.start_line):
            text[number] = line
    numbers = [number for number in sorted(text) if wanted_from <= number <= wanted_to]
    return "\n".join(text[number] for number in numbers), numbers[0] if numbers else found.start_line


def _history(snapshot: Snapshot, found: Resolution) -> list[Version]:
    chunk_id = found.chunk_id or found.ref
    rows = resolve.history(snapshot, chunk_id)
    return [
        {
            "event": row.event,
            "generation": row.generation,
            "at": _rfc3339(row.at),
            "commit": row.commit,
            "content_hash": row.version.content_hash if row.version else "",
            "file_path": row.version.path if row.version else "",
            "symbol": row.version.symbol if row.version else "",
            "current": bool(found.content_hash)
            and row.version is not None
            and row.version.content_hash == found.content_hash,
        }
        for row in rows
    ]


def _rfc3339(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
