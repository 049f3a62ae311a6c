"""``codebase-server search``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, cast

import click

from bridge.hosting.standing import glob_from
from codebase_server.doors.cli import FOUND, NOTHING, running
from codebase_server.doors.cli.group import reading_options, settings_of
from codebase_server.doors.cli.opening import reading
from codebase_server.doors.cli.screen import Screen
from codebase_server.service.answers import SearchAnswer, SearchResult

Kind = Literal["code", "tests", "docs", "config", "any"]
Content = Literal["full", "preview", "none"]


@click.command("search")
@click.argument("query", nargs=-1, required=True)
@click.option("-n", "--limit", default=10, type=click.IntRange(1, 50), show_default=True)
@click.option("--path", metavar="GLOB", help="Only files that match, such as 'src/**/*.py'.")
@click.option("--language", metavar="NAME", help="Only this language, such as python.")
@click.option(
    "--kind", default="any", type=click.Choice(["code", "tests", "docs", "config", "any"]), show_default=True
)
@click.option(
    "--content",
    type=click.Choice(["full", "preview", "none"]),
    help="How much code to show [preview in a terminal, none in a pipe].",
)
@click.option("--explain", is_flag=True, help="Show what each result's score is made of.")
@reading_options
@click.pass_context
def command(
    ctx: click.Context,
    query: tuple[str, ...],
    limit: int,
    path: str | None,
    language: str | None,
    kind: Kind,
    content: Content | None,
    explain: bool,
    as_json: bool,
) -> None:
    """Find code by what it does, by words, or by name.

    A "quoted part" of the QUERY is literal. Piped output is one line a
    result: path:start-end, score, chunk id and symbol, divided by tabs.
    """
    screen = Screen()
    wanted: Content = content or ("full" if as_json else "preview" if screen.terminal else "none")
    narrowed: dict[str, Any] = {
        "limit": limit,
        "path": path and glob_from(path, running.root(settings_of(ctx)), Path.cwd()),
        "language": language,
        "kind": kind,
        "content": wanted,
    }
    answer = None if explain else _asked(ctx, " ".join(query), narrowed)
    if answer is None:
        with reading(ctx) as service:
            answer = service.search_code(" ".join(query), explain=explain, **narrowed)
    if as_json:
        screen.json(answer)
    else:
        _show(screen, answer)
    ctx.exit(FOUND if answer["results"] else NOTHING)


def _asked(ctx: click.Context, query: str, narrowed: dict[str, Any]) -> SearchAnswer | None:
    """The answer of a server that runs, or None: it has loaded what this process would wait for."""
    found = running.answer(settings_of(ctx), "/mcp/search", {"query": query, **narrowed})
    return cast("SearchAnswer | None", found)


def _show(screen: Screen, answer: SearchAnswer) -> None:
    for result in answer["results"]:
        if screen.terminal:
            _show_result(screen, answer["index"]["root"], result)
        else:
            _print_result(screen, result)
    if screen.terminal:
        count = f"{len(answer['results'])} of {answer['total_count']:,} matches"
        words = count if answer["results"] else "No matches"
        screen.line(screen.styled(f"{words} in {answer['latency_ms']:.0f} ms", "dim"))
    screen.warnings(answer["warnings"])


def _show_result(screen: Screen, root: str, result: SearchResult) -> None:
    place = screen.place(root, result["file_path"], result["start_line"], result["end_line"])
    symbol = screen.styled(result["symbol"], "name") if result["symbol"] else ""
    tail = screen.styled(f"{result['similarity_score']:.2f} {result['chunk_id']}", "dim")
    screen.line("  ".join(part for part in (place, symbol, tail) if part))
    if result.get("why"):
        screen.line("  " + screen.styled(_why(result), "dim"))
    if result.get("content"):
        screen.code(result["content"], result["language"], result["start_line"])
        screen.line()


def _print_result(screen: Screen, result: SearchResult) -> None:
    fields: list[object] = [
        f"{result['file_path']}:{result['start_line']}-{result['end_line']}",
        f"{result['similarity_score']:.4f}",
        result["chunk_id"],
        result["symbol"],
    ]
    if result.get("why"):
        fields.append(_why(result))
    screen.row(*fields)
    if result.get("content"):
        screen.code(result["content"], result["language"], result["start_line"])


def _why(result: SearchResult) -> str:
    parts = sorted(result["why"].items(), key=lambda part: -abs(part[1]))
    return ", ".join(f"{name} {amount:+.2f}" for name, amount in parts if amount)
