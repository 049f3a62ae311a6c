"""A definition with all that is in it: a class is its head, its methods and the code between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from statistics import mean
from typing import Final

from bridge.agreed import states
from bridge.agreed.resolution import ReferenceQuery, Resolution
from bridge.agreed.snapshots import Snapshot as Kept
from bridge.agreed.states import FOUND
from bridge.agreed.wording import first_of
from codebase_server.identity.difference import unified
from codebase_server.identity.heads import SAME_HEAD
from codebase_server.identity.judge import Judge
from codebase_server.identity.meant import Meant, last_known
from codebase_server.identity.nearby import last_name
from codebase_server.identity.normal import same_code
from codebase_server.identity.pieces import Rules
from codebase_server.store import Placement

MOST_PARTS: Final = 200
"""Chunks that one reference follows; of a larger class the first ones."""

_MOST_NAMED: Final = 3

_ALL_BUT_A_FEW: Final = 0.75
"""Of a definition's members those that came from another, for it to be that and not to have taken it in."""

_SURELY: Final = 0.75
"""Likeness of at least one member with what was kept of it, for the members to tell where their class is."""


def parts_of(judge: Judge, heads: Sequence[Placement]) -> list[Placement]:
    """The chunks of a definition, ``heads``, and those of what is defined within it, in the same file."""
    first = heads[0]
    inside = [
        placement
        for placement in judge.snapshot.chunks_in(first.path)
        if placement.symbol.startswith(f"{first.symbol}.")
    ]
    return [*heads, *inside][:MOST_PARTS]


def link(judge: Judge, query: ReferenceQuery, parts: Sequence[Placement], symbol: str) -> Resolution:
    """The resolution of chunks of a file that a text names for the first time; ``symbol`` is that of all."""
    found = [judge.found(query, placement, Meant()) for placement in parts]
    if len(found) == 1:
        return found[0]
    by_line = sorted(found, key=lambda part: part.start_line)
    return judge.answer(
        query,
        "valid",
        chunk_id=found[0].chunk_id,
        chunk_ids=tuple(part.chunk_id for part in found),
        chunk_hashes=tuple(part.content_hash for part in found),
        file_path=found[0].file_path,
        symbol=symbol,
        start_line=by_line[0].start_line,
        end_line=max(part.end_line for part in found),
        content="\n".join(part.content for part in by_line),
    )


def follow(judge: Judge, query: ReferenceQuery, kept: Kept) -> Resolution:
    """The resolution of a definition by the ids of its parts, of which some live.

    As long as its first part lives, a part that is gone, new or elsewhere is a change of the whole. Where
    all that were kept have one name, it was linked when a class meant its head, and new members say nothing.
    """
    parts = [judge.chunk(query, chunk_id) for chunk_id in kept.chunk_ids]
    if len(parts) == 1:
        return parts[0]
    if parts[0].state == "stale":
        parts = _went_along(judge, query, kept, parts)
    if parts[0].state == "stale" and (head := _new_head(judge, query, kept, parts)) is not None:
        parts = [head, *parts[1:]]
    head = _head(parts, kept)
    if head.state not in FOUND or any(part.state in ("unchecked", "unresolved") for part in parts):
        return judge.joined(parts)
    gone = [part for part in parts if part.state == "stale"]
    follows_members = any(_symbol(part) != _symbol(head) for part in parts)
    new = _new(judge, head, kept, {part.chunk_id for part in parts}) if follows_members else []
    known = [part for part in parts if part.state in FOUND]
    left = [part for part in known if follows_members and not _belongs(part, head)]
    live = [part for part in known if part not in left]
    of_live = judge.joined(live)
    joined = replace(
        of_live,
        symbol=head.symbol,
        chunk_ids=(*(part.chunk_id for part in live), *(one.chunk_id for one in new)),
        chunk_hashes=(*(part.content_hash for part in live), *(one.content_hash for one in new)),
        end_line=max([of_live.end_line, *(one.end_line for one in new)]),
    )
    changed = [part for part in live if part.state == "changed"]
    renamed = _renamed(judge, kept, [part for part in live if part not in changed]) if follows_members else {}
    if not (gone or new or changed or left or renamed):
        return joined
    if (same := _cut_otherwise(judge, query, kept, head)) is not None:
        return same
    differences = [joined.diff]
    if judge.wants_diff:
        differences += [unified(part.was.content, "", part.was.file_path, "") for part in gone if part.was]
        differences += [unified("", judge.code(one), "", one.path) for one in new]
    return replace(
        joined,
        state="changed",
        similarity=_alike(live, gone=len(gone) + len(left) + len(new)),
        was=last_known(kept),
        reason=_told(
            states.CHANGED if head in changed else "",
            {
                "other code": [part.symbol for part in changed if part is not head],
                "gone": [part.was.symbol for part in gone if part.was],
                "new": [one.symbol for one in new],
                **_by_owner(left),
                **renamed,
            },
        ),
        diff="\n".join(filter(None, differences)),
    )


def _cut_otherwise(judge: Judge, query: ReferenceQuery, kept: Kept, head: Resolution) -> Resolution | None:
    """The definition where all of it reads as it did: of long code that was only formatted, the parts end at
    other lines."""
    codes = judge.snapshot.contents_with_hashes(set(kept.chunk_hashes))
    heads = judge.snapshot.find_chunks(head.symbol, head.file_path)
    if not heads or not codes.keys() >= set(kept.chunk_hashes):
        return None
    parts = parts_of(judge, heads)
    before = "\n".join(codes[one] for one in kept.chunk_hashes)
    now = "\n".join(judge.code(part) for part in parts)
    if not same_code(before, now, heads[0].language, (kept.symbol, head.symbol)):
        return None
    found = link(judge, query, parts, head.symbol)
    if (found.file_path, found.symbol) == (kept.path, kept.symbol):
        return found
    return replace(found, state="moved", was=last_known(kept), reason=states.MOVED)


def _went_along(
    judge: Judge, query: ReferenceQuery, kept: Kept, parts: Sequence[Resolution]
) -> list[Resolution]:
    """The parts, those that are gone by their names where others are, if at least half stand there as they
    were: a head of one line is equal to many, and is known by what follows it."""
    files = Counter(part.file_path for part in parts if part.state in FOUND).most_common(1)
    if not files:
        return list(parts)
    there = files[0][0]
    used = {part.chunk_id for part in parts}
    found = list(parts)
    for at, (chunk_id, part) in enumerate(zip(kept.chunk_ids, parts, strict=True)):
        if part.state != "stale" or part.was is None or not part.was.symbol:
            continue
        named = [
            one for one in judge.snapshot.find_chunks(part.was.symbol, there) if one.chunk_id not in used
        ]
        if len(named) == 1:
            found[at] = judge.taken_for(query, chunk_id, named[0])
            used.add(named[0].chunk_id)
    as_it_was = sum(part.state == "moved" and part.file_path == there for part in found)
    return found if 2 * as_it_was >= len(parts) else list(parts)


def _new_head(
    judge: Judge, query: ReferenceQuery, kept: Kept, parts: Sequence[Resolution]
) -> Resolution | None:
    """The head of the definition that most of the members are in now, and that has hardly any others.

    When a pass sees a class renamed, its head keeps its id (`identity.heads`). This is for one that was
    copied under another name before it was deleted, and for one that another index knew.
    """
    live = [part for part in parts if part.state in FOUND and "." in part.symbol]
    owners = Counter((part.file_path, part.symbol.rpartition(".")[0]) for part in live).most_common(1)
    if not owners or not any((part.similarity or 0.0) >= _SURELY for part in live):
        return None
    (path, symbol), count = owners[0]
    heads = judge.snapshot.find_chunks(symbol, path)
    if len(heads) != 1 or (path, symbol) == (kept.path, kept.symbol):
        return None
    members = [part for part in parts_of(judge, heads) if part.symbol != symbol]
    if 2 * count < len(parts) - 1 or count < _ALL_BUT_A_FEW * len(members):
        return None
    head = judge.taken_for(query, kept.chunk_ids[0], heads[0])
    is_bare = len(judge.code(heads[0])) < Rules().telling_size
    is_unlike = head.similarity is not None and head.similarity < SAME_HEAD
    return None if is_unlike and not is_bare else head


def _head(parts: Sequence[Resolution], kept: Kept) -> Resolution:
    """The first part; where it is gone, the next of the same name: an overload, the other half of a long
    function."""
    first = parts[0]
    if first.state != "stale":
        return first
    name = first.was.symbol if first.was and first.was.symbol else kept.symbol
    return next((part for part in parts if part.state in FOUND and name and part.symbol == name), first)


def _belongs(part: Resolution, head: Resolution) -> bool:
    """Whether a part that lives is in the definition still; some are spread over several files."""
    return part.symbol == head.symbol or part.symbol.startswith(f"{head.symbol}.")


def _renamed(judge: Judge, kept: Kept, parts: Sequence[Resolution]) -> dict[str, list[str]]:
    """Members that have another name than they had, under what they are called now."""
    hashes = dict(zip(kept.chunk_ids, kept.chunk_hashes, strict=False))
    told: dict[str, list[str]] = {}
    for part in parts:
        code = hashes.get(part.chunk_id, part.content_hash)
        was = judge.bore(part.chunk_id, code) if code != part.content_hash else ""
        if (
            "." in was
            and last_name(was) != last_name(part.symbol)
            and last_name(was) != last_name(kept.symbol)
        ):
            told.setdefault(f"called {last_name(part.symbol)} now", []).append(was)
    return told


def _by_owner(left: Sequence[Resolution]) -> dict[str, list[str]]:
    """Parts that went to other definitions, under where they are."""
    owners: dict[str, list[str]] = {}
    for part in left:
        owner = part.symbol.rpartition(".")[0] or part.file_path
        owners.setdefault(f"in {owner} now", []).append(part.symbol)
    return owners


def _alike(live: Sequence[Resolution], *, gone: int) -> float:
    """The mean likeness of all parts, of which some have none in the definition as it is."""
    return round(min(0.999, mean([part.similarity or 0.0 for part in live] + [0.0] * gone)), 3)


def _symbol(part: Resolution) -> str:
    """The name of a part, or the last one of a part that is gone."""
    return part.symbol or (part.was.symbol if part.was else "")


def _new(judge: Judge, head: Resolution, kept: Kept, here: Collection[str]) -> list[Placement]:
    """Parts that the definition did not have; ``here`` are the ids under which those are that it had."""
    heads = judge.snapshot.find_chunks(head.symbol, head.file_path)
    if not heads or len(kept.chunk_ids) >= MOST_PARTS:
        return []
    known = {*kept.chunk_ids, *here}
    return [placement for placement in parts_of(judge, heads) if placement.chunk_id not in known]


def _told(of_head: str, names: dict[str, list[str]]) -> str:
    """What changed in words: ``Of its parts total is other code, notify is gone.``"""
    told = []
    for what, symbols in names.items():
        shown = list(dict.fromkeys(symbol.rsplit(".", 1)[-1] for symbol in symbols if symbol))
        if shown:
            told.append(f"{first_of(shown, _MOST_NAMED)} {'is' if len(shown) == 1 else 'are'} {what}")
    inside = f"Of its parts {', '.join(told)}." if told else ""
    return " ".join(filter(None, (of_head, inside))) or states.CHANGED
