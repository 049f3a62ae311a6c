"""Storing what a reader found: parents before children, blockers before who waits, in plans of at most 200.

Every item keeps the name of its tracker and its id there in its metadata, so a second import of the same
file, or of a longer one, makes only what is new; an item that was deleted here stays deleted, and what the
file says anew of one that is here is told, and not taken over. One that is
nested deeper than items can be is hung higher, and reported. Items that are closed although something of
them is open (other trackers allow it) are made open and then closed with a reason that says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from bridge.agreed.errors import TandemError
from bridge.agreed.wording import counted, first_of
from workflow_server.exchange.differences import changed_in_file
from workflow_server.exchange.foreign import ForeignFile, ForeignItem, says_more, status_of
from workflow_server.exchange.ordering import Ordering
from workflow_server.exchange.saying import Saying
from workflow_server.items.model import CLOSED_STATUSES
from workflow_server.records import Actor, Call, ItemChanges, NewItem, Status
from workflow_server.service import WorkflowService
from workflow_server.service.creating import MAX_PLAN

_REASONED: Final = ("blocked", "cancelled")
"""Statuses that have a reason."""

_MOST_NAMED: Final = 5


@dataclass
class Report:
    """What an import did, or would do."""

    project: str
    dry_run: bool
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    changed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def answer(self) -> dict[str, Any]:
        """The report as JSON-ready fields."""
        return vars(self)


async def load(
    service: WorkflowService, call: Call, file: ForeignFile, *, dry_run: bool = False
) -> dict[str, Any]:
    """Store the items of `file` that are not there yet and answer the report.

    :raises TandemError: when the service refuses an item; earlier plans of the same file are then stored,
        with their notes, and a second import goes on after them.
    """
    call = Call(Actor(call.actor.name, call.actor.client, "import"), call.project, call.folders, call.roots)
    project = await service.resolve_project(call, writing=not dry_run)
    notices = await service.project_notices(call)
    report = Report(project, dry_run, left_out=list(file.left_out), kept=_kept(file.items), warnings=notices)
    file = _each_once(file, report)
    known = await _already_here(service, call, file)
    fresh = [item for item in file.items if item.key not in known]
    report.changed = await changed_in_file(service, call, file, known)
    report.unchanged = len(file.items) - len(fresh) - len(report.changed)
    plan = _Plan(file.source, file.items, known, report)
    ordered = plan.ordered(fresh)
    report.told += [*_statuses(ordered), *_closed_over_open([one for one in ordered if plan.gated(one)])]
    batches = [ordered[start : start + MAX_PLAN] for start in range(0, len(ordered), MAX_PLAN)]
    saying = Saying(file)
    for batch in batches:
        saying.check_fields(batch, [plan.new(item, batch, rehearsed=True) for item in batch])
    if dry_run:
        for batch in batches:
            with saying.of(batch):
                rehearsed = [plan.new(item, batch, rehearsed=True) for item in batch]
                await service.create_work_items(call, rehearsed, dry_run=True)
        report.created = len(ordered)
        return report.answer()
    stored: list[ForeignItem] = []
    try:
        for batch in batches:
            with saying.of(batch):
                made = [plan.new(item, batch) for item in batch]
                answer = await service.create_work_items(call, made)
            known.update({item.key: made["id"] for item, made in zip(batch, answer["items"], strict=True)})
            stored += batch
    finally:
        # also where a later plan is refused: the next import makes what is new, and looks at no other again
        await _add_links(service, call, plan.later, known)
        await _add_notes(service, call, stored, known)
        gated = [item for item in reversed(stored) if plan.gated(item)]
        await _close(service, call, file.source, gated, known)
    report.created = len(stored)
    return report.answer()


def _each_once(file: ForeignFile, report: Report) -> ForeignFile:
    """The file without items whose key an earlier one has, which are reported."""
    first: dict[str, ForeignItem] = {}
    for item in file.items:
        if first.setdefault(item.key, item) is not item:
            where = f" ({item.place})" if item.place else ""
            report.left_out.append(
                f"{item.key}{where}: '{item.title[:60]}' has the id of an item before it, "
                f"'{first[item.key].title[:60]}'"
            )
    return replace(file, items=tuple(first.values()))


async def _already_here(service: WorkflowService, call: Call, file: ForeignFile) -> dict[str, str]:
    """Key of the tracker to id here, for what an earlier import made."""
    try:
        _, store = await service.open_store(call)
    except TandemError as error:
        if error.code.endswith("_not_found"):
            return {}
        raise
    rows = await store.read(
        lambda connection: connection.execute(
            """SELECT metadata ->> '$.imported.id' AS key, id FROM item
               WHERE metadata ->> '$.imported.from' = ?""",
            (file.source,),
        ).fetchall()
    )
    return {row["key"]: row["id"] for row in rows}


def _renamed(rest: Mapping[str, object], source: str) -> dict[str, object]:
    """What is kept of a tracker's fields; those named as our own two go by another name, or an item would not
    be found again.
    """
    return {f"{source}_{name}" if name in ("id", "from") else name: value for name, value in rest.items()}


class _Plan:
    """The order of creation, and each item as the service takes it."""

    def __init__(
        self, source: str, items: Sequence[ForeignItem], known: dict[str, str], report: Report
    ) -> None:
        self._source = source
        self._items = {item.key: item for item in items}
        self._known = known
        self._report = report
        self._ordering = Ordering(self._items, known, report.left_out)
        self.later: list[tuple[str, str, str]] = []
        """Links to items of a later plan, which are made when these are there: key, kind, key."""

    def ordered(self, fresh: Iterable[ForeignItem]) -> list[ForeignItem]:
        """Items so that parents and blockers come first; links that lead nowhere are reported."""
        wanted = list(fresh)
        self._report.left_out += [
            f"{item.key}: its link {kind} {key} leads to what is not in the file"
            for item in wanted
            for kind, key in item.links
            if key not in self._items and key not in self._known
        ]
        return self._ordering.ordered(wanted)

    def gated(self, item: ForeignItem) -> bool:
        """Whether it is closed there although something of it is open."""
        if item.status not in CLOSED_STATUSES:
            return False
        if any(not done for _, done in item.criteria):
            return True
        below = any(parent == item.key and self._open(key) for key, parent in self._ordering.parents.items())
        return below or any(self._open(key) for key in self._ordering.blockers.get(item.key, ()))

    def _open(self, key: str) -> bool:
        return key in self._items and self._items[key].status not in CLOSED_STATUSES

    def new(self, item: ForeignItem, batch: Sequence[ForeignItem], *, rehearsed: bool = False) -> NewItem:
        """The item as the service takes it: keys for what is in the same plan, ids for what is there. In a
        rehearsal what an earlier plan of the file would have made is not there, and left out.
        """
        # A tracker's keys may be long (a check-list's are paths of texts), and may look like ids of ours.
        here = {each.key: f"{number} {each.key[:40]}" for number, each in enumerate(batch)}

        def named(key: str) -> str:
            return here.get(key) or self._known[key]

        def there(key: str) -> bool:
            return not rehearsed or key in here or key in self._known

        made: dict[str, Any] = {
            "key": named(item.key),
            "title": item.title,
            "item_type": item.item_type,
            "description": item.description,
            "status": "planned" if self.gated(item) else item.status,
            "priority": item.priority,
            "labels": list(item.labels),
            "blocked_by": [named(key) for key in self._ordering.blockers.get(item.key, ()) if there(key)],
            "links": [
                {"kind": kind, "id": named(key)}
                for kind, key in item.links
                if key in here or key in self._known
            ],
            "acceptance_criteria": _criteria(item),
            "entity_references": list(item.references),
            "metadata": {
                **item.metadata,
                "imported": {**_renamed(item.rest, self._source), "from": self._source, "id": item.key},
            },
        }
        if not rehearsed:
            self.later += [
                (item.key, kind, key)
                for kind, key in item.links
                if key in self._items and key not in here and key not in self._known
            ]
        parent = self._ordering.parents.get(item.key)
        optional = {
            "assignee": item.assignee,
            "due": item.due,
            "defer_until": item.defer_until,
            "status_reason": _reason(item, self._source) if made["status"] in _REASONED else None,
        }
        made |= {name: value for name, value in optional.items() if value}
        if parent and there(parent):
            made["parent_id"] = named(parent)
        return cast("NewItem", made)


def _criteria(item: ForeignItem) -> list[dict[str, Any]]:
    evidence = dict(enumerate(item.evidence))
    return [
        {"text": text, "done": done, **({"evidence": told} if (told := evidence.get(place)) else {})}
        for place, (text, done) in enumerate(item.criteria)
    ]


async def _add_links(
    service: WorkflowService, call: Call, links: Iterable[tuple[str, str, str]], ids: Mapping[str, str]
) -> None:
    of_item: dict[str, list[tuple[str, str]]] = {}
    for key, kind, other in links:
        if key in ids and other in ids:
            of_item.setdefault(ids[key], []).append((kind, ids[other]))
    for item, found in of_item.items():
        changes = cast("ItemChanges", {"add_links": [{"kind": kind, "id": other} for kind, other in found]})
        await service.update_work_items(call, [item], changes)


async def _add_notes(
    service: WorkflowService, call: Call, items: Iterable[ForeignItem], ids: Mapping[str, str]
) -> None:
    for item in items:
        for note in item.notes:
            await service.update_work_items(call, [ids[item.key]], {"note": note})


async def _close(
    service: WorkflowService, call: Call, source: str, items: Iterable[ForeignItem], ids: Mapping[str, str]
) -> None:
    """Close what is closed there, children before parents."""
    for item in items:
        changes: ItemChanges = {"status": cast("Status", item.status)}
        await service.update_work_items(
            call, [ids[item.key]], changes, override_reason=f"closed in {source} as it is"
        )


def _reason(item: ForeignItem, source: str) -> str | None:
    """Why it is blocked or cancelled: as the file says, or what its status is called there."""
    return item.status_reason or (f"{item.status_word} in {source}" if says_more(item) else None)


def _statuses(items: Iterable[ForeignItem]) -> list[str]:
    """Words for a status that say more than the status here which they became, each with its items."""
    counts = Counter((item.status_word, item.status) for item in items if says_more(item))
    return [
        f"status {word} {'' if status_of(word)[1] else 'is not known here and '}became {status} "
        f"({counted(count, 'item')})"
        for (word, status), count in sorted(counts.items())
    ]


def _closed_over_open(items: Sequence[ForeignItem]) -> list[str]:
    if not items:
        return []
    named = first_of([item.key[:40] for item in items], _MOST_NAMED)
    many = counted(len(items), "item")
    return [f"closed there although something of them is open, and so here ({many}): {named}"]


def _kept(items: Iterable[ForeignItem]) -> list[str]:
    """Fields without a place here, each with how many items have it."""
    counts = Counter(name for item in items for name in item.rest)
    return [f"{name} ({count} items)" for name, count in sorted(counts.items())]
