"""How often garbage in cycles is looked for, and how very much is let go of at once."""

from __future__ import annotations

import gc
from typing import Any, Final

_BETWEEN_COLLECTIONS: Final = (4_000, 3, 1_500)
"""New objects between collections, and collections between those of older objects (Python: 700, 10, 10).

An index of 80,000 chunks keeps a hundred thousand objects, none of them in cycles: looking through them all
took 40 ms in the middle of a search, every two hundred searches, and a tenth of the time of indexing. What a
request leaves in cycles is young, and is found. A collection holds up every thread: one of 400,000 objects
that a look at 200,000 files makes kept a ping waiting for 0.4 s, one of 60,000 takes 15 to 60 ms. So the old
are looked through once in 24 million new objects, and the young some 16,000 at a time.
"""

_PIECE: Final = 4_000
"""Objects let go of between two chances for other threads: a millisecond."""


def collect_rarely() -> None:
    """Start collecting garbage again, but never look at what was imported: it stays for good."""
    gc.freeze()
    gc.set_threshold(*_BETWEEN_COLLECTIONS)
    gc.enable()


def let_go(held: list[Any] | dict[Any, Any]) -> None:
    """Empty a list or dict whose objects nobody else holds, piece by piece.

    To let go of a million records with the container that holds them is one step, in which no other thread
    runs: a third of a second of the processor, and a ping of a host that waits for it, on a busy machine, as
    many times as long as the machine is shared.
    """
    if isinstance(held, dict):
        while held:
            held.popitem()
    else:
        while held:
            del held[-_PIECE:]
