"""The command group: options shared by all commands; a command's module is imported when it is run."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any, Final

import click

from bridge.hosting.commands import LazyGroup
from codebase_server.settings import TABLE, Settings, load

COMMANDS: Final[dict[str, str]] = {
    "start": "Index the repository you stand in, try a search, show what to paste into your host.",
    "search": "Find code by what it does, by words, or by name.",
    "show": "Show chunks by id, or what became of them.",
    "symbol": "Find where a name is defined, and who uses it.",
    "outline": "List the symbols of a file, or map a folder.",
    "index": "Bring the index up to date.",
    "status": "Say what is indexed, and how much of it.",
    "serve": "Answer over loopback HTTP until stopped.",
    "setup": "Write this server into the settings of an MCP host.",
    "doctor": "Find out why something does not work.",
    "forget": "Drop the index of one root; your files stay.",
    "gc": "Remove what no root and no tombstone needs any more.",
    "purge": "Remove a chunk or a text from every index, everywhere.",
    "completion": "Print the completion script of a shell.",
}
"""Command names and their one-line helps, in the order `--help` lists them."""


class _Group(LazyGroup):
    """Imports `commands/<name>.py`."""

    helps = COMMANDS

    def imported(self, name: str) -> click.Command:
        module = importlib.import_module(f"codebase_server.doors.cli.commands.{name}")
        command: click.Command = module.command
        return command


def settings_options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the flags of the named settings, or of all, to a command; `settings_of` has their values."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for name in reversed(names or tuple(_OPTIONS)):
            function = _OPTIONS[name](function)
        return function

    return decorate


def reading_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The flags of every command that answers a question: which root, which indexes, and ``--json``."""
    as_json = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
    return settings_options("root", "data_dir", "embedder")(as_json(function))


def asked_for_json(as_json: bool, yes: bool) -> None:
    """Refuse a question in the middle of JSON: a command that asks needs ``--yes`` beside ``--json``."""
    if as_json and not yes:
        raise click.UsageError("With --json nothing is asked: add --yes.")


_META: Final = "codebase_server.settings"
_HELP: Final = {row.name: f"{row.meaning} [{row.variable}]" for row in TABLE}


def _keep(ctx: click.Context, option: click.Parameter, value: object) -> object:
    """Remember a flag wherever it stood: before the command, or after it."""
    if value is not None and value != ():
        ctx.meta.setdefault(_META, {})[option.name] = value
    return value


def _option(*names: str, **attributes: Any) -> Callable[..., Any]:
    return click.option(*names, callback=_keep, expose_value=False, **attributes)


_OPTIONS: Final = {
    "root": _option("--root", "root", multiple=True, metavar="DIR", help=_HELP["root"]),
    "data_dir": _option("--data-dir", "data_dir", metavar="DIR", help=_HELP["data_dir"]),
    "port": _option("--port", "port", metavar="N", help=_HELP["port"]),
    "http": _option("--http/--no-http", "http", default=None, help=_HELP["http"]),
    "token": _option(
        "--token/--no-token", "token", default=None, help=_HELP["token"] + " [CODEBASE_NO_TOKEN=1]"
    ),
    "embedder": _option("--embedder", "embedder", metavar="NAME", help=_HELP["embedder"]),
    "exclude": _option("--exclude", "exclude", multiple=True, metavar="GLOB", help=_HELP["exclude"]),
    "max_file_bytes": _option(
        "--max-file-bytes", "max_file_bytes", metavar="N", help=_HELP["max_file_bytes"]
    ),
    "tombstone_days": _option(
        "--tombstone-days", "tombstone_days", metavar="N", help=_HELP["tombstone_days"]
    ),
}


def settings_of(ctx: click.Context) -> Settings:
    """The effective settings of this invocation. Raises `TandemError` for a value that cannot be used."""
    return load(ctx.meta.get(_META, {}))


@click.group(
    cls=_Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@settings_options()
@click.option("--version", is_flag=True, help="Print the version and end.")
@click.pass_context
def cli(ctx: click.Context, version: bool) -> None:
    """Search a code base in milliseconds, offline.

    Without a command this speaks MCP over stdio: that is how a host launches
    it. The commands below are for people.

    Exit codes: 0 found or done, 1 nothing found, 2 wrong usage, 3 no
    repository, 4 failed, 70 internal error, 130 interrupted.
    """
    if version:
        from codebase_server import __version__

        click.echo(f"codebase-server {__version__}")
    elif ctx.invoked_subcommand is None:
        from codebase_server.processes.stdio import serve_stdio

        ctx.exit(serve_stdio(functools.partial(settings_of, ctx)))
