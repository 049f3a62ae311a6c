"""Which file became which: seen in the chunks that went along unchanged."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Mapping
from posixpath import basename

from codebase_server.identity.pieces import Piece

LEAST_SHARE = 0.4
"""Of the smaller file's code that must stand unchanged in the other one."""


def renamed_files(
    old: Mapping[int, Piece], new: Mapping[int, Piece], staying: Container[str]
) -> dict[str, str]:
    """Old path to new path, for pairs that are each other's best and share enough code.

    ``staying`` are paths that were there before and after: a file that merely
    gave some of its functions away is not renamed.
    """
    old_size, new_size = _sizes(old), _sizes(new)
    places: dict[int, list[Piece]] = defaultdict(list)
    for piece in new.values():
        if piece.normal_hash:
            places[piece.normal_hash].append(piece)
    shared: Counter[tuple[str, str]] = Counter()
    for piece in old.values():
        if piece.path in staying:
            continue
        come = places.get(piece.normal_hash, ())
        if len(come) <= 8:  # boilerplate that stands in every file leads nowhere
            for other in come:
                if other.path not in staying:
                    shared[piece.path, other.path] += piece.size / len(come)  # type: ignore[assignment]  # shares
    best_new: dict[str, tuple[float, str]] = {}
    best_old: dict[str, tuple[float, str]] = {}
    for (old_path, new_path), amount in shared.items():
        smaller = min(old_size[old_path], new_size[new_path])
        larger = max(old_size[old_path], new_size[new_path])
        if amount < LEAST_SHARE * smaller or amount < 0.1 * larger:
            continue
        rank = amount + _alike(old_path, new_path)
        best_new[old_path] = max(best_new.get(old_path, (0.0, "")), (rank, new_path))
        best_old[new_path] = max(best_old.get(new_path, (0.0, "")), (rank, old_path))
    return {
        old_path: new_path
        for old_path, (_, new_path) in best_new.items()
        if best_old.get(new_path, (0.0, ""))[1] == old_path
    }


def _sizes(pieces: Mapping[int, Piece]) -> Counter[str]:
    sizes: Counter[str] = Counter()
    for piece in pieces.values():
        sizes[piece.path] += piece.size
    return sizes


def _alike(one: str, other: str) -> float:
    """Below one character of code: only to prefer the same file name among equals."""
    return 0.5 if basename(one) == basename(other) else 0.0
