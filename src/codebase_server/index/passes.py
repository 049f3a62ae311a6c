"""A pass: bringing the published index of a root up to what lies on disk."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from codebase_server.files import FileEntry, Scan
from codebase_server.identity import Piece
from codebase_server.index import textindex
from codebase_server.index.account import Account, account
from codebase_server.index.adopt import Adoptable, find_adoptable, has_files
from codebase_server.index.assign import Assigner
from codebase_server.index.commits import head_commit
from codebase_server.index.hashing import look_before_parsing
from codebase_server.index.models import in_pass_embedder, model_of
from codebase_server.index.options import (
    Cancelled,
    IndexingCancelledError,
    IndexOptions,
    PassResult,
    Progress,
)
from codebase_server.index.outgoing import Outgoing
from codebase_server.index.plan import KnownFile, Plan, known_files, known_skips, make_plan, stat_to_keep
from codebase_server.index.prepare import FORMAT
from codebase_server.index.preparing import Preparer
from codebase_server.index.workers import INLINE_FILES
from codebase_server.runtime.collecting import let_go
from codebase_server.store.batch import Adopted, FileStat, Parsed, PreparedFile, SkippedFile
from codebase_server.store.database import fold_log
from codebase_server.store.live import LiveVersions
from codebase_server.store.publish import Publisher

_STORED_AT_ONCE = 250
"""Chunks of new files that are stored together, while workers parse further files."""


class Pass:
    """One run over a root (or some paths of it). Its owner holds the writer's lock.

    Files whose every chunk finds its partner in the same file are published as
    they are parsed. The others wait until all that vanished is known; then ids
    are matched across files, and disappearances are published with them.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        file: Path,
        root: Path,
        repository: str,
        options: IndexOptions,
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
        remembered: LiveVersions | None = None,
    ) -> None:
        self._connection = connection
        self._root = root
        self._progress = progress or (lambda done, total, message: None)
        self._cancelled = cancelled or (lambda: False)
        self._publisher = Publisher(connection, file, str(root), textindex.write_index, remembered)
        self._assigner = Assigner(connection, repository, self._publisher.root.root_id, self._publisher.live)
        self._preparer = Preparer(root, file, options, self._progress, self._cancelled)
        self._commit = head_commit(root)
        self._embedder = in_pass_embedder(options)
        self._model = model_of(self._embedder)
        self._outgoing = Outgoing(self._publisher, self._commit, self._model)
        self._entries: dict[str, FileEntry] = {}
        self._deferred: list[PreparedFile] = []
        self._late: list[Adoptable] = []
        self._vanished: list[Piece] = []
        self._gone: list[str] = []
        self._old: dict[str, list[Piece]] = {}

    def run(self, scan: Scan, *, force: bool = False, only: Sequence[str] | None = None) -> PassResult:
        """Do it. ``only`` restricts the pass to some known paths, of which ``scan`` then consists.

        Raises `IndexingCancelledError` when asked to stop, and the store's errors.
        """
        started = time.monotonic()
        root_id = self._publisher.root.root_id
        known = known_files(self._connection, root_id, only)
        skipped = known_skips(self._connection, root_id, only)
        plan = make_plan(scan, known, skipped, format_=FORMAT, force=force)
        self._entries = {entry.path: entry for entry in (*plan.changed, *plan.new)}
        changed, new = self._look_into(plan, known, force)
        let_go(known)
        self._preparer.total = len(changed) + len(new) + len(self._late)
        building = self._publisher.root.state == "building"
        self._outgoing.holding = not building
        if not building and self._preparer.total > INLINE_FILES:
            self._outgoing.tell(self._pending())
        removed = len(plan.removed)
        self._old = self._assigner.placed([*(entry.path for entry in changed), *self._gone])
        self._vanished += [piece for path in self._gone for piece in self._old.pop(path, [])]
        if building or not (self._vanished or self._late or changed):
            self._parse(changed, plan)
            self._settle(plan)
            self._stream(new, plan)
        else:
            self._parse([*changed, *new], plan)
            self._settle(plan)
        skips, examples = self._finish(scan, plan, started, whole=only is None)
        textindex.keep_up(self._connection, self._model)
        self._encode_rest()
        if only is None:
            fold_log(self._connection)  # a small pass leaves it to SQLite, which folds some 16 MB at once
        return PassResult(
            generation=self._publisher.root.generation,
            files=self._publisher.root.files,
            chunks=self._publisher.root.chunks,
            changed_files=len(changed) + len(new),
            removed_files=removed,
            duration_ms=(time.monotonic() - started) * 1000,
            skipped=skips,
            examples=examples,
            warnings=scan.warnings,
        )

    def _look_into(
        self, plan: Plan, known: dict[str, KnownFile], force: bool
    ) -> tuple[list[FileEntry], list[FileEntry]]:
        """Hash before parsing: what has the same bytes, or is stored already, need not be parsed."""
        self._gone = list(plan.removed)
        if force:
            return plan.changed, plan.new
        looked = look_before_parsing(self._root, plan, known, also_new=has_files(self._connection))
        self._outgoing.batch.restat += looked.restat
        changed = looked.changed
        leaving = {**dict.fromkeys(self._gone), **dict.fromkeys(entry.path for entry in changed)}
        adoptable = {
            found.entry.path: found
            for found in find_adoptable(
                self._connection, self._publisher.live, looked.hashed, leaving, FORMAT
            )
        }
        self._adopt(adoptable.values(), plan)
        left = [entry for entry in changed if entry.path not in adoptable]
        return left, [entry for entry in plan.new if entry.path not in adoptable]

    def _adopt(self, adoptable: Iterable[Adoptable], plan: Plan) -> None:
        """Publish at once what takes no id from another file and leaves none behind; the rest waits."""
        adoptable = list(adoptable)
        old = self._assigner.placed([found.entry.path for found in adoptable])
        lively = self._assigner.living({chunk_id for found in adoptable for chunk_id in found.ids})
        for found in adoptable:
            here = {piece.owner for piece in old.get(found.entry.path, ())}
            self._assigner.taken.update(found.ids)
            if here <= set(found.ids) and not (lively & set(found.ids)) - here:
                self._add(Adopted(found.entry.path, found.file_id, self._stat(found.entry.path, plan)), 8)
            else:
                self._late.append(found)
                self._vanished += old.get(found.entry.path, [])

    def _parse(self, entries: Sequence[FileEntry], plan: Plan) -> None:
        """Parse files; publish those that stand alone, keep the others for `_settle`."""
        for prepared in self._preparer.files(entries):
            old = self._old.pop(prepared.path, [])
            if isinstance(prepared, SkippedFile):
                self._skip(prepared, plan)
                if old:
                    self._vanished += old
                    self._gone.append(prepared.path)
                continue
            ids = self._assigner.settle_alone(old, prepared) if old else None
            if ids is None:
                self._vanished += old
                self._deferred.append(prepared)
            else:
                self._add(Parsed(prepared, ids, self._stat(prepared.path, plan)), len(prepared.chunks))
        self._check_cancelled()

    def _stream(self, entries: Sequence[FileEntry], plan: Plan) -> None:
        """Parse new files when nothing vanished that could be theirs: each batch is published as it comes."""
        waiting: list[PreparedFile] = []
        chunks = 0
        for prepared in self._preparer.files(entries):
            if isinstance(prepared, SkippedFile):
                self._skip(prepared, plan)
                continue
            waiting.append(prepared)
            chunks += len(prepared.chunks)
            is_due = self._outgoing.is_due(len(prepared.chunks), self._pending())
            if is_due or chunks >= _STORED_AT_ONCE:
                self._give_ids(waiting, plan)
                waiting, chunks = [], 0
            if is_due:
                self._publish()
        self._give_ids(waiting, plan)
        self._check_cancelled()

    def _give_ids(self, files: Sequence[PreparedFile], plan: Plan) -> None:
        settled = self._assigner.settle([], files)
        self._outgoing.add_ahead(
            [Parsed(file, settled.ids[file.path], self._stat(file.path, plan)) for file in files]
        )

    def _settle(self, plan: Plan) -> None:
        """Match across files what waited, and publish it together with what disappeared."""
        if not (self._deferred or self._late or self._gone):
            return
        settled = self._assigner.settle(self._vanished, self._deferred)
        if not self._outgoing.holding:
            self._publish()
        self._outgoing.batch.parsed += [
            Parsed(file, settled.ids[file.path], self._stat(file.path, plan)) for file in self._deferred
        ]
        self._outgoing.batch.adopted += [
            Adopted(found.entry.path, found.file_id, self._stat(found.entry.path, plan))
            for found in self._late
        ]
        self._outgoing.batch.removed += self._gone
        self._outgoing.batch.successors = settled.successors
        if not self._outgoing.holding:
            self._publish()
        self._deferred, self._late, self._vanished, self._gone = [], [], [], []

    def _add(self, item: Parsed | Adopted, chunks: int) -> None:
        self._outgoing.add(item)
        if self._outgoing.is_due(chunks, self._pending()):
            self._publish()

    def _skip(self, skipped: SkippedFile, plan: Plan) -> None:
        if skipped.reason != "missing":
            self._outgoing.batch.skipped.append(
                SkippedFile(skipped.path, skipped.reason, skipped.detail, self._stat(skipped.path, plan))
            )

    def _stat(self, path: str, plan: Plan) -> FileStat:
        return stat_to_keep(self._entries[path], plan.started_ns)

    def _pending(self) -> int:
        return self._preparer.left + len(self._deferred) + len(self._late)

    def _publish(self) -> None:
        self._outgoing.publish(self._pending())

    def _check_cancelled(self) -> None:
        if self._cancelled():
            self._publish()
            raise IndexingCancelledError(str(self._root))

    def _finish(self, scan: Scan, plan: Plan, started: float, *, whole: bool) -> Account:
        """Publish the rest, with the account of every file seen when the pass was over the whole root."""
        batch = self._outgoing.take()
        root_id = self._publisher.root.root_id
        if not whole:
            self._publisher.publish(batch, pending_files=0)
            return {}, {}  # the account is of the whole root
        before = known_skips(self._connection, root_id)
        batch.skipped += [skip for skip in plan.skips if before.get(skip.path) != skip]
        skipped = {skip.path for skip in batch.skipped}
        batch.unskipped = [path for path in plan.unskipped if path not in skipped]
        quiet = list(scan.warnings) == self._publisher.root.summary.get("warnings", []) and not (
            batch.changes_content() or batch.skipped or batch.unskipped or batch.restat
        )
        root = self._publisher.root
        if quiet and root.state == "ready" and not root.pending_files and not self._preparer.total:
            return account(before.values())
        summary = {
            "finished_at": int(time.time()),
            "duration_ms": round((time.monotonic() - started) * 1000),
            "commit": self._commit,
            "source": scan.source,
            "warnings": list(scan.warnings),
        }
        self._publisher.publish(batch, pending_files=0, state="ready", summary=json.dumps(summary))
        return account(known_skips(self._connection, root_id).values())

    def _encode_rest(self) -> None:
        """Vectors of versions that another model, or none, was configured for when they were made."""
        if not self._embedder:
            return
        from codebase_server import embed

        embedder = embed.load(self._embedder)
        if embedder is not None:
            textindex.encode_pending(
                self._connection,
                embedder,
                self._publisher.live,
                self._cancelled,
                lambda done, total: self._progress(done, total, "vectors"),
            )
