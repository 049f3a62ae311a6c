"""Backlog.md: a folder of Markdown files, one task each, with front matter and marked sections.

Reads `tasks/`, `completed/` and `drafts/` below the folder given (the project's or the `backlog` folder
itself); archived tasks, documents and decisions are left out and counted.
"""

import re
from pathlib import Path

from workflow_server.exchange.foreign import (
    ForeignFile,
    ForeignItem,
    UnreadableFile,
    joined,
    priority_of,
    status_of,
)
from workflow_server.exchange.readers.front_matter import split_front_matter
from workflow_server.exchange.readers.text import read_text

_FOLDERS = ("tasks", "completed", "drafts")
_NOT_TASKS = ("docs", "decisions", "archive", "milestones")
_HEADING = re.compile(r"^## +(.+?)\s*$", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BOX = re.compile(r"^\s*[-*] \[([ xX])\] (?:#\d+ )?(.+?)\s*$", re.MULTILINE)
_TAKEN = {
    "id", "title", "status", "assignee", "labels", "dependencies", "parent_task_id", "priority", "due_date",
    "references", "modified_files",
}  # fmt: skip
_URL = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def read(path: Path) -> ForeignFile:
    """Read a Backlog.md folder.

    :raises UnreadableFile: when it holds no tasks.
    """
    base = next(
        (each for each in (path, path / "backlog", path / ".backlog") if (each / "tasks").is_dir()), None
    )
    if base is None:
        raise UnreadableFile(f"{path} has no `tasks` folder, nor has a `backlog` folder in it")
    items: list[ForeignItem] = []
    left_out: list[str] = []
    for folder in _FOLDERS:
        for file in sorted((base / folder).glob("*.md")):
            fields, body = split_front_matter(read_text(file))
            if "id" not in fields:
                left_out.append(f"{file.name}: no `id` in its front matter")
            else:
                items.append(_item(fields, body))
    for folder in _NOT_TASKS:
        count = sum(1 for _ in (base / folder).rglob("*.md"))
        if count:
            left_out.append(f"{folder}: {count} files are not open work and were not read")
    return ForeignFile("backlog", tuple(items), tuple(left_out))


def _item(fields: dict[str, str | list[str]], body: str) -> ForeignItem:
    sections = _sections(body)
    criteria = sections.pop("Acceptance Criteria", "")
    definition = sections.pop("Definition of Done", "")
    status, known = status_of(_one(fields, "status"))
    rest: dict[str, object] = {name: value for name, value in fields.items() if name not in _TAKEN and value}
    if not known:
        rest["status"] = _one(fields, "status")
    references = _many(fields, "references") + _many(fields, "modified_files")
    urls = [each for each in references if _URL.match(each)]
    if urls:
        rest["references"] = urls
    people = [name.lstrip("@") for name in _many(fields, "assignee")]
    if len(people) > 1:
        rest["assignee"] = people
    described = [("", sections.pop("Description", ""))]
    notes = [sections.pop(name, "").strip() for name in ("Implementation Notes", "Final Summary", "Comments")]
    described += list(sections.items())
    return ForeignItem(
        key=_plain_id(_one(fields, "id")),
        title=_one(fields, "title") or _one(fields, "id"),
        description=joined(*described),
        status=status,
        status_word=_one(fields, "status"),
        priority=priority_of(_one(fields, "priority") or None),
        parent=_plain_id(_one(fields, "parent_task_id")) or None,
        blocked_by=tuple(_plain_id(each) for each in _many(fields, "dependencies")),
        labels=tuple(_many(fields, "labels")),
        assignee=people[0] if people else None,
        criteria=_boxes(criteria) + _boxes(definition),
        notes=tuple(note for note in notes if note),
        references=tuple(each for each in references if not _URL.match(each)),
        due=_one(fields, "due_date") or None,
        rest=rest,
    )


def _sections(body: str) -> dict[str, str]:
    """Heading to text; marker comments are taken out. Text before the first heading is the description."""
    parts = _HEADING.split(_COMMENT.sub("", body))
    sections = {"Description": parts[0].strip()} if parts[0].strip() else {}
    for heading, text in zip(parts[1::2], parts[2::2], strict=True):
        sections[heading] = "\n\n".join(each for each in (sections.get(heading, ""), text.strip()) if each)
    return sections


def _boxes(text: str) -> tuple[tuple[str, bool], ...]:
    return tuple((match[2], match[1] != " ") for match in _BOX.finditer(text))


def _plain_id(text: str) -> str:
    """Ids differ in case between a file's name, its front matter and what points to it."""
    return text.strip().lower()


def _one(fields: dict[str, str | list[str]], name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else (value[0] if value else "")


def _many(fields: dict[str, str | list[str]], name: str) -> list[str]:
    value = fields.get(name, [])
    return value if isinstance(value, list) else ([value] if value else [])
