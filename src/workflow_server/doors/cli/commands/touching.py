"""`touched`: which items a change of code is about."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import click

from bridge.agreed.errors import TandemError
from bridge.agreed.programs import program
from workflow_server.doors.cli.output import emit, json_option
from workflow_server.doors.cli.session import with_service
from workflow_server.items.model import OPEN_STATUSES
from workflow_server.records import Status
from workflow_server.references.touching import Commit, items_met
from workflow_server.service import Call, WorkflowService

MOST_RANGES: Final = 3
"""Places of one file that are listed one by one."""

_OPEN = cast("list[Status]", list(OPEN_STATUSES))
_MOST = 200
"""Items of one place, and commits whose own diffs are looked at: of more, only the whole change is."""
_PLAIN = ("--no-ext-diff", "--no-textconv")
_NOTHING_OF_THE_REPOSITORYS = (
    "--no-pager",
    "-c", "core.quotePath=false",
    "-c", "diff.noprefix=false",
    "-c", "diff.mnemonicPrefix=false",
    "-c", "log.showSignature=false",
    "-c", "core.fsmonitor=false",
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "protocol.allow=never",
)  # fmt: skip
"""A repository's configuration can name programs to run, and how paths are written; neither counts here."""


@click.command("touched")
@click.argument("commits", metavar="[RANGE]", required=False)
@json_option
@click.pass_context
def touched_command(ctx: click.Context, commits: str | None, as_json: bool) -> None:
    """Open items about the code that a diff touches, and items named by `Tandem: wi_...` trailers.

    The diff is read from stdin (`git diff | workflow-server touched`), or made for a RANGE of commits
    (`workflow-server touched main..`). Nothing is changed: what could follow is printed.
    """
    diff, made = (_of_range(commits)) if commits else (sys.stdin.read(), [])

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


def _of_range(commits: str) -> tuple[str, list[Commit]]:
    if commits.startswith("-"):
        raise TandemError(
            "invalid_arguments", f'"{commits}" is no range of commits.', "Write main.. or A..B."
        )
    # a message can hold any character but NUL
    log = _git("log", "-z", "--format=%H%n%B", commits, "--")
    told = [entry.partition("\n")[::2] for entry in log.split("\0") if entry.strip()]
    made = [
        Commit(
            commit, message, _git("show", "--format=", *_PLAIN, commit, "--") if len(told) <= _MOST else ""
        )
        for commit, message in told
    ]
    base, separator, end = commits.partition("..")
    wanted = f"{base}...{end.removeprefix('.')}" if separator else f"{commits}~...{commits}"
    return _git("diff", *_PLAIN, wanted, "--"), made


def _git(*arguments: str) -> str:
    environment = {
        **os.environ,
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }
    try:
        command = [program("git"), *_NOTHING_OF_THE_REPOSITORYS, *arguments]
        done = subprocess.run(
            command, capture_output=True, check=False, env=environment, stdin=subprocess.DEVNULL
        )
    except OSError as problem:
        raise TandemError("git_failed", f"git cannot be run: {problem}.", "Install it.") from problem
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise TandemError(
            "git_failed", f"git {arguments[0]}: {told[-1] if told else 'failed'}.", "Run it in a repository."
        )
    return done.stdout.decode("utf-8", "replace")


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
