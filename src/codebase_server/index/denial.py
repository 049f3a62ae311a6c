"""Whether an answer may stand: whether its files are as they were read, and whether it may be said that code
is gone or a name is nowhere.

A watcher tells of a change some 100 ms late, and of the files of one change one after the other: code that
moved to another file has left the first before anybody told of the second. So for a moment after a change
nothing is said to be gone unless the whole root has been looked at. And of what was written just before the
question it has told nothing yet: so the kernel is asked (`index.notices`). Where it does not know, or knows
of a change, the stats of all indexed files and of their folders are looked at, which takes milliseconds
where a comparison of the whole root takes tens or hundreds of them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from enum import Enum, auto
from pathlib import Path
from typing import Final

MOMENT_SECONDS: Final = 1.0
"""How long after a change more of it may be untold: a watcher's delay, ten times."""

GRAIN_SECONDS: Final = 0.02
"""By how much the time noted of a change may lie before it: file systems' clocks tick in steps."""

STATS_SECONDS: Final = 0.3
"""How long the stats of files are looked at, those of folders first: some 2.5 ms for a thousand."""

_AT_ONCE: Final = 500
"""Files looked at between two looks at the clock."""


class Denial(Enum):
    """What came of making sure that something is not there."""

    STANDS = auto()
    """Nothing changed lately, or everything has been looked at since."""
    LOOKED_AGAIN = auto()
    """The whole root was compared just now: the answer should be made again."""
    UNSURE = auto()
    """Something changed, and the root could not be looked at in time."""


class Standing(Enum):
    """What came of holding the files of an answer against the disk."""

    AS_READ = auto()
    """They are on disk as the answer has them."""
    PUBLISHED = auto()
    """Some had changed, and something newer is published now: the answer should be made again."""
    BEHIND = auto()
    """Some have changed, and that could not be folded in: another process writes, or it is too much."""


class LastChange:
    """When a root changed last and when it was last compared as a whole, by the monotonic clock.

    :param generation: gives the generation that is published now.
    """

    def __init__(self, generation: Callable[[], str]) -> None:
        self._generation = generation
        self._met = ""
        self._met_at = self._compared_at = float("-inf")

    def meet(self, at: float | None = None) -> None:
        """Note a generation that is not the one met last; it may be another process's."""
        generation = self._generation()
        if generation != self._met:
            self._met, self._met_at = generation, time.monotonic() if at is None else at

    def compared(self, began: float) -> None:
        """Note that a comparison of the whole root, begun at ``began``, has been folded in."""
        self.meet(began)
        self._compared_at = began

    def is_compared_since(self, moment: float) -> bool:
        """Whether a comparison that began no earlier than ``moment`` is done."""
        return self._compared_at >= moment

    def may_be_untold(self, since: float) -> bool:
        """Whether some change that was made before the call which began at ``since`` may be unknown still."""
        self.meet()
        late = time.monotonic() - self._met_at < MOMENT_SECONDS
        return late and not self.is_compared_since(max(since, self._met_at))


def latest_change(root: Path, paths: Iterable[str], ends: float) -> float:
    """When one of some files, or a folder that holds one of them, was changed last, by the monotonic clock.

    A file that has come shows in its folder. Minus infinity where none was in the last moment: of what was
    before it a watcher has told. What is not looked at when ``ends`` has come counts as unchanged.
    """
    now = time.time()
    offset = now - time.monotonic()
    latest, below = float("-inf"), f"{root}{os.sep}"
    for number, path in enumerate(_with_folders(paths)):
        if number % _AT_ONCE == 0 and time.monotonic() > ends:
            break
        try:
            changed = os.stat(f"{below}{path}", follow_symlinks=False).st_ctime  # noqa: PTH116 - of thousands
        except OSError:
            continue  # it shows in its folder
        if abs(now - changed) < MOMENT_SECONDS:
            latest = max(latest, changed - offset)
    return latest


def _with_folders(paths: Iterable[str]) -> Iterable[str]:
    """The folders first: they are few, and most of what is looked for in vain is in a file that has come."""
    files = list(paths)
    return [*folders_of(files), *files]


def folders_of(paths: Iterable[str]) -> list[str]:
    """The folders that some files lie in and those above them, the root (``""``) among them, by path."""
    folders = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return sorted(folders)
