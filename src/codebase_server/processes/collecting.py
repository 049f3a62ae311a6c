"""How often garbage in cycles is looked for."""

from __future__ import annotations

import gc
from typing import Final

_BETWEEN_COLLECTIONS: Final = (10_000, 5, 400)
"""New objects between collections, and collections between those of older objects (Python: 700, 10, 10).

An index of 80,000 chunks keeps a hundred thousand objects, none of them in cycles: looking through them all
took 40 ms in the middle of a search, every two hundred searches, and a tenth of the time of indexing. What a
request leaves in cycles is young, and is found. A collection holds up every thread: one of 400,000 objects
that a look at 200,000 files makes kept a ping waiting for 0.4 s, one of 50,000 takes some 30 ms.
"""


def collect_rarely() -> None:
    """Start collecting garbage again, but never look at what was imported: it stays for good."""
    gc.freeze()
    gc.set_threshold(*_BETWEEN_COLLECTIONS)
    gc.enable()
