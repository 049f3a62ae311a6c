"""The reference pages, written from what the programs themselves say: schemas, commands, settings.

    python docs/reference/make.py

A test runs `pages` and compares, so a page that is no longer true fails it.
"""

from __future__ import annotations

import dataclasses
import inspect
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import anyio
import click
from mcp import Client
from mcp.types import Tool

from codebase_server.chunks import embedded
from codebase_server.chunks.languages import SPECS
from codebase_server.chunks.sections import PROSE
from codebase_server.chunks.spec import Assignment, Rule
from codebase_server.doors.cli.group import cli as codebase_cli
from codebase_server.doors.mcp import server as codebase_mcp
from codebase_server.files import LANGUAGES
from codebase_server.files.endings import BY_EXTENSION, BY_NAME
from codebase_server.service import CodebaseService
from codebase_server.settings import TABLE as CODEBASE_SETTINGS
from codebase_server.settings import load
from workflow_server.doors.application import Application
from workflow_server.doors.cli.group import cli as workflow_cli
from workflow_server.doors.mcp.server import make_server
from workflow_server.settings import TABLE as WORKFLOW_SETTINGS
from workflow_server.settings import Settings

HERE = Path(__file__).parent
MADE = "<!-- Written by docs/reference/make.py from the code. Edit there. -->\n\n"


def pages() -> dict[str, str]:
    """The text of each page, by file name."""
    codebase, workflow = anyio.run(_tools)
    return {
        "codebase-tools.md": MADE + _tools_page("codebase-server", codebase),
        "workflow-tools.md": MADE + _tools_page("workflow-server", workflow),
        "commands.md": MADE + _commands_page(),
        "settings.md": MADE + _settings_page(),
        "languages.md": MADE + _languages_page(),
    }


async def _tools() -> tuple[list[Tool], list[Tool]]:
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder)
        service = CodebaseService(
            load({}, {"CODEBASE_DATA_DIR": str(world / "codebase")}, world / "none.toml"),
            working_folder=world,
            environment={},
        )
        try:
            async with Client(codebase_mcp.build(service), mode="legacy") as client:
                codebase = (await client.list_tools()).tools
        finally:
            service.close()
        application = Application(Settings(data_dir=world / "workflow", project="docs", bridge=False))
        async with Client(make_server(application), mode="legacy") as client:
            workflow = (await client.list_tools()).tools
        await application.service.close()
    return codebase, workflow


def _tools_page(program: str, tools: Iterable[Tool]) -> str:
    parts = [f"# Tools of {program}\n"]
    for tool in tools:
        parts.append(f"## `{tool.name}`\n\n{tool.description}\n")
        parts.append(_table(tool.input_schema))
        if tool.output_schema:
            names = ", ".join(f"`{name}`" for name in tool.output_schema.get("properties", {}))
            parts.append(f"Answers with {names}.\n" if names else "")
    return "\n".join(part for part in parts if part)


def _table(schema: Mapping[str, Any]) -> str:
    required = set(schema.get("required", ()))
    rows = [
        f"| `{name}`{' (required)' if name in required else ''} | {_type(one)} | {_default(one)} "
        f"| {_cell(one.get('description', ''))} |"
        for name, one in schema.get("properties", {}).items()
    ]
    return "\n".join(["| argument | takes | default | |", "|---|---|---|---|", *rows, ""])


def _type(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    kind = schema.get("type", "")
    if kind == "array":
        items = schema.get("items", {})
        bounds = _bounds(schema.get("minItems"), schema.get("maxItems"))
        return f"list{bounds}; each {_type(items)}"
    named = {"string": "text", "integer": "whole number", "boolean": "true or false"}.get(kind, kind)
    low, high = schema.get("minimum", schema.get("minLength")), schema.get("maximum", schema.get("maxLength"))
    unit = " characters" if kind == "string" else ""
    return f"{named}{_bounds(low, high, unit)}" if named else "any value"


def _bounds(low: int | None, high: int | None, unit: str = "") -> str:
    if low is None and high is None:
        return ""
    if high is None:
        return f", at least {low:,}{unit}"
    return f", {low:,} to {high:,}{unit}" if low is not None else f", at most {high:,}{unit}"


def _default(schema: Mapping[str, Any]) -> str:
    return f"`{schema['default']}`" if "default" in schema else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _commands_page() -> str:
    parts = ["# Commands\n", "Without a command both speak MCP over stdio: that is how a host starts them.\n"]
    for program, group in (("codebase-server", codebase_cli), ("workflow-server", workflow_cli)):
        context = click.Context(group, info_name=program)
        parts.append(f"## {program}\n\n{_paragraphs(group.help)}\n")
        if group.epilog:
            parts.append(f"{group.epilog}\n")
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            parts.append(_command(program, name, command, context))
    return "\n".join(parts)


def _command(program: str, name: str, command: click.Command, parent: click.Context) -> str:
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [
        f"### {program} {name}\n",
        f"```text\n{program} {name} {usage}\n```\n",
        _paragraphs(command.help),
    ]
    options = [record for option in command.params if (record := option.get_help_record(context))]
    if options:
        rows = [f"| `{_cell(flags)}` | {_cell(text)} |" for flags, text in options]
        lines += ["", "| option | |", "|---|---|", *rows]
    return "\n".join([*lines, ""])


def _paragraphs(text: str | None) -> str:
    return inspect.cleandoc(text or "").replace("\b\n", "")


def _settings_page() -> str:
    parts = [
        "# Settings\n",
        "A flag wins over the environment, the environment over `config.toml` in the configuration folder "
        "(`[codebase]` and `[workflow]`, names as below), and that over the default. "
        "`codebase-server doctor` and `workflow-server doctor` print every value and where it came from.\n",
    ]
    for program, table in (("codebase-server", CODEBASE_SETTINGS), ("workflow-server", WORKFLOW_SETTINGS)):
        parts.append(f"## {program}\n")
        parts.append("| name | environment | default | meaning |\n|---|---|---|---|")
        for row in table:
            default = "" if row.default in (None, ()) else f"`{row.default}`"
            parts.append(f"| `{row.name}` | `{row.variable}` | {default} | {_cell(row.meaning)} |")
        parts.append("")
    parts.append(
        "`TANDEM_RUNTIME_DIR` moves the folder of the endpoint files for both, `CODEBASE_NO_TOKEN=1` is the "
        "same as `CODEBASE_WANT_TOKEN=no`.\n"
    )
    return "\n".join(parts)


def _languages_page() -> str:
    named = [language for language in LANGUAGES if language in SPECS]
    headed = [language for language in LANGUAGES if language in PROSE]
    scripts = [language for language in LANGUAGES if language in embedded.LANGUAGES and language not in SPECS]
    rest = [language for language in LANGUAGES if language not in {*named, *headed, *scripts, *_ELSEWHERE}]
    parts = [
        "# Languages\n",
        "Every text file is searched. In how far its names are known to `find_symbol` and `outline` depends "
        "on the language. The filter `language` takes the words below, and what people call them (`ts`, "
        "`C#`, `golang`). A file that its grammar cannot read to the end is read in pieces, by margins and "
        "indentation: names may be missing there. A notebook is cut at its cells, in their language. A file "
        "whose name tells no language is told by its first line (`#!/usr/bin/env python3`), else cut as "
        "text.\n",
        f"## With names: {len(named)}\n",
        "Cut at definitions by a grammar.\n",
        "| language | files | kinds of names |\n|---|---|---|",
    ]
    for language in named:
        parts.append(
            f"| `{language}` | {_files_of(language)} | {', '.join(sorted(_kinds(SPECS[language]) - {''}))} |"
        )
    parts += [
        f"\n## With headings: {len(headed)}\n",
        "Cut at headings, each a `section`.\n",
        "| language | files |\n|---|---|",
        *(f"| `{language}` | {_files_of(language)} |" for language in headed),
        f"\n## Pages with scripts inside: {len(scripts)}\n",
        "What their scripts define has names, the rest is cut as text.\n",
        "| language | files |\n|---|---|",
        *(f"| `{language}` | {_files_of(language)} |" for language in scripts),
        f"\n## Cut as text: {len(rest)}\n",
        "Cut on blank lines and indentation: found by words and meaning, without names.\n",
        "| language | files |\n|---|---|",
        *(f"| `{language}` | {_files_of(language)} |" for language in rest),
        "\n## Tests\n",
        "`kind` of `search_code` goes by the file: its folder (`tests/`, `spec/`, ...) or its name "
        "(`test_x.py`, `x_test.go`, `XTest.java`). Tests that stand beside the code in one file are `tests` "
        "too: Rust's `#[test]` functions and `#[cfg(test)]` modules with all that is in them, Zig's `test` "
        'blocks, and what a call or a macro makes one (`it("...")`, `TEST(...)`).\n',
    ]
    return "\n".join(parts)


def _files_of(language: str) -> str:
    endings = sorted(f"`.{ending}`" for ending, one in BY_EXTENSION.items() if one == language)
    names = sorted(f"`{name}`" for name, one in BY_NAME.items() if one == language)
    shown = list(dict.fromkeys([*endings, *names]))
    more = len(shown) - _MOST_FILES
    return " ".join(shown[:_MOST_FILES]) + (f" and {more} more" if more > 0 else "")


_MOST_FILES = 12
_ELSEWHERE = ("notebook", "unknown")
"""Words for what is told of in the text of the page."""


def _kinds(table: object) -> set[str]:
    """The kinds of what is defined by any rule in a table of a language."""
    if isinstance(table, Rule | Assignment):
        within = _kinds(table.called) if isinstance(table, Assignment) else set()
        return within | ({table.kind} if not isinstance(table, Rule) or table.define else set())
    if isinstance(table, Mapping):
        return set().union(*(_kinds(value) for value in table.values()))
    if isinstance(table, tuple | list):
        return set().union(*(_kinds(value) for value in table))
    if dataclasses.is_dataclass(table):
        return set().union(*(_kinds(getattr(table, one.name)) for one in dataclasses.fields(table)))
    return set()


def main() -> None:
    """Write the pages."""
    os.environ.setdefault("COLUMNS", "100")
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
