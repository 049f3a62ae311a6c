"""A folder of Markdown files, one an item, with front matter: to read, to search, to keep beside the code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bridge.agreed import writing

_NOT_IN_NAMES = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 60
_PLAIN = ("item_type", "status", "priority", "parent_id", "assignee", "due", "defer_until", "version")


def write_folder(items: Iterable[Mapping[str, Any]], folder: Path) -> int:
    """Write `<id> <title>.md` for each item and `index.md`; answer how many items. Other files are left
    alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["# Work items", ""]
    count = 0
    for item in items:
        name = file_name(item)
        for old in folder.glob(f"{item['id']} *.md"):
            if old.name != name:
                old.unlink()
        writing.write_whole(folder / name, as_markdown(item))
        mark = "x" if item["status"] in ("completed", "cancelled") else " "
        indent = "  " * (len(item["path"]) - 1)
        lines.append(f"{indent}- [{mark}] [{_escaped(item['title'])}](<{name}>)")
        count += 1
    writing.write_whole(folder / "index.md", "\n".join(lines) + "\n")
    return count


def file_name(item: Mapping[str, Any]) -> str:
    """A name that every file system takes: the id, and what of the title is letters and digits."""
    title = _NOT_IN_NAMES.sub("-", item["title"]).strip("-.")[:_LONGEST_NAME]
    return f"{item['id']} {title}.md" if title else f"{item['id']} item.md"


def as_markdown(item: Mapping[str, Any]) -> str:
    """One item: facts as front matter (JSON values, which YAML reads too), then text, criteria, code,
    notes.
    """
    facts = {"id": item["id"], "title": item["title"]}
    facts |= {name: item[name] for name in _PLAIN if item[name] is not None}
    facts |= {name: item[name] for name in ("labels", "blocked_by", "links", "metadata") if item[name]}
    facts |= {name: item[name] for name in ("created_at", "updated_at")}
    parts = [
        "---",
        *(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in facts.items()),
        "---",
        "",
    ]
    if item["description"]:
        parts += [item["description"].strip(), ""]
    if item["acceptance_criteria"]:
        parts += ["## Acceptance criteria", ""]
        for criterion in item["acceptance_criteria"]:
            evidence = f" — {criterion['evidence']}" if criterion.get("evidence") else ""
            parts.append(f"- [{'x' if criterion['done'] else ' '}] {criterion['text']}{evidence}")
        parts.append("")
    if item["entity_references"]:
        parts += ["## Code", "", *(f"- `{reference}`" for reference in item["entity_references"]), ""]
    if item.get("notes"):
        parts += ["## Notes", ""]
        for note in item["notes"]:
            parts += [f"### {note['at']} {note['by']}", "", note["text"], ""]
    return "\n".join(parts).rstrip("\n") + "\n"


def _escaped(text: str) -> str:
    return re.sub(r"([\\\[\]])", r"\\\1", " ".join(text.split()))
