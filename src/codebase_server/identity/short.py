"""Where code of a line or two went that was renamed in its file: too short to be known by its body elsewhere.

``def load(path): return os.stat(path)`` says little in a repository. But where one such body lost its name in
a file, and one that reads the same but for the name came there under another, it is the same code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from codebase_server.files.languages import PROSE_LANGUAGES
from codebase_server.identity.pieces import Match, Piece, Profiles, Rules

Place = tuple[str, str]
"""A file and the qualified symbol of what is defined in it."""

Body = tuple[str, int, frozenset[tuple[int, int]]]
"""A file, the part of a definition, and what it reads as without its own name."""


class Short:
    """The short definitions of two states of some files that are in no match yet, by what they read as.

    ``old`` and ``new`` are all pieces by their keys, ``open_old`` and ``open_new`` those without a match. A
    definition with members is known by these, and left out.
    """

    def __init__(
        self,
        old: Mapping[int, Piece],
        new: Mapping[int, Piece],
        open_old: Iterable[Piece],
        open_new: Iterable[Piece],
        profiles: Profiles,
        rules: Rules,
    ) -> None:
        self._old, self._new = old, new
        gone, come = (
            [piece for piece in pieces if _is_short(piece, rules)] for pieces in (open_old, open_new)
        )
        shared = {piece.path for piece in gone} & {piece.path for piece in come}
        gone, come = ([piece for piece in pieces if piece.path in shared] for pieces in (gone, come))
        if shared:
            profiles.load([*gone, *come])
        self._gone = _by_body(gone, _owners(old, shared), profiles)
        self._come = _by_body(come, _owners(new, shared), profiles)

    def renamed(self, matches: Sequence[Match]) -> list[Match]:
        """Each with the only one of its file, in the same class, that reads as it does.

        ``matches``: who became whom so far; a class that was renamed is the same one.
        """
        became = {_place(self._old[pair.vanished]): _place(self._new[pair.appeared]) for pair in matches}
        found = []
        for body, gone in self._gone.items():
            come = self._come.get(body, ())
            if len({piece.owner for piece in gone}) != 1 or len(come) != 1:
                continue
            before, after = gone[0], come[0]
            if _around(after) in (_around(before), became.get(_around(before))):
                found.append(Match(before.key, after.key, "short", 1.0))
        return found

    def alike(self) -> dict[int, list[int]]:
        """Those that read as each does and came to its file, by keys: of several, none is it for sure."""
        return {
            piece.key: [other.key for other in self._come[body]]
            for body, gone in self._gone.items()
            if body in self._come
            for piece in gone
        }


def _is_short(piece: Piece, rules: Rules) -> bool:
    return bool(piece.symbol) and piece.size < rules.telling_size and piece.language not in PROSE_LANGUAGES


def _by_body(pieces: Iterable[Piece], owners: set[Place], profiles: Profiles) -> dict[Body, list[Piece]]:
    found: dict[Body, list[Piece]] = defaultdict(list)
    for piece in pieces:
        read = profiles.of(piece)
        if read.size and _place(piece) not in owners:
            found[piece.path, piece.part, frozenset(read.grams.items())].append(piece)
    return found


def _owners(pieces: Mapping[int, Piece], paths: set[str]) -> set[Place]:
    """The definitions of some files that have members."""
    return {_around(piece) for piece in pieces.values() if piece.path in paths}


def _place(piece: Piece) -> Place:
    return piece.path, piece.symbol


def _around(piece: Piece) -> Place:
    """The definition that a piece is a member of; without a name for what is in none."""
    return piece.path, piece.symbol.rpartition(".")[0]
