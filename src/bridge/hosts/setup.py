"""What both `setup` commands do and say: show the exact change of each host, ask, write, try the server.

What differs between the servers (their name, how they are started, which tool shows that they answer) is
given; the words are one set, so that a person who knows one command knows the other.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click

from bridge.agreed.errors import TandemError, did_you_mean
from bridge.hosting.trial import Outcome, try_server
from bridge.hosts import change, known

State = Literal["unchanged", "shown", "declined", "written"]
_JSON = "Print what was done as JSON; with --yes or --print."
_VERIFY = "Launch the server as the host will, and call a tool."
_LINES = {"+": "green", "-": "red"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person asked for."""

    remove: bool = False
    only_print: bool = False
    yes: bool = False
    as_json: bool = False
    verify: bool = True

    def __post_init__(self) -> None:
        if self.as_json and not (self.only_print or self.yes):
            raise TandemError(
                "invalid_arguments",
                "With --json nothing is asked.",
                "Add --yes to write, or --print to look.",
            )


def options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments of both commands: ``hosts``, and by name the fields of `Wanted`."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help=_JSON),
        click.option("--verify/--no-verify", default=True, help=_VERIFY),
        click.option("--yes", is_flag=True, help="Do not ask before writing."),
        click.option("--remove", is_flag=True, help="Take the server out of the settings again."),
        click.option("--print", "only_print", is_flag=True, help="Show the change and write nothing."),
        click.argument("hosts", nargs=-1, metavar="[HOST...]"),
    ):
        function = option(function)
    return function


@dataclass(frozen=True, slots=True)
class Step:
    """One host's settings file and what became of it. ``backup`` holds what stood there before."""

    host: known.Host
    intended: change.Change
    state: State
    backup: Path | None = None

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "host": self.host.key,
            "file": str(self.intended.file),
            "state": self.state,
            "diff": self.intended.diff(),
            "backup": str(self.backup) if self.backup else None,
            "afterwards": self.host.afterwards,
        }


def chosen(keys: Sequence[str], around: known.Surroundings) -> list[known.Host]:
    """The hosts of those keys, or all that this user has.

    Raises `TandemError` ``host_not_found`` for an unknown key and where no host is found at all.
    """
    valid = [host.key for host in known.HOSTS]
    hosts = []
    for key in keys:
        found = known.host(key)
        if found is None:
            raise TandemError(
                "host_not_found",
                f"'{key}' is not a known host.{did_you_mean(key, valid)}",
                f"Hosts: {', '.join(valid)}.",
            )
        hosts.append(found)
    hosts = hosts or known.installed(around)
    if not hosts:
        raise TandemError("host_not_found", "No MCP host was found here.", f"Name one: {', '.join(valid)}.")
    return hosts


def run(
    hosts: Sequence[known.Host],
    launch: Callable[[known.Host], known.Launch],
    around: known.Surroundings,
    wanted: Wanted,
    *,
    trial: tuple[str, Mapping[str, Any]],
    written: Callable[[], None] = lambda: None,
) -> bool:
    """Set up `hosts`, or undo it; whether the server answers as they will start it (or was not tried).

    :param launch: how a host is to start the server.
    :param trial: a tool that only reads, and its arguments, called after something was written: once for
        each command that hosts start, where they start it.
    :param written: called after something was written, before the trial.
    """
    name = launch(hosts[0]).name
    steps = [_step(host, launch(host), around, wanted) for host in hosts]
    new = [step.host for step in steps if step.state == "written"] if not wanted.remove else []
    if new:
        written()
    outcomes = []
    if wanted.verify:
        commands = {
            (launch(host).command, *launch(host).arguments): _start_folder(host, around) for host in new
        }
        outcomes = [try_server(one, *trial, folder=folder) for one, folder in commands.items()]
    outcome = next((one for one in outcomes if not one.well), outcomes[0] if outcomes else None)
    if wanted.as_json:
        told = {"well": outcome.well, "told": outcome.told} if outcome else None
        answer = {"server": name, "hosts": [step.as_json() for step in steps], "trial": told}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    elif outcome:
        _say_outcome(name, outcome)
    return outcome is None or outcome.well


def _start_folder(host: known.Host, around: known.Surroundings) -> Path:
    """Where a host starts its servers: in the project, or nowhere in particular, as Claude Desktop does."""
    return Path(around.project.anchor) if host.everywhere else around.project


def _step(host: known.Host, launch: known.Launch, around: known.Surroundings, wanted: Wanted) -> Step:
    if wanted.remove:
        intended = change.removing(host, launch.name, around)
    else:
        intended = change.adding(host, launch, around)
    say = _silent if wanted.as_json else click.echo
    say(_styled(f"{host.title}  {intended.file}", bold=True))
    if not intended.needed:
        say("  not set up here" if wanted.remove else "  nothing to change")
        return Step(host, intended, "unchanged")
    for line in intended.diff().splitlines():
        say(_styled(line, fg=_LINES.get(line[:1], "bright_black")))
    if wanted.only_print:
        return Step(host, intended, "shown")
    if not wanted.yes and not click.confirm("Write this?", default=False):
        say("  left as it is")
        return Step(host, intended, "declined")
    backup = intended.write()
    if backup is not None:
        say(f"  what stood there is kept in {backup}")
    then = (host.removed if wanted.remove else "") or host.afterwards
    done = f"  {'taken out' if wanted.remove else 'written'}. {then}"
    say(_styled(done, fg="green"))
    if host.caution and not wanted.remove:
        say(f"  {host.caution}")
    return Step(host, intended, "written", backup)


def _say_outcome(name: str, outcome: Outcome) -> None:
    if outcome.well:
        click.echo(f"{_styled('Verified:', fg='green')} {outcome.told}")
        return
    click.echo(f"{_styled('The server does not answer', fg='red')} as the host will start it: {outcome.told}")
    click.echo(f"Next: {name}-server doctor")


def _silent(_: str) -> None:
    """Where the answer is JSON nothing else is said."""


def _styled(text: str, **style: Any) -> str:
    plain = not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return text if plain else click.style(text, **style)
