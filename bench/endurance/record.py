"""What the agents did and were told, kept for the checks."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from bench.endurance.item import Did
from bench.endurance.linearizability import Operation


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A write that a server confirmed: it must be in the history for ever."""

    item: str
    version: int
    action: str
    title: str = ""


@dataclass
class Record:
    """Shared by all agents."""

    operations: dict[str, list[Operation[Did]]] = field(default_factory=lambda: defaultdict(list))
    """By item."""
    acknowledged: list[Acknowledged] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """Calls and edits by kind."""
    refusals: Counter[str] = field(default_factory=Counter)
    """Errors of the failing disk, by code."""
    words: dict[str, str] = field(default_factory=dict)
    """What the first error of each code said."""
    findings: list[str] = field(default_factory=list)
    referring: dict[str, str] = field(default_factory=dict)
    """The reference that an item was given."""
    recent: list[str] = field(default_factory=list)
    """The youngest items: agents meet at these."""
    meeting: int = 30
    """How many those are."""
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def did(self, process: int, item: str, began: float, did: Did, *, acknowledged: str = "") -> None:
        """Keep one call on an item; ``acknowledged`` is what a confirmed write is called in the history."""
        answered = None if did.answer == "unknown" else time.monotonic()
        with self._guard:
            self.operations[item].append(Operation(process, began, answered, did))
            if acknowledged:
                self.acknowledged.append(Acknowledged(item, did.version, acknowledged, did.title))

    def count(self, kind: str) -> None:
        """One more of a kind."""
        with self._guard:
            self.counts[kind] += 1

    def refused(self, code: str, text: str) -> None:
        """One more refusal; the first of its code is kept whole."""
        with self._guard:
            self.refusals[code] += 1
            self.words.setdefault(code, text)

    def created(self, item: str, reference: str) -> None:
        """A new item that agents may work on."""
        with self._guard:
            self.recent.append(item)
            del self.recent[: -self.meeting]
            if reference:
                self.referring[item] = reference

    def find(self, finding: str) -> None:
        """Something that must not be."""
        with self._guard:
            self.findings.append(finding)

    def new_acknowledgements(self) -> list[Acknowledged]:
        """Those since the last time."""
        with self._guard:
            fresh, self.acknowledged = self.acknowledged, []
        return fresh
