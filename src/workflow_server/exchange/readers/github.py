"""GitHub issues, as the REST API lists them or as `gh issue list --json` prints them.

Pull requests stand in the same list of the API and are left out, counted.
"""

import re
from pathlib import Path
from typing import Any

from workflow_server.exchange.foreign import ForeignFile, ForeignItem, UnreadableFile, priority_of, status_of
from workflow_server.exchange.readers.text import read_json

_TAKEN = {
    "number",
    "title",
    "body",
    "state",
    "state_reason",
    "stateReason",
    "labels",
    "assignees",
    "assignee",
    "comments",
}
_NOISE = ("_url", "node_id", "reactions", "performed_via_github_app", "author_association", "user")


def read(path: Path) -> ForeignFile:
    """Read a JSON list of issues.

    :raises UnreadableFile: when it is no list, or an entry no issue.
    """
    issues = read_json(path)
    if not isinstance(issues, list):
        raise UnreadableFile(f"{path} is not a list of issues")
    items: list[ForeignItem] = []
    pulls = 0
    for position, issue in enumerate(issues):
        if not isinstance(issue, dict) or "number" not in issue or "title" not in issue:
            raise UnreadableFile(f"{path}: entry {position} has no `number` and `title`: not an issue")
        if issue.get("pull_request"):
            pulls += 1
        else:
            items.append(_item(issue))
    left_out = [f"pull requests are not issues: {pulls}"] if pulls else []
    left_out += [
        f"#{issue['number']}: its {issue['comments']} comments are not in the file; "
        "`gh issue list --json number,title,body,state,labels,assignees,author,url,comments` has them"
        for issue in issues
        if isinstance(issue.get("comments"), int) and issue["comments"] and not issue.get("pull_request")
    ]
    return ForeignFile("github", tuple(items), tuple(left_out))


def _item(issue: dict[str, Any]) -> ForeignItem:
    reason = issue.get("state_reason") or issue.get("stateReason")
    closed = str(issue.get("state", "open")).lower() == "closed"
    word = reason if closed and reason else issue.get("state")
    status, _ = status_of(word)
    labels = tuple(name for name in (_name(label) for label in issue.get("labels") or ()) if name)
    people = [_name(person) for person in issue.get("assignees") or ()]
    rest = {
        name: value
        for name, value in issue.items()
        if name not in _TAKEN and not name.endswith(_NOISE) and value not in (None, "", [], False)
    }
    rest["number"] = issue["number"]
    if issue.get("html_url"):
        rest["html_url"] = issue["html_url"]
    if len(people) > 1:
        rest["assignees"] = people
    author = _name(issue.get("user") or issue.get("author") or "")
    if author:
        rest["author"] = author
    comments = issue.get("comments")
    return ForeignItem(
        key=f"{_repository(issue)}#{issue['number']}",
        title=str(issue["title"]),
        description=issue.get("body") or "",
        status=status,
        status_word=str(word or ""),
        priority=_priority(labels),
        labels=labels,
        assignee=people[0] if people else None,
        notes=tuple(_comment(each) for each in comments) if isinstance(comments, list) else (),
        due=((issue.get("milestone") or {}).get("due_on") or None),
        rest=rest,
    )


def _repository(issue: dict[str, Any]) -> str:
    """`owner/name` where the issue says it: issues of two repositories have the same numbers."""
    address = str(issue.get("html_url") or issue.get("url") or "")
    found = re.search(r"([^/]+/[^/]+)/issues/\d+$", address)
    return found[1] if found else ""


def _priority(labels: tuple[str, ...]) -> int:
    """The most urgent that a label says: `P1`, `priority: high`, `critical`."""
    said = [priority_of(label.lower().rsplit(":", 1)[-1].rsplit("/", 1)[-1].strip()) for label in labels]
    return min(said, default=2)


def _name(entry: Any) -> str:
    return str(entry.get("name") or entry.get("login") or "") if isinstance(entry, dict) else str(entry)


def _comment(entry: dict[str, Any]) -> str:
    who = _name(entry.get("author") or entry.get("user") or "")
    when = entry.get("createdAt") or entry.get("created_at") or ""
    head = " ".join(each for each in (who, when) if each)
    return f"{head}: {entry.get('body', '')}" if head else str(entry.get("body", ""))
