"""Rung 1: the chunks of a file before and after an edit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence

from codebase_server.identity.pieces import Match, Piece, Profiles, Rules

_MOST_COMPARED = 400
"""Pairs of nameless runs of one file to compare at most; beyond, only equal ones are paired."""


def align_file(old: Sequence[Piece], new: Sequence[Piece], profiles: Profiles, rules: Rules) -> list[Match]:
    """Pair the chunks of one file: the unchanged first, then by symbol, then runs without a symbol."""
    side = _Side(old, new, profiles)
    side.pair_equal(lambda piece: (piece.symbol, piece.part, piece.normal_hash))
    side.pair_symbols(rules)
    side.pair_runs(rules)
    return side.found


class _Side:
    """What is still unpaired of a file, in the order of its lines."""

    def __init__(self, old: Sequence[Piece], new: Sequence[Piece], profiles: Profiles) -> None:
        self._old = sorted(old, key=lambda piece: (piece.position, piece.key))
        self._new = sorted(new, key=lambda piece: (piece.position, piece.key))
        self._profiles = profiles
        self._owners: set[str] = set()
        self._taken: set[int] = set()
        self._partner: dict[int, int] = {}
        self.found: list[Match] = []

    def old(self) -> list[Piece]:
        return [piece for piece in self._old if piece.owner not in self._owners]

    def new(self) -> list[Piece]:
        return [piece for piece in self._new if piece.key not in self._taken]

    def pair(self, old: Piece, new: Piece, score: float) -> None:
        if old.owner in self._owners or new.key in self._taken:
            return
        self._owners.add(old.owner)
        self._taken.add(new.key)
        self._partner[old.position] = new.position
        self.found.append(Match(old.key, new.key, "place", score))

    def pair_equal(self, key_of: Callable[[Piece], Hashable]) -> None:
        """Pair what is equal; of several equal ones the first with the first."""
        waiting: dict[Hashable, list[Piece]] = defaultdict(list)
        for piece in self.new():
            waiting[key_of(piece)].append(piece)
        for piece in self.old():
            equal = waiting.get(key_of(piece))
            if equal and piece.owner not in self._owners:
                self.pair(piece, equal.pop(0), 1.0)

    def pair_symbols(self, rules: Rules) -> None:
        """A symbol that stands once on either side is the same; several (overloads, parts) go by likeness."""
        old, new = _by_symbol(self.old()), _by_symbol(self.new())
        for symbol, gone in old.items():
            come = new.get(symbol, [])
            if not come:
                continue
            if len(gone) == 1 and len(come) == 1 and rules.same_place == 0.0:
                self.pair(gone[0], come[0], 1.0)  # whatever the code: most edits end here, uncompared
                continue
            if len({piece.owner for piece in gone}) == 1 and len(come) == 1:
                best = max(gone, key=lambda piece: self._profiles.similarity(piece, come[0]))
                score = self._profiles.similarity(best, come[0])
                if score >= rules.same_place:
                    self.pair(best, come[0], score)
                continue
            self._pair_alike(gone, come, max(0.3, rules.same_place))
            left = [piece for piece in gone if piece.owner not in self._owners]
            open_ = [piece for piece in come if piece.key not in self._taken]
            # Of one long definition that is cut into parts, the first that is left is the first that came:
            # it may have been rewritten and have grown into parts at once.
            is_one = _is_one_definition(gone) and _is_one_definition(come)
            if rules.same_place == 0.0 and (is_one or len(left) == len(open_) == 1):
                for piece, other in zip(left, open_, strict=False):
                    self.pair(piece, other, self._profiles.similarity(piece, other))

    def pair_runs(self, rules: Rules) -> None:
        """Code without a symbol: by likeness, then by lying between the same neighbours."""
        old = [piece for piece in self.old() if not piece.symbol]
        new = [piece for piece in self.new() if not piece.symbol]
        if not old or not new or len(old) * len(new) > _MOST_COMPARED:
            return
        self._pair_alike(old, new, rules.same_run)
        if rules.same_place > 0.0:
            return
        for piece in [piece for piece in old if piece.owner not in self._owners]:
            between = self._between_same_neighbours(piece)
            if len(between) == 1:
                score = self._profiles.similarity(piece, between[0])
                if score >= rules.same_run / 2:
                    self.pair(piece, between[0], score)

    def _pair_alike(self, old: Sequence[Piece], new: Sequence[Piece], least: float) -> None:
        scored = [
            (self._profiles.similarity(a, b), -abs(a.ordinal - b.ordinal), a, b) for a in old for b in new
        ]
        # Equal likeness is decided by the ordinal: overloads keep their order more often than not.
        scored.sort(key=lambda row: (-row[0], -row[1], row[2].position, row[3].position))
        for score, _, a, b in scored:
            if score >= least:
                self.pair(a, b, score)

    def _between_same_neighbours(self, piece: Piece) -> list[Piece]:
        """Unpaired new runs between the partners of the nearest paired chunks before and after."""
        before = [new for old, new in self._partner.items() if old < piece.position]
        after = [new for old, new in self._partner.items() if old > piece.position]
        low = max(before, default=-1)
        high = min(after, default=1 << 30)
        return [other for other in self.new() if not other.symbol and low < other.position < high]


def _is_one_definition(pieces: Sequence[Piece]) -> bool:
    """Whether these are the parts of one definition, and not several of one name."""
    return len({piece.ordinal for piece in pieces}) == 1


def _by_symbol(pieces: Sequence[Piece]) -> dict[str, list[Piece]]:
    groups: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        if piece.symbol:
            groups[piece.symbol].append(piece)
    return groups
