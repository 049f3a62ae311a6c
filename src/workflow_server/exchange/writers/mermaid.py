"""The graph of blockers and parents as a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_LONGEST = 50
_CLASSES = (
    "classDef completed fill:#dfd,stroke:#393",
    "classDef cancelled fill:#eee,stroke:#999,color:#777",
    "classDef active fill:#def,stroke:#36c",
    "classDef blocked fill:#fdd,stroke:#c33",
    "classDef planned fill:#fff,stroke:#555",
)


def as_mermaid(items: Iterable[Mapping[str, Any]]) -> str:
    """Solid arrows lead from a blocker to what waits for it, dotted lines from a parent to its children."""
    found = list(items)
    known = {item["id"] for item in found}
    lines = ["flowchart LR"]
    lines += [f'  {item["id"]}["{_label(item["title"])}"]:::{item["status"]}' for item in found]
    for item in found:
        lines += [f"  {blocker} --> {item['id']}" for blocker in item["blocked_by"] if blocker in known]
        if item["parent_id"] in known:
            lines.append(f"  {item['parent_id']} -.- {item['id']}")
    lines += [f"  {each}" for each in _CLASSES]
    return "\n".join(lines) + "\n"


def _label(title: str) -> str:
    """The title without what Mermaid would read as its own: quotes, brackets and marks become entities."""
    text = " ".join(title.split())
    text = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return "".join(char if char.isalnum() or char in " .,-_/…" else f"#{ord(char)};" for char in text)
