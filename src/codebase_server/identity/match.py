"""Which of the chunks that appeared is which of those that vanished.

`match` is pure: pieces in, an assignment out. Its rungs, in order; a piece
matched on one rung is out of the later ones:

1. ``place``: same path and symbol (within a file, edits and reorderings);
   a file that was renamed counts as the same path.
2. ``content``: same normalised content elsewhere.
3. ``symbol``: same qualified symbol elsewhere, with a similar body.
4. ``body``: a similar body, unique and above a threshold.
5. ``members``: of a class whose name is gone, the one that has most of its members now.
6. ``short``: of a definition of a line or two, the only one of its file that reads so under another name.

Where two answers are about as good as each other there is none: the piece is
left to die, and both are named as likely successors. Thresholds and what they
cost are in docs/decisions/0004-thresholds-of-identity.md; bench/identity draws the curves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from codebase_server.identity.align import align_file
from codebase_server.identity.heads import renamed_heads
from codebase_server.identity.pieces import Match, Piece, Profiles, Rules
from codebase_server.identity.renames import renamed_files
from codebase_server.identity.short import Short
from codebase_server.identity.similarity import Neighbours, containment

SUCCESSORS = 3
"""Likeliest successors kept with a tombstone."""


@dataclass(slots=True)
class Assignment:
    """``matches``: one per appeared piece that takes over an id. ``successors``: for each vanished
    piece that nobody took over (by key), appeared keys with a score, best first."""

    matches: list[Match] = field(default_factory=list)
    successors: dict[int, list[tuple[int, float]]] = field(default_factory=dict)


def match(
    vanished: Sequence[Piece],
    appeared: Sequence[Piece],
    code_of: Callable[[Sequence[Piece]], Sequence[str]],
    rules: Rules | None = None,
    settled: Collection[int] = (),
) -> Assignment:
    """Assign what appeared to what vanished.

    :param vanished: pieces that are no longer where they were. Several may have one ``owner``
        (versions of one chunk id): at most one of them is matched.
    :param appeared: pieces that were not there before. Keys are unique within each list.
    :param settled: keys of what appeared and has its id already: it takes none over, but may be a successor.
    :param code_of: the code of some pieces, in order; asked only where hashes do not decide.
    """
    rules = rules or Rules()
    work = _Work(vanished, appeared, Profiles(code_of), rules)
    for key in settled:
        del work.new[key]
    work.by_file({})
    work.by_file(renamed_files(work.old, work.new, work.staying))
    work.by_content()
    work.by_symbol()
    work.by_body()
    work.by_members()
    if rules.short_in_file:
        work.by_short_body()
    result = Assignment(work.matches)
    if rules.name_successors:
        result.successors = work.successors()
    return result


class _Work:
    """The pieces still unmatched, rung after rung."""

    def __init__(
        self, vanished: Sequence[Piece], appeared: Sequence[Piece], profiles: Profiles, rules: Rules
    ) -> None:
        self.old = {piece.key: piece for piece in vanished}
        self.new = {piece.key: piece for piece in appeared}
        self._all_old, self._all_new = dict(self.old), dict(self.new)
        self._profiles = profiles
        self._rules = rules
        self._by_owner: dict[str, list[int]] = defaultdict(list)
        for piece in vanished:
            self._by_owner[piece.owner].append(piece.key)
        self.staying = {piece.path for piece in vanished} & {piece.path for piece in appeared}
        self.matches: list[Match] = []

    def accept(self, found: Iterable[Match]) -> None:
        for pair in found:
            if pair.vanished not in self.old or pair.appeared not in self.new:
                continue
            owner = self.old[pair.vanished].owner
            for key in self._by_owner[owner]:
                self.old.pop(key, None)
            self.new.pop(pair.appeared)
            self.matches.append(pair)

    def by_file(self, renamed: dict[str, str]) -> None:
        """Rung 1. ``renamed`` maps old paths to new ones; empty: files that kept their name."""
        new_in: dict[str, list[Piece]] = defaultdict(list)
        for piece in self.new.values():
            new_in[piece.path].append(piece)
        old_in: dict[str, list[Piece]] = defaultdict(list)
        for piece in self.old.values():
            old_in[piece.path].append(piece)
        pairs = renamed.items() if renamed else [(path, path) for path in old_in]
        for old_path, new_path in pairs:
            if old_path in old_in and new_path in new_in:
                self.accept(align_file(old_in[old_path], new_in[new_path], self._profiles, self._rules))

    def by_content(self) -> None:
        """Rung 2. Code that stands more than once is told apart by its symbol, or not at all."""
        for key_of in (_content_and_symbol, _content_and_name, _content):
            old, new = _grouped(self.old.values(), key_of), _grouped(self.new.values(), key_of)
            for key, gone in old.items():
                come = new.get(key, ())
                owners = {piece.owner for piece in gone}
                if len(owners) != 1 or len(come) != 1:
                    continue
                if key_of is not _content or self._telling(come[0]):
                    self.accept([Match(gone[0].key, come[0].key, "content", 1.0)])

    def by_symbol(self) -> None:
        """Rung 3: the qualified symbol first, then its last part alone (a method that changed its class)."""
        for key_of, least in (
            (_symbol, self._rules.same_symbol),
            (_name, self._rules.same_name),
        ):
            old, new = _grouped(self.old.values(), key_of), _grouped(self.new.values(), key_of)
            pairs = []
            for key, gone in old.items():
                come = new.get(key, ())
                if len(gone) * len(come) <= self._rules.most_pairs:
                    pairs += [self._scored(a, b, "symbol") for a in gone for b in come]
            self.accept(self._decided(pairs, least, self._rules.margin))

    def by_body(self) -> None:
        """Rung 4. Only code long enough to be itself is compared, with what shares its rare trigrams."""
        old = [piece for piece in self.old.values() if self._telling(piece)]
        new = [piece for piece in self.new.values() if self._telling(piece)]
        if not old or not new:
            return
        self._profiles.load([*old, *new])
        neighbours = Neighbours((piece.key, self._profiles.of(piece)) for piece in new)
        least = min(self._rules.similar_body, self._rules.similar_in_file)
        pairs = [
            self._scored(piece, self.new[key], "body")
            for piece in old
            for key in neighbours.near(self._profiles.of(piece), least)
        ]
        self.accept(self._decided(pairs, None, self._rules.margin))

    def by_members(self) -> None:
        """Rung 5: a head by those that were in it."""
        opened = self.old.values(), self.new.values()
        self.accept(
            renamed_heads(self.matches, self._all_old, self._all_new, *opened, self._profiles, self._rules)
        )

    def by_short_body(self) -> None:
        """Rung 6: what no other rung looks at, within a file."""
        self.accept(self._short().renamed(self.matches))

    def _short(self) -> Short:
        opened = self.old.values(), self.new.values()
        return Short(self._all_old, self._all_new, *opened, self._profiles, self._rules)

    def successors(self) -> dict[int, list[tuple[int, float]]]:
        """For every piece left over, where its code most likely went: its own share found there."""
        alike = self._short().alike() if self.old and self.new else {}
        short = {key: [(other, 1.0) for other in others[:SUCCESSORS]] for key, others in alike.items()}
        return short | self._telling_successors()

    def _telling_successors(self) -> dict[int, list[tuple[int, float]]]:
        left = [piece for piece in self.old.values() if self._telling(piece)]
        pool = [piece for piece in self._all_new.values() if self._telling(piece)]
        if not left or not pool or len(pool) > self._rules.most_successor_pool:
            return {}
        self._profiles.load([*left, *pool])
        neighbours = Neighbours((piece.key, self._profiles.of(piece)) for piece in pool)
        found = {}
        for piece in left:
            own = self._profiles.of(piece)
            scores = [
                (key, round(containment(own, self._profiles.of(self._all_new[key])), 3))
                for key in neighbours.near(own, 0.0)
            ]
            best = sorted(
                (pair for pair in scores if pair[1] >= self._rules.successor), key=lambda p: (-p[1], p[0])
            )
            if best:
                found[piece.key] = best[:SUCCESSORS]
        return found

    def _telling(self, piece: Piece) -> bool:
        return piece.normal_hash != 0 and piece.size >= self._rules.telling_size

    def _scored(self, old: Piece, new: Piece, rung: str) -> Match:
        return Match(old.key, new.key, rung, self._profiles.similarity(old, new))

    def _threshold(self, pair: Match) -> float:
        same_file = self.old[pair.vanished].path == self.new[pair.appeared].path
        return self._rules.similar_in_file if same_file else self._rules.similar_body

    def _decided(self, pairs: list[Match], least: float | None, margin: float) -> list[Match]:
        """Best first, each piece once; a pair with a rival within ``margin`` on either side is not decided.

        A rival that found its own, better partner is none.
        """
        pairs.sort(key=lambda pair: (-pair.score, pair.vanished, pair.appeared))
        rivals: dict[tuple[str, object], list[Match]] = defaultdict(list)
        for pair in pairs:
            rivals["old", self.old[pair.vanished].owner].append(pair)
            rivals["new", pair.appeared].append(pair)
        used_old: set[str] = set()
        used_new: set[int] = set()
        decided = []
        for pair in pairs:
            owner = self.old[pair.vanished].owner
            if owner in used_old or pair.appeared in used_new:
                continue
            if pair.score < (self._threshold(pair) if least is None else least):
                continue
            contested = any(
                other.score > pair.score - margin
                and self.old[other.vanished].owner not in used_old
                and other.appeared not in used_new
                and (self.old[other.vanished].owner, other.appeared) != (owner, pair.appeared)
                for other in (*rivals["old", owner], *rivals["new", pair.appeared])
            )
            if not contested:
                decided.append(pair)
                used_old.add(owner)
                used_new.add(pair.appeared)
        return decided


def _content_and_symbol(piece: Piece) -> tuple[object, ...] | None:
    return (piece.normal_hash, piece.symbol, piece.part) if piece.symbol and piece.normal_hash else None


def _content_and_name(piece: Piece) -> tuple[object, ...] | None:
    return (piece.normal_hash, piece.name, piece.part) if piece.symbol and piece.normal_hash else None


def _content(piece: Piece) -> tuple[object, ...] | None:
    return (piece.normal_hash,) if piece.normal_hash else None


def _symbol(piece: Piece) -> tuple[object, ...] | None:
    return (piece.symbol, piece.part) if piece.symbol else None


def _name(piece: Piece) -> tuple[object, ...] | None:
    return (piece.name, piece.part) if piece.symbol else None


def _grouped(
    pieces: Iterable[Piece], key_of: Callable[[Piece], tuple[object, ...] | None]
) -> dict[tuple[object, ...], list[Piece]]:
    groups: dict[tuple[object, ...], list[Piece]] = defaultdict(list)
    for piece in pieces:
        key = key_of(piece)
        if key is not None:
            groups[key].append(piece)
    return groups
