"""What became of references to code, read from one snapshot of the index.

`resolve` answers many references with a handful of queries. The words for the
states are those of `bridge.agreed.states`; the wire form is made by the door.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge.agreed.resolution import ReferenceQuery, Resolution
from bridge.agreed.syntax import ParsedReference, parse
from codebase_server.identity.difference import unified
from codebase_server.identity.judge import Judge
from codebase_server.identity.textual import resolve_lines, resolve_path, resolve_symbol
from codebase_server.store import HistoryEntry, Snapshot


def resolve(
    snapshot: Snapshot, queries: Sequence[ReferenceQuery], *, content: bool = False, diff: bool = False
) -> list[Resolution]:
    """One resolution per reference, in order.

    :param queries: references of this snapshot's root; a query's kept snapshot,
        where there is one, says what the reference meant when it was made.
    :param content: whether found code is handed out too.
    :param diff: whether to tell what changed since the query's snapshot was kept.
    """
    parsed = [parse(query.ref) for query in queries]
    judge = Judge(snapshot, _ids(queries, parsed), content=content, diff=diff)
    judge.read_ahead(queries)
    return [_one(judge, query, reference) for query, reference in zip(queries, parsed, strict=True)]


def history(snapshot: Snapshot, chunk_id: str) -> list[HistoryEntry]:
    """The generations in which a chunk was born, changed, died or came back; empty for an unknown id."""
    return snapshot.history(chunk_id)


def diff(snapshot: Snapshot, content_hash: str, now: str, path: str) -> str | None:
    """A unified diff from code stored under ``content_hash`` to ``now``; None when that code is unknown."""
    before = snapshot.content_with_hash(content_hash)
    if before is None:
        return None
    return unified(before, now, f"{path} @{content_hash[:12]}", path)


def _one(judge: Judge, query: ReferenceQuery, reference: ParsedReference) -> Resolution:
    if reference.form == "chunk":
        return judge.chunks(query, [reference.chunk_id])
    if reference.form == "symbol":
        return resolve_symbol(judge, query, reference)
    if reference.form == "lines":
        return resolve_lines(judge, query, reference)
    if reference.form == "path":
        return resolve_path(judge, query, reference)
    return judge.answer(
        query, "unresolved", reason=f"'{query.ref}' is a {reference.form}, not a place in code."
    )


def _ids(queries: Sequence[ReferenceQuery], parsed: Sequence[ParsedReference]) -> set[str]:
    """Every chunk id that the references and their snapshots name."""
    ids = {reference.chunk_id for reference in parsed if reference.chunk_id}
    for query in queries:
        if query.snapshot is not None:
            ids.update(query.snapshot.chunk_ids)
    return ids
