"""The text of each operation's answer. `as_text(name, answer)` is what a model reads and what a pipe gets."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bridge.agreed.wording import counted, first_of
from bridge.hosting.quotation import one_line
from workflow_server.doors.text.items import item_text, reference_line, reference_lines
from workflow_server.doors.text.rows import page, row
from workflow_server.records import RELEASED

Record = Mapping[str, Any]


def as_text(operation: str, answer: Record) -> str:
    """The answer of an operation as text, warnings last, each once, on a line that begins with `!`.

    What an answer leaves out is said first: the end of a long text may be cut.
    """
    body = _RENDERINGS[operation](answer)
    if answer.get("truncated"):
        body = one_line(f"! {answer['truncated']}") + f"\n{body}"
    said = set(body.splitlines())
    lines = dict.fromkeys(one_line(f"! {warning}") for warning in answer.get("warnings") or ())
    return "\n".join([body, *(line for line in lines if line not in said and f"  {line}" not in said)]).strip(
        "\n"
    )


def created(answer: Record) -> str:
    """`wi_abc1234 v1 planned in tandem`, and what the references resolved to."""
    known = "" if answer.get("created", True) else " (found by its idempotency_key, not created again)"
    place = f"{answer['id']} v{answer['version']} {answer['status']} in {answer['project']}{known}"
    lines = [place + _waiting(answer)]
    lines += reference_lines(answer.get("references") or ())
    return "\n".join(lines)


def planned(answer: Record) -> str:
    """One line an item: its key, its id, what it waits for."""
    verb = "would create" if answer.get("dry_run") else "created"
    known = answer.get("found")
    told = f"{verb} {counted(answer['created'], 'item')} in {answer['project']}"
    if known:
        told += f"; {known} found by idempotency_key, not created again"
    twice = [one for one in answer.get("warnings") or () if one.startswith("sent_twice:")]
    lines = [*(one_line(f"! {one}") for one in twice), told]
    for item in answer["items"]:
        name = item.get("key") or item["title"]
        made = f" = {item['id']}" if item.get("id") else ":"
        lines.append(one_line(f"{name}{made} {item['status']}{_waiting(item, '')}"))
        lines += [one_line(f"  ! {warning}") for warning in item.get("warnings") or ()]
    if answer.get("event"):
        lines.append(f"undo with event {answer['event']}")
    return "\n".join(lines)


def _waiting(item: Record, mark: str = ";") -> str:
    """Said back in words, so that a dependency given the wrong way round is seen at once."""
    return f"{mark} waits for {', '.join(item['blocked_by'])}" if item.get("blocked_by") else ""


def got(answer: Record) -> str:
    """Items whole, separated by a line."""
    parts = [item_text(item) for item in answer["items"]]
    parts += [one_line(f"{missing['id']}: {missing['reason']}") for missing in answer.get("missing") or ()]
    return "\n\n".join(parts)


def updated(answer: Record) -> str:
    """One line an item: its new version, what changed, what became ready."""
    lines = []
    for item in answer["items"]:
        line = f"{item['id']} v{item['version']} {item['status']}"
        changed = list(item.get("changed") or ())
        if changed and changed[0] in ("restored", "deleted"):  # what an undo did to the item as a whole
            line += f"; {changed.pop(0)}"
        if changed:
            line += f"; changed {', '.join(changed)}{_waiting(item)}"
        if item.get("now_ready"):
            line += f"; now ready: {', '.join(item['now_ready'])}"
        lines.append(one_line(line))
        lines += [f"  {told}" for told in reference_lines(item.get("references") or ())]
        lines += [one_line(f"  ! {warning}") for warning in item.get("warnings") or ()]
    if answer.get("event"):
        lines.append(f"undo with event {answer['event']}")
    return "\n".join(lines) or "nothing changed"


def claimed(answer: Record) -> str:
    """The item to start with, or why there is none."""
    item = answer.get("item")
    if not answer["claimed"]:
        held = f"\n{row(item)}" if item else ""
        if answer.get("reason") == RELEASED:  # what was asked for
            return f"released{held}"
        return one_line(f"not claimed: {answer.get('reason') or 'nothing is ready'}") + held
    lines = []
    if answer.get("claim_token"):
        lines.append(f"claim_token: {answer['claim_token']}")
    if answer.get("lease_until"):
        lines.append(f"lease until {answer['lease_until']}")
    if answer.get("reason"):
        lines.append(one_line(str(answer["reason"])))
    if item:
        lines.append(item_text(item))
    if answer.get("unblocked_by"):
        lines += ["made ready by:", *(f"  {row(done)}" for done in answer["unblocked_by"])]
    return "\n".join(lines)


def deleted(answer: Record) -> str:
    """What went or came back, and what else is touched."""
    lines = []
    if answer.get("deleted"):
        lines.append(f"deleted {', '.join(answer['deleted'])}; restore=true brings it back")
    if answer.get("restored"):
        lines.append(f"restored {', '.join(answer['restored'])}")
    lines += [one_line(touched) for touched in answer.get("touches") or ()]
    return "\n".join(lines) or "nothing changed"


FEW_UNDONE = 10
"""Up to so many items an undo names one by one; of more it tells what became of them together."""


def undone(answer: Record) -> str:
    """What was taken back, and, of a few, the items as they are now."""
    told = (
        f"took back {answer['undone']}; undo {answer['event']} to have it again\n{one_line(answer['told'])}"
    )
    if not 0 < len(answer["items"]) <= FEW_UNDONE:
        return told
    return f"{told}\n{updated({**answer, 'event': None})}"


def checked(answer: Record) -> str:
    """How many references stand in each state, and those that were asked for or need a look."""
    counts = ", ".join(f"{number} {state}" for state, number in answer["counts"].items() if number)
    lines = [f"{counts or 'no references'} in {answer['project']}"]
    owners: dict[str, list[str]] = {}  # what is said of one place, with all that refer to it
    first: dict[str, Record] = {}
    for detail in answer.get("references") or ():
        line = reference_line(detail)
        first.setdefault(line, detail)
        of_it = owners.setdefault(line, [])
        of_it += [owner] if (owner := detail.get("item_id") or detail.get("id")) else []
    told = zip(owners.values(), reference_lines(first.values()), strict=True)
    lines += [f"{_owners(of_it)} {line}".strip() for of_it, line in told]
    if answer.get("relinked"):
        lines.append(f"relinked {len(answer['relinked'])}")
        lines += [
            one_line(f"  {each.get('id', '')} {each.get('ref', '')} → {each.get('to', '')}")
            for each in answer["relinked"]
        ]
    return "\n".join(lines)


_FEW_OWNERS = 3


def _owners(ids: Sequence[str]) -> str:
    """`wi_…`, or the first of several and how many more."""
    return first_of(ids, _FEW_OWNERS)


def defined(answer: Record) -> str:
    """The type's name and version, what broke, what was migrated."""
    lines = [f"type {answer['name']} version {answer['version']}"]
    lines += [one_line(broken) for broken in answer.get("breaking") or ()]
    if answer.get("migrated"):
        were = "was" if answer["migrated"] == 1 else "were"
        lines.append(f"{counted(answer['migrated'], 'item')} {were} given defaults")
    return "\n".join(lines)


def projects(answer: Record) -> str:
    """Projects one a line, the one in use marked; or a project's figures."""
    if answer.get("statistics"):
        return statistics({**answer["statistics"], "project": answer["project"]})
    lines = []
    about = answer.get("action") in ("create", "archive")  # about that project; the session keeps its own
    for project in answer.get("projects") or ():
        in_use = project["name"] == answer.get("project") and not about
        mark = "*" if in_use or project.get("selected") else " "
        state = " archived" if project.get("archived") else ""
        count = f" {project['open']} open of {project['total']}" if project.get("total") is not None else ""
        problem = f" ! {project['problem']}" if project.get("problem") else ""
        lines.append(f"{mark} {project['name']}{count}{state}{problem}")
    if answer.get("action") == "create" and not any(one.get("selected") for one in answer["projects"]):
        lines.append("created; action=select, or `project`, to work in it")
    return "\n".join(lines) or "no projects yet"


def statistics(figures: Record) -> str:
    """A project's counts and times."""
    counts = ", ".join(f"{number} {status}" for status, number in figures["counts"].items())
    lines = [
        f"{figures['project']}: {counts}",
        f"{figures['ready']} ready, {figures['blocked']} blocked, {figures['claimed']} claimed, "
        f"{figures['overdue']} overdue",
    ]
    for name in ("cycle_hours", "lead_hours"):
        spread = figures[name]
        if spread.get("items"):
            told = f"median {spread['median']:.1f}, 9 of 10 within {spread['p90']:.1f}"
            lines.append(f"{name.replace('_', ' ')}: {told} ({spread['items']} items)")
    lines.append(
        "open by age: " + ", ".join(f"{age} {number}" for age, number in figures["open_by_age"].items())
    )
    weeks = figures["completed_per_week"]
    if weeks:
        lines.append("completed per week: " + ", ".join(f"{week} {number}" for week, number in weeks.items()))
    return "\n".join(lines)


_RENDERINGS: dict[str, Callable[[Record], str]] = {
    "create_work_item": created,
    "create_work_items": planned,
    "get_work_item": got,
    "list_work_items": page,
    "update_work_item": updated,
    "claim_work_item": claimed,
    "delete_work_item": deleted,
    "undo": undone,
    "check_references": checked,
    "define_item_type": defined,
    "manage_projects": projects,
}
