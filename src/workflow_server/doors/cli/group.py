"""The command group: options shared by all commands; a command's module is imported when it is run."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Callable
from typing import Any, ClassVar, Final

import click

from bridge.agreed.errors import TandemError, how_to_read
from bridge.hosting import console, failures
from bridge.hosting.commands import LazyGroup
from workflow_server.doors.cli import CONFLICT, INTERNAL, INTERRUPTED, NOT_FOUND, REFUSED, USAGE

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "add": ("writing", "Add a work item."),
    "plan": ("writing", "Add a whole plan from JSON, all or nothing."),
    "list": ("reading", "List items, with filters."),
    "show": ("reading", "Show items whole, with the state of their code."),
    "ready": ("reading", "List what can be started now, best first."),
    "claim": ("working", "Claim an item, or the best ready one; renew or release."),
    "update": ("working", "Change fields of items."),
    "done": ("working", "Complete items, with evidence."),
    "note": ("working", "Append a note."),
    "link": ("working", "Link items: blockers and other relations."),
    "delete": ("working", "Delete an item with what is below it, or restore it."),
    "undo": ("working", "Take back the last change of an item, or an event."),
    "check": ("checking", "Check which code references changed, moved or are gone."),
    "touched": ("touching", "Show which items a diff or a range of commits is about."),
    "history": ("reading", "Show what happened, to an item or in the project."),
    "stats": ("reading", "Show counts, throughput and times."),
    "type": ("projects", "List or define item types."),
    "project": ("projects", "List, create or archive projects."),
    "export": ("moving", "Write a project as JSON Lines, Markdown, CSV or Mermaid."),
    "import": ("moving", "Read another tracker's file, or an export."),
    "backup": ("keeping", "Copy a project into one file, while it is in use."),
    "restore": ("keeping", "Make a project from a backup."),
    "doctor": ("keeping", "Find out why something does not work."),
    "web": ("serving", "Serve the board and REST on 127.0.0.1."),
    "setup": ("setting_up", "Write this server into the settings of an MCP host."),
    "completion": ("serving", "Print the completion script of a shell."),
}
"""Command names, the module of `commands` that holds each, and its one-line help."""

_MEANT: Final = {
    "search": "list",
    "find": "list",
    "get": "show",
    "view": "show",
    "create": "add",
    "new": "add",
    "edit": "update",
    "complete": "done",
    "finish": "done",
    "remove": "delete",
    "next": "claim",
    "start": "claim",
    "log": "history",
    "serve": "web",
    "projects": "project",
    "types": "type",
}
"""What people call a command, or what stands for it elsewhere. `list TEXT` searches."""

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_META: Final = "workflow_server.flags"
_EPILOG = (
    "Without a command: MCP over stdio. Exit codes: 0 done, 1 refused, 2 usage, 3 not found, 4 conflict, "
    "5 check failed, 6 nothing checked, 70 internal error, 130 interrupted."
)


class _Group(LazyGroup):
    """Imports the module of `commands` that holds a command."""

    helps: ClassVar = {name: told for name, (_, told) in COMMANDS.items()}
    meant = _MEANT

    def imported(self, name: str) -> click.Command:
        module = importlib.import_module(f"workflow_server.doors.cli.commands.{COMMANDS[name][0]}")
        # Collecting is off while the imports are made (`__main__`): they leave much and no garbage.
        gc.freeze()
        gc.enable()
        command: click.Command = getattr(module, f"{name}_command")
        return _with_project(command)


def keep_flag(ctx: click.Context, option: click.Parameter, value: object) -> object:
    """Remember a setting's flag wherever it stood: before the command, or after it."""
    if value is not None:
        ctx.meta.setdefault(_META, {})[option.name] = value
    return value


def setting_option(*names: str, **attributes: Any) -> Decorator:
    """A flag of a setting; it reaches the command through `flags_of`."""
    return click.option(*names, callback=keep_flag, expose_value=False, **attributes)


def _with_project(command: click.Command) -> click.Command:
    """`command` with `--project` after its name too, where people write it as well as before."""
    if not any("--project" in parameter.opts for parameter in command.params):
        command.params.append(
            click.Option(
                ["--project", "-p"], metavar="NAME", hidden=True, callback=keep_flag, expose_value=False
            )
        )
    return command


def flags_of(ctx: click.Context) -> dict[str, object]:
    """The settings' flags of this invocation."""
    flags: dict[str, object] = ctx.meta.get(_META, {})
    return flags


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from workflow_server.doors.version import version

        click.echo(f"workflow-server {version()}")
        ctx.exit()


@click.group(
    cls=_Group,
    invoke_without_command=True,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@setting_option("--project", "-p", metavar="NAME", help="Project to work on. [WORKFLOW_PROJECT]")
@setting_option("--data-dir", metavar="DIR", help="Folder of the project files. [WORKFLOW_DATA_DIR]")
@setting_option("--actor", metavar="NAME", help="Who acts, in the history. [WORKFLOW_ACTOR]")
@setting_option("--bridge/--no-bridge", default=None, help="Check code references or not. [BRIDGE=off]")
@setting_option(
    "--bridge-timeout", metavar="MS", help="For the codebase server, per call. [BRIDGE_TIMEOUT_MS]"
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Keeps work: items, dependencies, who holds what, and which code each item is about."""
    if ctx.invoked_subcommand is None:
        from workflow_server.doors.cli.stdio import serve

        ctx.exit(serve(flags_of(ctx)))


def main(arguments: list[str]) -> int:
    """Run the group and translate what it raises into an exit code and a line on stderr."""
    try:
        result = cli.main(arguments, prog_name="workflow-server", standalone_mode=False)
        sys.stdout.flush()  # here, where a reader that went away is nothing
    except click.ClickException as error:
        failures.show_misuse(error, arguments)
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("interrupted\n")
        return INTERRUPTED
    except TandemError as error:
        _say(error, arguments, f"\nMore: {how_to_read('workflow-server', error.code)}")
        return exit_code(error.code)
    except (BrokenPipeError, console.ReaderGoneError):
        # the reader of a pipe has seen enough; nothing more can be written, not even at exit
        sys.stdout = None
        return 0
    except OSError as error:
        _say(failures.of_the_system(error), arguments)
        return REFUSED
    except Exception:
        from bridge.hosting import logs

        place = logs.keep_unforeseen("workflow-server")
        _say(failures.unforeseen(f"internal error; the traceback is in {place}"), arguments)
        return INTERNAL
    return result if isinstance(result, int) else 0


def _say(problem: TandemError, arguments: list[str], more: str = "") -> None:
    """One line on stderr, `more` behind it; or JSON, where the command was to print that."""
    from workflow_server.doors.cli.wording import of_the_shell

    failures.show(problem, f"workflow-server: {of_the_shell(problem.text)}{more}", arguments, of_the_shell)


def exit_code(code: str) -> int:
    """The exit code of an error's code."""
    if code == "internal_error":
        return INTERNAL
    if code in ("invalid_setting", "invalid_arguments"):
        return USAGE
    if code.endswith("_not_found"):
        return NOT_FOUND
    if code in ("claimed", "claim_lost") or code.endswith(("_conflict", "_exists")):
        return CONFLICT
    return REFUSED
