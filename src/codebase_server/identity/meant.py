"""What a reference meant: the end of judging that stands in the past."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.agreed.resolution import LastKnown, ReferenceQuery
from bridge.agreed.snapshots import Snapshot as Kept


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


def meant_by(query: ReferenceQuery, chunk_id: str) -> Meant:
    """What the reference's snapshot says of one of its chunks."""
    kept = query.snapshot
    if kept is None:
        return Meant()
    if len(kept.chunk_ids) > 1:
        # Of a range, the snapshot keeps one code for all: per chunk only the hashes can be compared.
        hashes = dict(zip(kept.chunk_ids, kept.chunk_hashes, strict=False))
        return Meant(kept.path, kept.symbol or None, hashes.get(chunk_id, ""), within=True)
    return Meant(kept.path, kept.symbol, kept.content_hash, kept.code, kept.truncated)


def was_of(kept: Kept | None, meant: Meant) -> LastKnown | None:
    """The last place and code of what was meant, if anything was kept."""
    return None if kept is None else last_known(kept, meant.content_hash)


def last_known(kept: Kept, content_hash: str = "") -> LastKnown:
    """What a reference's snapshot says of its code."""
    return LastKnown(
        file_path=kept.path,
        symbol=kept.symbol,
        start_line=kept.start_line,
        end_line=kept.end_line,
        content=kept.code,
        content_hash=content_hash,
    )
