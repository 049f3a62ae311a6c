"""The warnings about references. Their first words are fixed in `bridge.agreed.states`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.agreed import states
from bridge.agreed.resolution import Resolution
from bridge.agreed.states import FOUND
from bridge.client.faults import Fault

Json = dict[str, Any]


def unavailable(fault: Fault, done: str) -> str:
    """Nobody could be asked: why, what was done all the same, what to do."""
    return states.unavailable(fault.reason, done, fault.remedy)


def warn_of_item(details: Sequence[Json]) -> None:
    """Put a ``warning`` into each detail of one item that needs a person's eye."""
    valid = sum(detail["state"] in FOUND for detail in details)
    for detail in details:
        if detail["state"] == "stale":
            detail["warning"] = (
                _only_one_stale(detail)
                if len(details) == 1
                else states.one_of_several_stale(detail["ref"], valid, len(details))
            )
        elif detail["state"] == "changed" and detail["role"] == "evidence":
            detail["warning"] = (
                f"Evidence '{detail['ref']}' is not the code that was accepted. "
                "Look whether it still shows the criterion, then accept it with check_references."
            )


def _only_one_stale(detail: Mapping[str, Any]) -> str:
    words = [states.only_stale(detail["ref"])]
    was = detail.get("was") or {}
    if was.get("file_path"):
        words.append(f"It was last seen in {where(was)}.")
    candidates = detail.get("candidates") or ()
    if candidates:
        best = candidates[0]
        words.append(f"Likeliest successor: {best['chunk_id']} in {where(best)} ({best['score']:.0%}).")
    return " ".join(words)


def where(place: Mapping[str, Any]) -> str:
    """``src/auth.py:10-20 (login)``."""
    lines = f":{place['start_line']}-{place['end_line']}" if place.get("start_line") else ""
    symbol = f" ({place['symbol']})" if place.get("symbol") else ""
    return f"{place.get('file_path', '')}{lines}{symbol}"


def not_checked_yet(found: Sequence[Resolution]) -> list[str]:
    """What new references could not be checked for: each cause once, however many it keeps waiting."""
    waiting: dict[str, list[str]] = {}
    for one in found:
        if one.state == "unchecked":
            waiting.setdefault(one.reason, []).append(one.ref)
    return [f"{_references(refs)} could not be checked yet: {reason}" for reason, refs in waiting.items()]


def _references(refs: Sequence[str]) -> str:
    named = ", ".join(f"'{ref}'" for ref in refs[:2])
    if len(refs) == 1:
        return f"Reference {named}"
    return f"{len(refs)} references ({named}{', ...' if len(refs) > 2 else ''})"


def stored_without_asking(count: int) -> str:
    """What was done at link time."""
    if count == 0:
        return "The item is stored all the same."
    kept = "The reference is kept" if count == 1 else f"The {count} references are kept"
    return f"{kept} as given and resolved at the next look."


def shown_without_asking(count: int) -> str:
    """What was done when reading."""
    if count == 0:
        return "The item itself is complete."
    return "References are shown with their last known state."
