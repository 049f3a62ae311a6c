"""How a root is to be indexed, and what a pass reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bridge.agreed.errors import TandemError
from codebase_server.files import DEFAULT_MAX_FILE_BYTES

Progress = Callable[[int, int, str], None]
"""``progress(done, total, message)``: files done of those to be looked into; from the pass's thread."""

Cancelled = Callable[[], bool]
"""Asked often during a pass; true ends it. What was published before stays."""


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """Settings of indexing.

    ``workers`` are parsing processes; None takes the number of cores, 0 or 1
    parses in this process. ``embedder`` is empty or ``none`` for no vectors.
    """

    exclude: tuple[str, ...] = ()
    max_file_bytes: int = DEFAULT_MAX_FILE_BYTES
    embedder: str = "static"
    workers: int | None = None
    tombstone_days: int = 180
    watch: bool = True

    @property
    def embeds(self) -> bool:
        """Whether vectors are made at all."""
        return self.embedder not in ("", "none")


@dataclass(frozen=True, slots=True)
class PassResult:
    """What a pass did. ``skipped`` counts by reason, ``examples`` names the first few of each."""

    generation: str
    files: int
    chunks: int
    changed_files: int
    removed_files: int
    duration_ms: float
    skipped: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


class IndexingCancelledError(TandemError):
    """A pass was stopped on request."""

    def __init__(self, root: str) -> None:
        super().__init__(
            "cancelled",
            f"Indexing of {root} was cancelled.",
            "What was published before still answers; the next run goes on from there.",
        )
