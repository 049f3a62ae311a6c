"""Judging chunks: is it the same code, is it in the same place, and what if it is gone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from bridge.agreed import states
from bridge.agreed.resolution import Candidate, LastKnown, ReferenceQuery, Resolution
from bridge.agreed.states import NOT_FINISHED, ReferenceState, worst
from codebase_server.identity.difference import unified
from codebase_server.identity.drifted import drifted
from codebase_server.identity.likely import SAME_BUT_FOR_ITS_NAME, Likely
from codebase_server.identity.meant import Meant, meant_by, was_of
from codebase_server.identity.normal import same_code
from codebase_server.identity.placing import find_by_snapshot
from codebase_server.identity.returned import returned
from codebase_server.identity.similarity import containment, profile, similarity
from codebase_server.identity.twins import Twins
from codebase_server.store import Placement, Snapshot, Tombstone


class Judge:
    """Judges the references of one request. ``ids`` are the chunk ids it will be asked about."""

    def __init__(self, snapshot: Snapshot, ids: set[str], *, content: bool, diff: bool = False) -> None:
        self.snapshot = snapshot
        self._content = content
        self.wants_diff = diff
        self._placed = snapshot.live_chunks(ids) if ids else {}
        missing = ids - self._placed.keys()
        self._dead = snapshot.tombstones(missing) if missing else {}
        self._codes: dict[int, str] = {}
        self._meant: dict[str, str] = {}
        self.twins = Twins(snapshot)
        self._likely = Likely(snapshot)

    def read_ahead(self, queries: Sequence[ReferenceQuery]) -> None:
        """Read in two queries the code that judging will compare, rather than chunk by chunk."""
        versions: list[int] = [tombstone.version.version_id for tombstone in self._dead.values()]
        hashes: set[str] = set()
        for query in queries:
            for chunk_id in query.snapshot.chunk_ids if query.snapshot else ():
                placement, meant = self._placed.get(chunk_id), meant_by(query, chunk_id)
                if placement is not None and meant.content_hash != placement.content_hash:
                    versions.append(placement.version_id)
                    hashes.add(meant.content_hash)
        if self._content:
            versions += [placement.version_id for placement in self._placed.values()]
        self._codes = self.snapshot.contents(versions) if versions else {}
        self._meant = self.snapshot.contents_with_hashes(hashes)

    @property
    def complete(self) -> bool:
        """Whether the index can say that something is *not* there."""
        return self.snapshot.state == "ready"

    def placement(self, chunk_id: str) -> Placement | None:
        """Where a chunk id of this request lives."""
        return self._placed.get(chunk_id)

    def chunks(self, query: ReferenceQuery, chunk_ids: Sequence[str]) -> Resolution:
        """The resolution of chunk ids that a reference stands for: the worst of their states."""
        return self.joined([self.chunk(query, chunk_id) for chunk_id in chunk_ids])

    def joined(self, parts: Sequence[Resolution]) -> Resolution:
        """One resolution for several chunks: the worst of their states."""
        if len(parts) == 1:
            return parts[0]
        state = worst([part.state for part in parts])
        first = next(part for part in parts if part.state == state)
        found = [part for part in parts if part.chunk_id]
        same_file = [part for part in found if part.file_path == (found[0].file_path if found else "")]
        similarities = [part.similarity for part in parts if part.similarity is not None]
        return replace(
            first,
            chunk_id=found[0].chunk_id if found else "",
            chunk_ids=tuple(part.chunk_id for part in found),
            chunk_hashes=tuple(part.content_hash for part in found),
            content_hash="",
            file_path=found[0].file_path if found else "",
            symbol=found[0].symbol if len({part.symbol for part in found}) == 1 else "",
            start_line=min((part.start_line for part in same_file), default=0),
            end_line=max((part.end_line for part in same_file), default=0),
            similarity=min(similarities, default=None),
            content="\n".join(part.content for part in same_file) if self._content else "",
            diff="\n".join(part.diff for part in parts if part.diff),
        )

    def chunk(self, query: ReferenceQuery, chunk_id: str) -> Resolution:
        """The resolution of one chunk id."""
        meant = meant_by(query, chunk_id)
        placement = self._placed.get(chunk_id)
        if placement is not None:
            asked = self.snapshot, placement, meant, lambda one: self._compare(one, self.code(one), meant)
            return self.found(query, returned(*asked) or drifted(*asked) or placement, meant)
        tombstone = self._dead.get(chunk_id)
        if tombstone is not None:
            return self._gone(query, tombstone)
        return self._never_known(query, chunk_id, meant)

    def taken_for(self, query: ReferenceQuery, chunk_id: str, placement: Placement) -> Resolution:
        """The resolution of a dead chunk that a live one is taken for."""
        return self.found(query, placement, meant_by(query, chunk_id))

    def found(
        self, query: ReferenceQuery, placement: Placement, meant: Meant, reason: str = ""
    ) -> Resolution:
        """The resolution of a live chunk, held against what the reference meant."""
        now = ""
        changed, alike = False, None
        if (meant.content_hash and meant.content_hash != placement.content_hash) or (
            not meant.content_hash and meant.code
        ):
            now = self.code(placement)
            changed, alike = self._compare(placement, now, meant)
        elif meant.content_hash:
            alike = 1.0
        moved = bool(meant.path) and not meant.stands(placement.path, placement.symbol)
        state: ReferenceState = "changed" if changed else "moved" if moved else "valid"
        return self.answer(
            query,
            state,
            chunk_id=placement.chunk_id,
            chunk_ids=(placement.chunk_id,),
            chunk_hashes=(placement.content_hash,),
            file_path=placement.path,
            symbol=placement.symbol,
            start_line=placement.start_line,
            end_line=placement.end_line,
            content_hash=placement.content_hash,
            similarity=alike,
            was=was_of(query.snapshot, meant) if changed or moved else None,
            reason=reason or _REASONS[state, moved],
            content=(now or self.code(placement)) if self._content else "",
            diff=self._difference(meant, placement, now) if self.wants_diff and now else "",
        )

    def answer(self, query: ReferenceQuery, state: ReferenceState, **fields: object) -> Resolution:
        """A resolution of this root; ``fields`` as in `Resolution`."""
        base = Resolution(
            ref=query.ref, state=state, repository=self.snapshot.repository, root=self.snapshot.root
        )
        return replace(base, **fields)  # type: ignore[arg-type]  # keyword fields of one record

    def missing(
        self, query: ReferenceQuery, path: str, what: str, candidates: Sequence[Candidate] = ()
    ) -> Resolution:
        """The resolution of a text that names nothing in the index and never did; ``what`` says so."""
        if not self.complete:
            return self.answer(query, "unchecked", reason=f"The index of this root is {NOT_FINISHED}.")
        skipped = self.snapshot.left_out(path)
        if skipped:
            return self.answer(query, "unchecked", reason=f"'{path}' is not indexed: {skipped}.")
        return self.answer(query, "unresolved", reason=what, candidates=tuple(candidates))

    def gone(
        self,
        query: ReferenceQuery,
        was: LastKnown | None,
        candidates: Sequence[Candidate],
        reason: str = "",
    ) -> Resolution:
        """The resolution of code that is no more, or `unchecked` where the index cannot claim that: it is
        not whole yet, or leaves out the file that the code was in.

        ``reason`` says it where "no such code is left" would not be true.
        """
        if was and (skipped := self.snapshot.left_out(was.file_path)):
            told = f"'{was.file_path}' is not indexed any more: {skipped}."
            return self.answer(query, "unchecked", was=was, reason=told)
        if not self.complete:
            return self.answer(
                query,
                "unchecked",
                was=was,
                reason=f"Not found so far; the index of this root is {NOT_FINISHED}.",
            )
        return self.answer(
            query,
            "stale",
            was=was,
            candidates=tuple(candidates),
            reason=(reason or states.GONE) if was else "This index never had it.",
        )

    def candidate(self, placement: Placement, score: float) -> Candidate:
        """A live chunk as a candidate."""
        return Candidate(
            placement.chunk_id,
            placement.path,
            placement.symbol,
            placement.start_line,
            placement.end_line,
            round(score, 3),
        )

    def _gone(self, query: ReferenceQuery, tombstone: Tombstone) -> Resolution:
        version = tombstone.version
        was = LastKnown(
            file_path=version.path,
            symbol=version.symbol,
            start_line=tombstone.start_line,
            end_line=tombstone.end_line,
            content=self._code_of(version.version_id),
            content_hash=version.content_hash,
            generation=tombstone.generation,
            commit=tombstone.commit,
            died_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(tombstone.died_at)),
        )
        twin, equal = self.twins.of(tombstone, was.content)
        if twin is not None:
            return self._copied(query, tombstone, was, twin)
        likely = self._likely.of_dead(tombstone, was.content, equal)
        copies = len(equal) or sum(score >= SAME_BUT_FOR_ITS_NAME for _, score in likely)
        reason = states.gone_where_it_stood(copies) if copies else ""
        return self.gone(query, was, [self.candidate(one, score) for one, score in likely], reason)

    def _copied(
        self, query: ReferenceQuery, tombstone: Tombstone, was: LastKnown, twin: Placement
    ) -> Resolution:
        """The resolution of code that was copied first and deleted where it stood later."""
        if query.snapshot is None:
            meant = Meant(was.file_path, was.symbol, was.content_hash)
            return replace(self.found(query, twin, meant, states.MOVED_TO_COPY), was=was)
        found = self.found(query, twin, meant_by(query, tombstone.chunk_id))
        return replace(found, reason=states.MOVED_TO_COPY) if found.state == "moved" else found

    def _never_known(self, query: ReferenceQuery, chunk_id: str, meant: Meant) -> Resolution:
        """An id of another index, or of one that was lost: its snapshot may still place the code."""
        if query.snapshot is None or not (meant.content_hash or meant.code):
            if self.complete:
                return self.gone(query, None, ())
            return self.answer(query, "unchecked", reason=f"The index of this root is {NOT_FINISHED}.")
        placement, candidates = find_by_snapshot(self.snapshot, meant)
        if placement is not None:
            reason = f"This index does not know {chunk_id}; the code was found by what was kept of it."
            return self.found(query, placement, meant, reason)
        equal = sum(score == 1.0 for _, score in candidates)
        reason = states.gone_where_it_stood(equal) if equal else ""
        likely = self._likely.or_named_so(candidates, meant)
        listed = [self.candidate(found, score) for found, score in likely]
        return self.gone(query, was_of(query.snapshot, meant), listed, reason)

    def _compare(self, placement: Placement, now: str, meant: Meant) -> tuple[bool, float | None]:
        """Whether a live chunk, whose code is ``now``, has other code than was meant, formatting aside, and
        how alike the two are."""
        before, whole = self._before(meant)
        if not before:
            return True, None
        named = self.bore(placement.chunk_id, meant.content_hash) if meant.within else meant.symbol
        names = (named or placement.symbol, placement.symbol)
        if whole and same_code(before, now, placement.language, names):
            return False, 1.0
        old, new = (
            profile(before, placement.language, named or placement.symbol),
            profile(now, placement.language, placement.symbol),
        )
        alike = similarity(old, new) if whole else containment(old, new)
        return True, round(min(alike, 0.999), 3)

    def bore(self, chunk_id: str, content_hash: str) -> str:
        """The qualified name that a chunk had while it had this code; empty where that is not known."""
        known = self.snapshot.versions([chunk_id]).get(chunk_id, ())
        return next((one.symbol for one in known if one.content_hash == content_hash), "")

    def _before(self, meant: Meant) -> tuple[str, bool]:
        """The code that was meant, and whether all of it is known."""
        stored = self._meant.get(meant.content_hash)
        if stored is None and meant.content_hash:
            stored = self.snapshot.content_with_hash(meant.content_hash)
        return (meant.code, not meant.truncated) if stored is None else (stored, True)

    def _difference(self, meant: Meant, placement: Placement, now: str) -> str:
        """What changed since; of code that was cut when it was kept, as many lines are compared."""
        before, whole = self._before(meant)
        if not whole:
            now = "\n".join(now.split("\n")[: len(before.split("\n"))])
        return unified(before, now, meant.path or placement.path, placement.path) if before else ""

    def code(self, placement: Placement) -> str:
        """The code of a live chunk."""
        return self._code_of(placement.version_id)

    def _code_of(self, version_id: int) -> str:
        known = self._codes.get(version_id)
        return self.snapshot.contents([version_id]).get(version_id, "") if known is None else known


_REASONS: dict[tuple[ReferenceState, bool], str] = {
    ("valid", False): "",
    ("moved", True): states.MOVED,
    ("changed", False): states.CHANGED,
    ("changed", True): states.CHANGED_AND_MOVED,
}
