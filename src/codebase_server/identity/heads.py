"""Where the head of a definition went, told by its members.

``class Invoice:`` is one line, as like one class as another: of a renamed class the methods are known again
by their bodies and the head by nothing. But who has most of its members now is that class under another
name, if it was not there before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from codebase_server.files.languages import PROSE_LANGUAGES
from codebase_server.identity.pieces import Match, Piece, Profiles, Rules

Container = tuple[str, str]
"""A file and the qualified symbol of what is defined in it."""

_MOST_OF_IT: Final = 0.5
"""Of the members' code what must have gone to one other definition."""

_SURELY: Final = 0.75
"""Likeness of at least one member with what it became: many are called ``__init__``."""

SAME_HEAD: Final = 0.4
"""Least likeness of two heads that say something themselves: fields of a struct, a long docstring."""


def renamed_heads(
    matches: Sequence[Match],
    old: Mapping[int, Piece],
    new: Mapping[int, Piece],
    open_old: Iterable[Piece],
    open_new: Iterable[Piece],
    profiles: Profiles,
    rules: Rules,
) -> list[Match]:
    """The heads that nobody took over, each with the head of the definition that most of its members went to.

    :param matches: who became whom so far; ``old`` and ``new`` are all pieces by their keys, ``open_old`` and
        ``open_new`` those that are in no match.
    """
    heads, heads_now = _heads(open_old), _heads(open_new)
    if not heads or not heads_now:
        return []
    size_of: dict[Container, int] = defaultdict(int)
    for piece in {piece.owner: piece for piece in old.values()}.values():
        size_of[_container_of(piece)] += piece.size
    went: dict[Container, dict[Container, float]] = defaultdict(lambda: defaultdict(float))
    came: dict[Container, dict[Container, float]] = defaultdict(lambda: defaultdict(float))
    surest: dict[tuple[Container, Container], float] = defaultdict(float)
    for pair in matches:
        before, after = old[pair.vanished], new[pair.appeared]
        source, target = _container_of(before), _container_of(after)
        if source in heads and target in heads_now:
            weight = pair.score * before.size
            went[source][target] += weight
            came[target][source] += weight
            surest[source, target] = max(surest[source, target], pair.score)
    found = []
    for source, targets in went.items():
        target = max(targets, key=lambda at: targets[at])
        is_most = targets[target] >= _MOST_OF_IT * size_of[source]
        is_its_own = max(came[target], key=lambda at: came[target][at]) == source
        if is_most and is_its_own and surest[source, target] >= _SURELY:
            found += _paired(heads[source], heads_now[target], profiles, rules)
    return found


def _paired(old: Sequence[Piece], new: Sequence[Piece], profiles: Profiles, rules: Rules) -> list[Match]:
    """The pieces of two heads, in their order."""
    pairs = []
    now = {piece.part: piece for piece in new}
    for piece in old:
        other = now.pop(piece.part, None)
        if other is None:
            continue
        alike = profiles.similarity(piece, other)
        is_bare = max(piece.size, other.size) < rules.telling_size
        if alike >= SAME_HEAD or is_bare or piece.name == other.name:
            pairs.append(Match(piece.key, other.key, "members", alike))
    return pairs


def _heads(pieces: Iterable[Piece]) -> dict[Container, list[Piece]]:
    """What may be the head of a definition: code with a name, not a section of a page."""
    heads: dict[Container, list[Piece]] = defaultdict(list)
    for piece in pieces:
        if piece.symbol and piece.language not in PROSE_LANGUAGES:
            heads[piece.path, piece.symbol].append(piece)
    return heads


def _container_of(piece: Piece) -> Container:
    """The definition that a piece is a member of; without a name for what is in none."""
    return piece.path, piece.symbol.rpartition(".")[0]
