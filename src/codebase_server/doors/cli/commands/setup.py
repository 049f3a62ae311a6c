"""``codebase-server setup``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from bridge.agreed.errors import TandemError, did_you_mean
from bridge.hosts import change
from bridge.hosts.known import HOSTS, Host, Launch, Surroundings, host, installed, this_machine
from codebase_server.doors.cli import FAILED, FOUND, NOTHING
from codebase_server.doors.cli.group import settings_of, settings_options
from codebase_server.doors.cli.installation import program
from codebase_server.doors.cli.screen import Screen
from codebase_server.service.roots import checked, repository_around
from codebase_server.settings import Settings

SERVER_NAME = "codebase"


@click.command("setup")
@click.argument("hosts", nargs=-1, metavar="[HOST...]")
@click.option("--print", "only_print", is_flag=True, help="Show the change and write nothing.")
@click.option("--remove", is_flag=True, help="Take the server out of the settings again.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@click.option(
    "--verify/--no-verify", default=True, help="Launch the server as the host will, and call a tool."
)
@settings_options("root", "data_dir")
@click.pass_context
def command(
    ctx: click.Context, hosts: tuple[str, ...], only_print: bool, remove: bool, yes: bool, verify: bool
) -> None:
    """Write this server into the settings of HOST, or of every host found on this machine.

    Hosts: claude-desktop, claude-code, cursor, vscode, windsurf, zed, codex,
    gemini. The exact change is shown first, and the file is kept beside it
    with the ending .before-tandem.
    """
    screen = Screen()
    settings = settings_of(ctx)
    project = _project(settings)
    if not remove:
        checked(project)  # an entry for a folder that the server refuses would only fail later, in the host
    around = this_machine(os.environ, project)
    chosen = _chosen(hosts, around)
    if not chosen:
        screen.line("No MCP host was found. Name one: " + ", ".join(one.key for one in HOSTS))
        ctx.exit(NOTHING)
    launch = _launch(settings, project)
    written = [one for one in chosen if _set_up(screen, one, launch, around, remove, only_print, yes)]
    if written and not remove and verify:
        ctx.exit(_verified(screen, launch))
    ctx.exit(FOUND)


def _project(settings: Settings) -> Path:
    if settings.root:
        return settings.root[0].absolute()
    return repository_around(Path.cwd()) or Path.cwd()


def _chosen(names: Sequence[str], around: Surroundings) -> list[Host]:
    if not names:
        return installed(around)
    found = []
    for name in names:
        one = host(name)
        if one is None:
            valid = [known.key for known in HOSTS]
            raise click.UsageError(
                f"No such host '{name}'.{did_you_mean(name, valid)} Hosts: {', '.join(valid)}."
            )
        found.append(one)
    return found


def _launch(settings: Settings, project: Path) -> Launch:
    arguments = ["--root", str(project)]
    if settings.sources.get("data_dir", "default") != "default":
        arguments += ["--data-dir", str(settings.data_dir)]
    return Launch(SERVER_NAME, program("codebase-server"), tuple(arguments))


def _set_up(
    screen: Screen,
    one: Host,
    launch: Launch,
    around: Surroundings,
    remove: bool,
    only_print: bool,
    yes: bool,
) -> bool:
    """Show one host's change and, when it is wanted, write it; whether something was written."""
    intended = change.removing(one, launch.name, around) if remove else change.adding(one, launch, around)
    screen.line(screen.styled(f"{one.title}  {intended.file}", "bold"))
    if not intended.needed:
        screen.line("  nothing to change" if not remove else "  not set up here")
        return False
    for line in intended.diff().splitlines():
        style = {"+": "good", "-": "bad"}.get(line[:1], "dim")
        screen.line(screen.styled(line, style))
    if only_print or not (yes or click.confirm("Write this?", default=False)):
        return False
    backup = intended.write()
    if backup is not None:
        screen.line(f"  what stood there is kept in {backup}")
    screen.line(screen.styled(f"  written. {one.afterwards}", "good"))
    return True


def _verified(screen: Screen, launch: Launch) -> int:
    from codebase_server.doors.cli.handshake import HandshakeError, handshake

    try:
        facts = handshake(launch.command, launch.arguments)
    except (HandshakeError, TandemError) as problem:
        screen.line(
            f"{screen.styled('The server does not answer', 'bad')} when launched as the host will: {problem}"
        )
        screen.line("Next: codebase-server doctor")
        return FAILED
    screen.line(
        screen.styled("Verified:", "good")
        + f" {facts.server} {facts.version} answers in {facts.seconds:.1f} s with {facts.tools} tools; "
        + facts.status
    )
    return FOUND
