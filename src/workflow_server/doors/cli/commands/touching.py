"""`touched`: which items a change of code is about."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import click

from bridge.agreed.errors import TandemError
from workflow_server.doors.cli.output import emit, json_option
from workflow_server.doors.cli.session import with_service
from workflow_server.items.model import OPEN_STATUSES
from workflow_server.records import Call, Status
from workflow_server.references.history import MOST_BYTES, of_range, too_large
from workflow_server.references.touching import items_met
from workflow_server.service import WorkflowService

MOST_RANGES: Final = 3
"""Places of one file that are listed one by one."""

_OPEN = cast("list[Status]", list(OPEN_STATUSES))
_MOST = 200
"""Items of one place."""


@click.command("touched")
@click.argument("commits", metavar="[RANGE]", required=False)
@json_option
@click.pass_context
def touched_command(ctx: click.Context, commits: str | None, as_json: bool) -> None:
    """Open items about the code that a diff touches, and items named by `Tandem: wi_...` trailers.

    The diff is read from stdin (`git diff | workflow-server touched`), or made for a RANGE of commits
    (`workflow-server touched main..`). Nothing is changed: what could follow is printed.
    """
    diff, made = of_range(commits) if commits else (_given(), [])

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        async def find(reference: str) -> Any:
            found = await service.list_work_items(
                call,
                {"reference": reference, "status": _OPEN, "limit": _MOST},
            )
            return found["items"]

        async def get(identifier: str) -> Any:
            try:
                return (await service.get_work_items(call, [identifier]))["items"][0]
            except TandemError:
                return None

        return await items_met(diff, made, find, get)

    emit(with_service(ctx, work), as_json, _lines)


def _given() -> str:
    """The diff that is passed on standard input."""
    diff = sys.stdin.read(MOST_BYTES + 1)
    if len(diff) > MOST_BYTES:
        raise too_large()
    return diff


def _lines(answer: Mapping[str, Any]) -> str:
    lines = []
    for item in answer["items"]:
        lines.append(f"{item['id']} [{item['status']}] {item['title']}")
        if item["touches"]:
            lines.append(f"  touches {', '.join(_by_file(item['touches']))}")
        lines += [
            f"  {'named' if commit in item['named_by'] else 'touched'} by {commit[:12]}"
            for commit in item["commits"]
        ]
        lines += [f"  could follow: {_command(proposal)}" for proposal in item["proposals"]]
    return "\n".join(lines) or "No open item is about this change."


def _by_file(touches: Sequence[str]) -> list[str]:
    """The places of a change, those of a file that it has many in told by their number."""
    places: dict[str, list[str]] = {}
    for touched in touches:
        path, _, lines = touched.rpartition(":")
        places.setdefault(path or touched, []).append(lines)
    told = []
    for path, ranges in places.items():
        if len(ranges) <= MOST_RANGES:
            told += [f"{path}:{lines}" if path != lines else path for lines in ranges]
        else:
            told.append(f"{path} in {len(ranges)} places")
    return told


def _command(proposal: Mapping[str, Any]) -> str:
    (item,) = proposal["ids"]
    if "status" in proposal:
        return f"workflow-server update {item} --status {proposal['status']}"
    commits = " ".join(f"--add-reference {link['ref'][:12]}" for link in proposal["add_entity_references"])
    return f"workflow-server update {item} {commits}"
