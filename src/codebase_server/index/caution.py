"""What a process that died while it parsed leaves to the next one: a note beside the index."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path


class Caution:
    """Little is parsed in the server's own process, and a defect of a grammar would take the server along.

    As long as files are parsed there is a note. Who finds one of a process that has ended is after
    a killed or a crashed one, and parses in processes of their own, where a crash costs one file.
    Used by who holds the writer's lock.
    """

    def __init__(self, index: Path) -> None:
        self._note = index.with_name("parsing")
        self.is_due = self._note.exists()

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """Leave the note for the time of a `with`. Where it cannot be written, parsing goes on without."""
        with contextlib.suppress(OSError):
            self._note.touch()
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                self._note.unlink(missing_ok=True)
