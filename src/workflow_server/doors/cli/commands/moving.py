"""Commands that move work between trackers: export, import."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from bridge.agreed import writing
from workflow_server.doors.cli import CONFLICT
from workflow_server.doors.cli.output import emit, json_option, say, warn
from workflow_server.doors.cli.session import with_service
from workflow_server.exchange.readers import FORMATS
from workflow_server.records import Call
from workflow_server.service import WorkflowService

EXPORTS = ("jsonl", "markdown", "csv", "mermaid")


@click.command("export")
@click.option("--format", "form", type=click.Choice(EXPORTS), default="jsonl", show_default=True)
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="A file, or a folder for markdown; else stdout."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print what was written, and without --output the text, as JSON."
)
@click.pass_context
def export_command(ctx: click.Context, form: str, output: Path | None, as_json: bool) -> None:
    """Write a project: JSON Lines without loss (history included), or Markdown, CSV, Mermaid for reading."""
    if form == "markdown" and output is None:
        raise click.UsageError("--format markdown writes a folder: give it with --output")

    async def work(service: WorkflowService, call: Call) -> str:
        from workflow_server.exchange import archive, writers

        warn(await service.project_notices(call))
        if form == "jsonl":
            return await archive.exported(service, call)
        items = await writers.all_items(service, call)
        if form == "markdown":
            return str(writers.write_folder(items, Path(str(output))))
        if form == "csv":
            warn(writers.not_in_csv(items))
            return writers.as_csv(items)
        return writers.as_mermaid(items)

    text = with_service(ctx, work)
    if output is not None and form != "markdown":
        _write_whole(output, text)
    if as_json:
        say(json.dumps(_exported(form, output, text), ensure_ascii=False, indent=2))
    elif form == "markdown":
        say(f"{text} files in {output}")
    elif output is None:
        sys.stdout.write(text)
    else:
        click.echo(f"{len(text.encode()):,} bytes in {output}", err=True)


def _exported(form: str, output: Path | None, text: str) -> dict[str, Any]:
    """What was written where; for Markdown `text` is the number of files."""
    if output is None:
        return {"format": form, "text": text}
    told = {"format": form, "output": str(output)}
    return {**told, "files": int(text)} if form == "markdown" else {**told, "bytes": len(text.encode())}


def _write_whole(target: Path, text: str) -> None:
    """Write beside the target and rename: an earlier export is never left half overwritten."""
    target.parent.mkdir(parents=True, exist_ok=True)
    writing.write_whole(target, text)


@click.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(("jsonl", *FORMATS)), help="Default: what it looks like.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; store nothing.")
@json_option
@click.pass_context
def import_command(ctx: click.Context, path: Path, form: str | None, dry_run: bool, as_json: bool) -> int:
    """Read an export, or another tracker's file, into the project; - is the standard input.

    Importing the same file twice changes nothing. What has no place here is kept with the item and reported.
    Of another tracker's file only new items are stored: what it says anew of items that are here is reported.
    Exit code 4: some items were changed on both sides and left as they are.
    """

    async def work(service: WorkflowService, call: Call) -> Mapping[str, Any]:
        from workflow_server.exchange import archive, load
        from workflow_server.exchange.readers import read_foreign

        if form == "jsonl" or (form is None and archive.is_archive(file)):
            return await archive.imported(service, call, file, dry_run=dry_run)
        return await load.load(service, call, read_foreign(file, form), dry_run=dry_run)

    with _at_hand(path) as file:
        answer = with_service(ctx, work)
    emit(answer, as_json, _report)
    return CONFLICT if answer.get("conflicts") else 0


@contextmanager
def _at_hand(path: Path) -> Iterator[Path]:
    """The file; of `-`, what the standard input holds, in a file for as long as it is read."""
    if str(path) != "-":
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="workflow-") as folder:
        file = Path(folder) / "standard-input"
        file.write_bytes(sys.stdin.buffer.read())
        yield file


def _report(answer: Mapping[str, Any]) -> str:
    would = "would be " if answer["dry_run"] else ""
    lines = [
        f"{answer['created']} {would}created, {answer['updated']} {would}updated, "
        f"{answer['unchanged']} unchanged "
        f"in {answer['project']}"
    ]
    lines += [f"changed in the file, left as it is here: {told}" for told in answer.get("changed", ())]
    lines += [f"left out: {reason}" for reason in answer["left_out"]]
    lines += answer.get("told", [])
    lines += [f"kept in metadata: {told}" for told in answer["kept"]]
    lines += [f"conflict: {told}" for told in answer["conflicts"]]
    return "\n".join(lines)
