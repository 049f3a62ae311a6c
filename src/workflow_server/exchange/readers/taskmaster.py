"""Task Master: `tasks.json`, a list of tasks per tag, subtasks one level deep.

The same numbers come again in every tag, so keys are `tag/7` and `tag/7.2`. A dependency is a number of the
same tag, `7.2` a subtask, and within a subtask a bare number is its sibling.
"""

from pathlib import Path
from typing import Any

from workflow_server.exchange.foreign import (
    ForeignFile,
    ForeignItem,
    UnreadableFile,
    joined,
    priority_of,
    status_of,
)
from workflow_server.exchange.readers.text import read_json

_TAKEN = {
    "id", "title", "description", "details", "testStrategy", "status", "dependencies", "priority", "subtasks",
    "assignee", "relevantFiles",
}  # fmt: skip


def read(path: Path) -> ForeignFile:
    """Read a `tasks.json`, with tags or of the older form without.

    :raises UnreadableFile: when it holds no list of tasks.
    """
    document = read_json(path)
    if not isinstance(document, dict):
        raise UnreadableFile(f"{path} is not an object with `tasks`")
    tags = {"master": document} if isinstance(document.get("tasks"), list) else document
    items: list[ForeignItem] = []
    for tag, content in tags.items():
        tasks = content.get("tasks") if isinstance(content, dict) else None
        if not isinstance(tasks, list):
            raise UnreadableFile(f"{path}: `{tag}` has no list `tasks`")
        for task in tasks:
            items.extend(_with_subtasks(task, tag, labelled=len(tags) > 1))
    return ForeignFile("taskmaster", tuple(items))


def _with_subtasks(task: dict[str, Any], tag: str, labelled: bool) -> list[ForeignItem]:
    whole = _item(task, tag, str(task["id"]), None, labelled)
    parts = [
        _item(part, tag, f"{task['id']}.{part['id']}", str(task["id"]), labelled)
        for part in task.get("subtasks") or ()
    ]
    return [whole, *parts]


def _item(task: dict[str, Any], tag: str, number: str, parent: str | None, labelled: bool) -> ForeignItem:
    status, known = status_of(task.get("status"))
    rest = {name: value for name, value in task.items() if name not in _TAKEN and value not in (None, "", [])}
    if not known:
        rest["status"] = task["status"]
    files = [
        each.get("path", "") if isinstance(each, dict) else str(each)
        for each in task.get("relevantFiles") or ()
    ]
    return ForeignItem(
        key=f"{tag}/{number}",
        title=str(task.get("title") or f"Task {number}"),
        description=joined(
            ("", task.get("description")),
            ("Details", task.get("details")),
            ("Test strategy", task.get("testStrategy")),
        ),
        item_type="subtask" if parent else "task",
        status=status,
        status_word=str(task.get("status") or ""),
        priority=priority_of(task.get("priority")),
        parent=f"{tag}/{parent}" if parent else None,
        blocked_by=tuple(f"{tag}/{_full(str(each), parent)}" for each in task.get("dependencies") or ()),
        labels=(tag,) if labelled else (),
        assignee=task.get("assignee") or None,
        references=tuple(each for each in files if each),
        rest=rest,
    )


def _full(dependency: str, parent: str | None) -> str:
    return dependency if parent is None or "." in dependency else f"{parent}.{dependency}"
