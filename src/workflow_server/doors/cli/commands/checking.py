"""`check`: how the code that items are about stands, for people and for pipelines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from bridge.agreed.errors import TandemError
from bridge.agreed.states import STATES
from workflow_server.doors.cli import CHECK_FAILED, DONE, NOTHING_CHECKED
from workflow_server.doors.cli.output import emit, say, warn
from workflow_server.doors.cli.session import given, with_service
from workflow_server.doors.cli.standing import seen_from_here
from workflow_server.doors.text.answers import checked
from workflow_server.records import Call, Patience
from workflow_server.service import WorkflowService

_LEVELS = {"stale": "error", "changed": "warning", "moved": "note", "unresolved": "note", "unchecked": "note"}


def _states(_: click.Context, option: click.Parameter, value: str | None) -> tuple[str, ...]:
    names = tuple(part.strip() for part in (value or "").split(",") if part.strip())
    wrong = [name for name in names if name not in STATES]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r} is no state; states: {', '.join(STATES)}", param=option)
    return names


@click.command("check")
@click.argument("ids", nargs=-1)
@click.option("--state", callback=_states, metavar="STATES", help="Show only these, separated by commas.")
@click.option(
    "--fail-on",
    callback=_states,
    metavar="STATES",
    help="Exit with 5 when a reference is in one of these, with 6 when none could be checked.",
)
@click.option(
    "--accept",
    multiple=True,
    metavar="ID[=REF]",
    help="Take the code as it is now for this reference, or for all of the item that moved or changed.",
)
@click.option(
    "--accept-all",
    is_flag=True,
    help="Take the code as it is now for all that moved or changed, or is in a state of --state.",
)
@click.option(
    "--drop",
    multiple=True,
    metavar="ID[=REF]",
    help="Remove this reference, or the item's stale ones.",
)
@click.option("--relink", multiple=True, metavar="ID=REF=NEW", help="Replace this reference by a new one.")
@click.option(
    "--wait",
    type=click.FloatRange(0, 600),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="At most, for a codebase-server that is slow, makes its index or (with --fail-on) is starting.",
)
@click.option(
    "--format", "form", type=click.Choice(("text", "json", "sarif")), default="text", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_context
def check_command(
    ctx: click.Context,
    ids: tuple[str, ...],
    state: tuple[str, ...],
    fail_on: tuple[str, ...],
    accept: tuple[str, ...],
    accept_all: bool,
    drop: tuple[str, ...],
    relink: tuple[str, ...],
    wait: float,
    form: str,
    as_json: bool,
) -> int:
    """Check references of the items IDS, or of all open ones.

    In a pipeline: `workflow-server check --fail-on stale --format sarif > references.sarif`. Exit code 5 says
    that a reference is in a state named by --fail-on, exit code 6 that there are references and not one of
    them could be checked, as when no codebase-server runs.
    """
    changes = [_of_item(entry, "accept") for entry in accept]
    changes += [_of_item(entry, "drop") for entry in drop]
    changes += [{"id": "*", "ref": "*", "to": "accept"}] * accept_all
    changes += [_relink(entry, 3, "") for entry in relink]

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        patience = Patience(wait, for_a_start=bool(fail_on))
        return await service.check_references(
            call, ids=ids, **given(state=state), relink=changes, patience=patience
        )

    answer = with_service(ctx, work)
    if form == "sarif":
        say(json.dumps(sarif(answer["references"]), ensure_ascii=False, indent=2))
        warn(answer["warnings"])
    else:
        emit(answer, as_json or form == "json", checked)
    return _outcome(answer["counts"], fail_on)


def _outcome(counts: Mapping[str, int], fail_on: Sequence[str]) -> int:
    """The exit code: a pipeline that asks for a verdict must not take silence for one."""
    if any(counts.get(name, 0) for name in fail_on):
        return CHECK_FAILED
    if fail_on and 0 < counts["unchecked"] == sum(counts.values()):
        number = counts["unchecked"]
        which = "The reference" if number == 1 else f"None of {number} references"
        could = "could not" if number == 1 else "could"
        warn([f"{which} {could} be checked: exit code {NOTHING_CHECKED}."])
        return NOTHING_CHECKED
    return DONE


def _of_item(entry: str, to: str) -> dict[str, Any]:
    """The order of ``ID=REF``, or of ``ID`` for every reference of that item."""
    return _relink(entry if "=" in entry else f"{entry}=*", 2, to)


def _relink(entry: str, parts: int, to: str) -> dict[str, Any]:
    pieces = entry.split("=", parts - 1)
    if len(pieces) != parts:
        raise TandemError(
            "invalid_arguments", f'"{entry}" is not of the form {"=".join(("ID", "REF", "NEW")[:parts])}.'
        )
    return {"id": pieces[0], "ref": pieces[1], "to": seen_from_here(pieces[2:])[0] if parts == 3 else to}


def sarif(references: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """References that need a look as a SARIF 2.1.0 log, for the code hosts that show one."""
    results = []
    for detail in references:
        state = detail.get("state", "unresolved")
        if state == "valid":
            continue
        item = detail.get("item_id") or detail.get("id") or ""
        result: dict[str, Any] = {
            "ruleId": f"reference-{state}",
            "level": _LEVELS.get(state, "note"),
            "message": {"text": f"{item}: {detail['ref']} is {state}. {detail.get('reason') or ''}".strip()},
            "partialFingerprints": {"reference/v1": f"{item}/{detail['ref']}"},
        }
        place = detail if detail.get("file_path") else detail.get("was") or {}
        if place.get("file_path"):
            result["locations"] = [_location(place)]
        results.append(result)
    rules = [
        {"id": f"reference-{state}", "shortDescription": {"text": f"A {state} code reference"}}
        for state in _LEVELS
    ]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": "workflow-server", "rules": rules}}, "results": results}],
    }


def _location(place: Mapping[str, Any]) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": place["file_path"]}}
    if place.get("start_line"):
        location["region"] = {"startLine": place["start_line"], "endLine": place["end_line"]}
    return {"physicalLocation": location}
