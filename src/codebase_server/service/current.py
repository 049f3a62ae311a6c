"""Answers of the disk as it is: each look at the index is held against the files that it names.

A file may change between the moment that a look reads it and the moment that the answer is given, again after
the answer was made a second time for that, and another process may fold it in between the two. So what
every look read is compared, from the snapshot that it read.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from bridge.agreed.wording import first_of
from codebase_server.index.denial import Denial, Standing
from codebase_server.index.plan import KnownFile, known_files

if TYPE_CHECKING:
    from codebase_server.index import RootIndex
    from codebase_server.store import Snapshot

MOST_LOOKS: Final = 4
"""Looks for one answer: who saves a file again and again is answered all the same, and told."""

MOST_NAMED: Final = 3
"""Files named that an answer is behind of."""

T = TypeVar("T")


class Looked(Protocol):
    """What a look needs of a root that is open."""

    @property
    def index(self) -> RootIndex: ...

    def published(self) -> tuple[str, str]:
        """Generation and state of what was published last."""

    def unsure(self) -> str:
        """That what was denied may be in what is not read yet."""


@dataclass(frozen=True, slots=True)
class Look(Generic[T]):
    """What one look at the index gave, and the files that it names as its snapshot has them."""

    answer: T
    read: dict[str, KnownFile]
    generation: str


@dataclass(frozen=True, slots=True)
class Current(Generic[T]):
    """An answer; the files of it that are other ones on disk by now; whether what it denies may be there."""

    answer: T
    generation: str
    behind: tuple[str, ...] = ()
    unsure: bool = False

    def warnings(self, opened: Looked) -> list[str]:
        """What the reader should know of it."""
        said = [opened.unsure()] if self.unsure else []
        if self.behind:
            said.append(
                f"Changed on disk and not read again yet: {first_of(self.behind, MOST_NAMED)}. "
                "What is shown of it is older. Ask again soon."
            )
        return said


def seen(snapshot: Snapshot, answer: T, paths: Iterable[str]) -> Look[T]:
    """A look that names some files; call it before the snapshot is closed."""
    named = sorted(set(paths) - {""})
    read = known_files(snapshot.connection, snapshot.root_id, named) if named else {}
    return Look(answer, read, snapshot.generation)


def answered(
    opened: Looked,
    look: Callable[[], Look[T]],
    *,
    began: float,
    denies: Callable[[T], bool] = lambda _: False,
    at_most: float = math.inf,
    evident: Callable[[], bool] = lambda: False,
) -> Current[T]:
    """Look, and look again while files of the answer change or what it denies may be there.

    :param began: when the call began, by the monotonic clock. :param denies: whether an answer says that
        something is not there. :param at_most: seconds since then after which nothing is waited for.
    :param evident: whether the caller sees something on disk that is not indexed.
    """
    ends = began + at_most
    now = _as_on_disk(opened, look, ends)
    if denies(now.answer) and opened.published()[0] != now.generation:
        now = _as_on_disk(opened, look, ends)  # a look that goes on behind has published meanwhile
    if denies(now.answer):
        left = max(ends - time.monotonic(), 0.0)
        denial = opened.index.make_sure(began, left, evident=evident())
        if denial is Denial.LOOKED_AGAIN:
            now = _as_on_disk(opened, look, ends)
        elif denial is Denial.UNSURE:
            now = Current(now.answer, now.generation, now.behind, unsure=True)
    return now


def _as_on_disk(opened: Looked, look: Callable[[], Look[T]], ends: float) -> Current[T]:
    index = opened.index
    made = look()
    for _ in range(MOST_LOOKS - 1):
        standing = index.catch_up(made.read, made.generation)
        if standing is Standing.AS_READ:
            return Current(made.answer, made.generation)
        if standing is Standing.BEHIND:
            break
        made = look()
        if time.monotonic() > ends:
            break
    return Current(made.answer, made.generation, tuple(index.behind(made.read)))
