"""What a reference meant: the end of judging that stands in the past."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Meant:
    """What a reference meant when it was made, as far as it is known."""

    path: str = ""
    symbol: str = ""
    content_hash: str = ""
    code: str = ""
    truncated: bool = False
