"""What a command prints: tables for a terminal, stable plain lines for a pipe, JSON when asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from workflow_server.doors.cli.wording import of_the_shell

if TYPE_CHECKING:
    from rich.console import Console

json_option = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")

STATUS_STYLES = {
    "planned": "default",
    "active": "cyan",
    "blocked": "red",
    "completed": "green",
    "cancelled": "bright_black",
}
REFERENCE_STYLES = {"valid": "green", "moved": "cyan", "changed": "yellow", "stale": "red"}


def on_terminal() -> bool:
    """Whether a person watches stdout."""
    return sys.stdout.isatty()


def console() -> Console:
    """Rich's console on stdout; it honours NO_COLOR and the terminal's width."""
    from rich.console import Console

    return Console(highlight=False)


def say(text: str) -> None:
    """One or more lines on stdout, as they are."""
    click.echo(text)


def emit(answer: Mapping[str, Any], as_json: bool, text: Callable[[Mapping[str, Any]], str]) -> None:
    """The answer as JSON, or as the text that `text` makes; warnings go to stderr beside text."""
    if as_json:
        say(json.dumps(answer, ensure_ascii=False, indent=2, default=str))
        return
    body = text(answer)
    if body:
        say(body)
    warn(answer.get("warnings") or ())


def warn(warnings: Iterable[str]) -> None:
    """Warnings on stderr, one a line; what a call and its item both say is said once."""
    for warning in dict.fromkeys(warnings):
        click.echo(f"! {of_the_shell(warning)}", err=True)


def table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Items as a table for a terminal."""
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("id", "status", "P", "title", "who", "waits for"):
        made.add_column(
            heading, no_wrap=heading != "title", overflow="fold" if heading == "title" else "ellipsis"
        )
    for row in rows:
        title = Text(row["title"])
        for label in row.get("labels") or ():
            title.append(f" #{label}", style="bright_black")
        made.add_row(
            row["id"],
            Text(row["status"], style=STATUS_STYLES.get(row["status"], "default")),
            str(row["priority"]),
            title,
            Text(row.get("claimed_by") or row.get("assignee") or ""),
            Text(", ".join(row.get("blocked_by") or ())),
        )
    console().print(made)


def lines(rows: Sequence[Mapping[str, Any]]) -> str:
    """Items for a pipe: id, status, priority, type and title, separated by tabs."""
    return "\n".join(
        "\t".join(
            (row["id"], row["status"], str(row["priority"]), row["item_type"], " ".join(row["title"].split()))
        )
        for row in rows
    )
