"""The tools' output schemas: the shape of each answer in as few words as strict clients accept.

They are written out and not derived from the types in `service.answers`,
because every token of them is paid for in every conversation: members that
repeat everywhere (`index`, `warnings`) are described once and kept flat. A
test validates real answers of every tool against them.
"""

from __future__ import annotations

from typing import Any, Final, get_args

from bridge.agreed.states import STATES
from codebase_server.service.answers import IndexState

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_COUNT: Final[Schema] = {"type": "integer"}
_NUMBER: Final[Schema] = {"type": "number"}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _record(required: str, **members: Schema) -> Schema:
    return {"type": "object", "properties": members, "required": required.split()}


def _or_null(kind: str) -> Schema:
    # Not a list of types: strict clients map schemas onto dialects with one type a value.
    return {"anyOf": [{"type": kind}, {"type": "null"}]}


_INDEX: Final[Schema] = _record(
    "root repository generation state files chunks pending_files pending_vectors",
    root=_TEXT,
    repository=_TEXT,
    generation=_TEXT,
    state={"enum": list(get_args(IndexState))},
    files=_COUNT,
    chunks=_COUNT,
    pending_files=_COUNT,
    pending_vectors=_COUNT,
)
_COMMON: Final[dict[str, Schema]] = {"latency_ms": _NUMBER, "index": _INDEX, "warnings": _list(_TEXT)}
_PLACE: Final[dict[str, Schema]] = {
    "chunk_id": _TEXT,
    "file_path": _TEXT,
    "symbol": _TEXT,
    "start_line": _COUNT,
    "end_line": _COUNT,
}
_SKIPPED: Final[Schema] = _list(
    _record("reason count examples", reason=_TEXT, count=_COUNT, examples=_list(_TEXT))
)

SEARCH: Final = _record(
    "results total_count latency_ms index warnings",
    results=_list(
        _record(
            "chunk_id file_path start_line end_line similarity_score language kind symbol",
            **_PLACE,
            chunk_ids=_list(_TEXT),
            content=_TEXT,
            similarity_score={"type": "number", "minimum": 0, "maximum": 1},
            language=_TEXT,
            kind=_TEXT,
        )
    ),
    total_count=_COUNT,
    **_COMMON,
)

CHUNKS: Final = _record(
    "chunks latency_ms index warnings",
    chunks=_list(
        _record(
            "ref state chunk_id content file_path start_line end_line was candidates reason",
            ref=_TEXT,
            state={"enum": list(STATES)},
            **_PLACE,
            content=_TEXT,
            content_hash=_TEXT,
            diff=_TEXT,
            reason=_TEXT,
            was=_or_null("object"),
            candidates=_list({"type": "object"}),
            history=_list({"type": "object"}),
        )
    ),
    **_COMMON,
)

SYMBOLS: Final = _record(
    "results total_count latency_ms index warnings",
    results=_list(
        _record(
            "chunk_id symbol symbol_kind file_path start_line end_line signature language",
            **_PLACE,
            symbol_kind=_TEXT,
            signature=_TEXT,
            language=_TEXT,
        )
    ),
    total_count=_COUNT,
    usages=_list(
        _record(
            "file_path line text chunk_id symbol manner likely",
            file_path=_TEXT,
            line=_COUNT,
            text=_TEXT,
            chunk_id=_TEXT,
            symbol=_TEXT,
            manner=_TEXT,
            likely={"type": "boolean"},
        )
    ),
    **_COMMON,
)

OUTLINE: Final = _record(
    "path entries total_count latency_ms index warnings",
    path=_TEXT,
    entries=_list(
        _record(
            "file_path symbol symbol_kind start_line end_line depth chunk_id signature",
            **_PLACE,
            symbol_kind=_TEXT,
            depth=_COUNT,
            signature=_TEXT,
        )
    ),
    total_count=_COUNT,
    **_COMMON,
)

INDEXED: Final = _record(
    "files chunks changed_files removed_files skipped generation duration_ms index warnings",
    files=_COUNT,
    chunks=_COUNT,
    changed_files=_COUNT,
    removed_files=_COUNT,
    skipped=_SKIPPED,
    generation=_TEXT,
    duration_ms=_NUMBER,
    index=_INDEX,
    warnings=_list(_TEXT),
)

STATUS: Final = _record(
    "root repository state generation coverage languages skipped embedder database_bytes writer_pid "
    "last_error latency_ms index warnings",
    root=_TEXT,
    repository=_TEXT,
    state=_TEXT,
    generation=_TEXT,
    coverage=_NUMBER,
    languages={"type": "object"},
    skipped=_SKIPPED,
    embedder=_TEXT,
    database_bytes=_COUNT,
    writer_pid=_or_null("integer"),
    last_error=_TEXT,
    **_COMMON,
)
