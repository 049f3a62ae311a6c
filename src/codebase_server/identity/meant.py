"""What a reference meant: the end of judging that stands in the past."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Meant:
    """What a reference meant when it was made, as far as it is known.

    ``symbol`` is empty for code that belonged to no definition, and None where it is not known: a range over
    several definitions keeps the place of the whole. ``within`` allows what is defined inside it as well.
    """

    path: str = ""
    symbol: str | None = ""
    content_hash: str = ""
    code: str = ""
    truncated: bool = False
    within: bool = False

    def stands(self, path: str, symbol: str) -> bool:
        """Whether this is the place that was meant, as far as it is known."""
        if path != self.path:
            return False
        return self.symbol in (None, symbol) or (self.within and symbol.startswith(f"{self.symbol}."))
