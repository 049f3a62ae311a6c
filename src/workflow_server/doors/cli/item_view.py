"""One item on a terminal: facts, criteria, references with highlighted code and its state, notes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from rich.markdown import Markdown
from rich.syntax import Syntax
from rich.text import Text

from workflow_server.doors.cli.output import REFERENCE_STYLES, STATUS_STYLES, console, table
from workflow_server.doors.text.events import event_line
from workflow_server.doors.text.items import facts, reference_line


def print_item(item: Mapping[str, Any]) -> None:
    """Print the item; empty parts leave no line."""
    out = console()
    head = Text(f"{item['id']} ", style="bold")
    head.append(item["status"], style=STATUS_STYLES.get(item["status"], "default"))
    head.append(f" P{item['priority']} {item['item_type']} v{item['version']}  ", style="bright_black")
    head.append(item["title"], style="bold")
    out.print(head)
    for fact in facts(item):
        out.print(Text(f"  {fact}"))
    if item["description"]:
        out.print(Markdown(item["description"], hyperlinks=False))  # where a link leads is shown
    for index, criterion in enumerate(item["acceptance_criteria"]):
        mark = Text(
            "  ✔ " if criterion["done"] else "  ☐ ", style="green" if criterion["done"] else "default"
        )
        mark.append(f"{index} {criterion['text']}", style="default")
        if criterion.get("evidence"):
            mark.append(f"  {criterion['evidence']}", style="bright_black")
        out.print(mark)
    for detail in item["reference_details"]:
        _print_reference(detail)
    if item["metadata"]:
        out.print(Text("  " + ", ".join(f"{name}={value}" for name, value in item["metadata"].items())))
    if item.get("children"):
        table(item["children"])
    for note in item.get("notes") or ():
        out.print(Text(f"  {note['at']} {note['by']}", style="bright_black"))
        out.print(Text(f"  {note['text']}"))
    for event in item.get("history") or ():
        out.print(Text(f"  {event_line(event)}", style="bright_black"))
    for warning in item["warnings"]:
        out.print(Text(f"! {warning}", style="yellow"))


def _print_reference(detail: Mapping[str, Any]) -> None:
    out = console()
    state = detail.get("state", "unresolved")
    line = Text(f"  {reference_line(detail)}", style=REFERENCE_STYLES.get(state, "bright_black"))
    path = detail.get("file_path")
    if detail.get("root") and path:
        line.stylize(f"link {(Path(detail['root']) / path).as_uri()}")
    out.print(line)
    code = detail.get("content") or detail.get("code")
    if code:
        lexer = Syntax.guess_lexer(PurePosixPath(path or "code.txt").name, code)
        out.print(
            Syntax(code, lexer, line_numbers=True, start_line=detail.get("start_line") or 1, word_wrap=True)
        )
