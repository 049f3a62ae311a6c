"""One thing that a doctor looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from bridge.agreed.errors import TandemError, section_of

Level: TypeAlias = Literal["ok", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """How a thing stands, in words, and what to do when it does not stand well.

    ``bad`` keeps the server from working, ``warn`` takes something away from it. ``about`` is the code of an
    error, or another section of the troubleshooting page, that tells more.
    """

    level: Level
    name: str
    detail: str
    next_step: str = ""
    about: str = ""

    @property
    def see(self) -> str:
        """Where the documentation tells more; empty when nothing has to be done."""
        return section_of(self.about) if self.about else ""

    def to_json(self) -> dict[str, str]:
        """As the report has it."""
        return {
            "level": self.level,
            "name": self.name,
            "detail": self.detail,
            "next_step": self.next_step,
            "see": self.see,
        }


def of_error(error: TandemError, name: str, level: Level = "bad") -> Finding:
    """A foreseen failure as a finding about ``name``."""
    return Finding(level, name, error.message, error.hint or "Follow the section named below.", error.code)
