"""What matching works on: pieces of code, their profiles, and the rules of the match."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from codebase_server.identity.similarity import Profile, profile, similarity


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk that vanished or appeared.

    ``key`` is the caller's number, unique within its list. ``owner`` is the id
    that is at stake (empty for what appeared). ``size`` is the length of the
    code in characters, ``position`` its place among the chunks of its file.
    """

    key: int
    owner: str
    path: str
    symbol: str
    part: int
    ordinal: int
    position: int
    normal_hash: int
    size: int
    language: str

    @property
    def name(self) -> str:
        """The last part of the symbol."""
        return self.symbol.rsplit(".", 1)[-1]


@dataclass(frozen=True, slots=True)
class Match:
    """An appeared piece takes over a vanished one's id. ``rung`` names the evidence.

    ``score`` is their similarity from 0 to 1, and 1 where none was needed.
    """

    vanished: int
    appeared: int
    rung: str
    score: float


@dataclass(frozen=True, slots=True)
class Rules:
    """Thresholds, each a similarity from 0 to 1 unless said otherwise; chosen by bench/identity."""

    same_place: float = 0.0
    """Least similarity for the only chunk of this path and symbol. Matching the dead raises it."""

    same_run: float = 0.4
    """For code without a symbol (imports, constants, prose) within one file."""

    same_symbol: float = 0.4
    """For the same qualified symbol in another file."""

    same_name: float = 0.4
    """For the same last name under another container or in another file."""

    similar_in_file: float = 0.6
    """For any other name in the same file: a renamed function."""

    similar_body: float = 0.75
    """For any other name anywhere."""

    margin: float = 0.08
    """How far the best must be ahead of the second best."""

    telling_size: int = 60
    """Characters below which code is too common to be known by its body alone."""

    successor: float = 0.3
    """Least share of the dead code that must be found in a successor to name it."""

    most_pairs: int = 2_500
    """Pairs of one symbol to compare at most; ``__init__`` moved a thousand times is nobody's."""

    most_successor_pool: int = 30_000
    """Appeared pieces among which successors are looked for at most."""

    name_successors: bool = True

    short_in_file: bool = True
    """Whether code too short to be known by its body is known by it within its file."""


DEAD = Rules(
    same_place=0.5,
    same_run=0.7,
    same_symbol=0.75,
    same_name=0.9,
    similar_in_file=0.9,
    similar_body=0.9,
    name_successors=False,
    short_in_file=False,
)
"""For matching with tombstones: what has been gone a while must be recognised by its body.

Who appears in the pass that sees another vanish has a reason to be it; of all code that comes later, some is
always a little like what died.
"""


class Profiles:
    """Profiles made when first asked for; the code is fetched in bulk."""

    def __init__(self, code_of: Callable[[Sequence[Piece]], Sequence[str]]) -> None:
        self._code_of = code_of
        self._made: dict[tuple[bool, int], Profile] = {}

    def load(self, pieces: Sequence[Piece]) -> None:
        """Make the profiles of pieces that have none yet."""
        missing = [piece for piece in pieces if _key(piece) not in self._made]
        for piece, code in zip(missing, self._code_of(missing) if missing else (), strict=True):
            self._made[_key(piece)] = profile(code, piece.language, piece.symbol)

    def of(self, piece: Piece) -> Profile:
        """The profile of one piece."""
        if _key(piece) not in self._made:
            self.load([piece])
        return self._made[_key(piece)]

    def similarity(self, old: Piece, new: Piece) -> float:
        """Similarity of two pieces; 1 without looking when their normalised content is the same."""
        if old.normal_hash == new.normal_hash and old.normal_hash:
            return 1.0
        return similarity(self.of(old), self.of(new))


def _key(piece: Piece) -> tuple[bool, int]:
    return bool(piece.owner), piece.key
