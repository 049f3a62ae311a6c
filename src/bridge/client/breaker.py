"""When not to ask at all.

A time-out costs the caller the whole deadline, so after one the door is left
alone: 250 ms at first, doubling to at most 5 s, jittered so that many processes
do not come back together. Then one caller may probe. Pure: time comes in as ``now``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

FIRST_DELAY_S: Final = 0.25
MAX_DELAY_S: Final = 5.0
JITTER: Final = 0.2
"""The delay is shortened by up to this share: never longer than the promise, never the same for all."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """The state of one door. ``epoch`` counts changes, so that late results of old requests are known."""

    failures: int = 0
    closed_again_at: float = 0.0
    epoch: int = 0

    def verdict(self, now: float) -> Literal["closed", "open", "half-open"]:
        """``closed``: ask. ``open``: do not. ``half-open``: one caller may probe, the others wait for it."""
        if self.failures == 0:
            return "closed"
        return "open" if now < self.closed_again_at else "half-open"

    def failed(self, now: float, chance: float, epoch: int) -> Breaker:
        """After a request of ``epoch`` timed out or was answered badly; ``chance`` is random in 0..1.

        Of many requests that were under way together, only the first counts.
        """
        if epoch != self.epoch:
            return self
        failures = self.failures + 1
        delay = min(MAX_DELAY_S, FIRST_DELAY_S * 2 ** min(failures - 1, 16))
        return Breaker(failures, now + delay * (1 - JITTER * chance), epoch + 1)

    def succeeded(self) -> Breaker:
        """After a good answer: closed."""
        return self if self.failures == 0 else replace(Breaker(), epoch=self.epoch + 1)
