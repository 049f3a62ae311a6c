"""What is indexed of a root, what is not, and who writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from codebase_server.index.account import account
from codebase_server.index.options import IndexOptions
from codebase_server.index.plan import known_skips
from codebase_server.store import Snapshot


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """A root's account. ``seen`` is ``files`` plus all ``skipped`` plus ``pending_files`` not yet indexed.

    ``coverage`` is ``files`` over ``files + pending_files`` (1 when nothing is to be indexed);
    ``languages`` counts files; ``embedder`` is the configured one.
    """

    root: str
    repository: str
    state: str
    generation: str
    files: int
    chunks: int
    seen: int
    pending_files: int
    pending_vectors: int
    coverage: float
    languages: dict[str, int]
    skipped: dict[str, int]
    examples: dict[str, list[str]]
    embedder: str
    database_bytes: int
    writer_pid: int | None
    last_error: str
    watching: bool
    commit: str
    warnings: tuple[str, ...]


def read_status(
    snapshot: Snapshot,
    file: Path,
    *,
    options: IndexOptions,
    writer_pid: int | None,
    last_error: str,
    watching: bool,
) -> IndexStatus:
    """Everything about a root that its snapshot and the system tell."""
    skips = known_skips(snapshot.connection, snapshot.root_id)
    skipped, examples = account(skips.values())
    languages = dict(
        snapshot.connection.execute(
            "SELECT language, count(*) FROM root_file JOIN file USING (file_id) WHERE root_id = ? "
            "GROUP BY language ORDER BY count(*) DESC, language",
            (snapshot.root_id,),
        )
    )
    pending = snapshot.pending_files
    wanted = snapshot.files_count + pending
    warnings = snapshot.summary.get("warnings", [])
    return IndexStatus(
        root=snapshot.root,
        repository=snapshot.repository,
        state=snapshot.state,
        generation=snapshot.generation,
        files=snapshot.files_count,
        chunks=snapshot.chunks_count,
        seen=snapshot.files_count + len(skips) + pending,
        pending_files=pending,
        pending_vectors=pending_vectors(snapshot, options),
        coverage=snapshot.files_count / wanted if wanted else float(snapshot.state == "ready"),
        languages=languages,
        skipped=skipped,
        examples=examples,
        embedder=options.embedder,
        database_bytes=database_bytes(file),
        writer_pid=writer_pid,
        last_error=last_error,
        watching=watching,
        commit=str(snapshot.summary.get("commit", "")),
        warnings=tuple(warnings) if isinstance(warnings, list) else (),
    )


def pending_vectors(snapshot: Snapshot, options: IndexOptions) -> int:
    """How many live chunks the configured embedder has not encoded yet."""
    if not options.embeds or not len(snapshot.live):
        return 0
    from codebase_server import embed
    from codebase_server.index import textindex

    try:
        embedder = embed.load(options.embedder)
    except embed.EmbedderError:
        return len(snapshot.live)
    if embedder is None:
        return 0
    return len(textindex.pending_vectors(snapshot.connection, embedder.model_id, snapshot.live))


def database_bytes(file: Path) -> int:
    """Bytes on disk of a database and its log; 0 when there is none."""
    total = 0
    for suffix in ("", "-wal"):
        try:
            total += Path(f"{file}{suffix}").stat().st_size
        except OSError:
            continue
    return total
