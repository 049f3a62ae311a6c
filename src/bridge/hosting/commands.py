"""What both command lines have in common: a group that imports a command only when it is run."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, ClassVar

import click

from bridge.hosting import console


class LazyGroup(click.Group):
    """Knows names and one-line helps, imports a command when it is run, and suggests the nearest name.

    Importing every command would cost each start all that one of them needs.

    ``helps`` are the commands with their helps, in the order in which `--help` lists them; ``meant`` says
    which of them is meant by what people call it, or what stands for it elsewhere.
    """

    helps: ClassVar[Mapping[str, str]]
    meant: ClassVar[Mapping[str, str]] = {}

    def imported(self, name: str) -> click.Command:
        """The command of this name, which is one of ``helps``."""
        raise NotImplementedError

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.helps)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return self.imported(cmd_name) if cmd_name in self.helps else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.helps:
            known = {**{name: name for name in self.helps}, **self.meant}
            near = difflib.get_close_matches(args[0], known, n=1, cutoff=0.5)
            guess = f"Did you mean '{known[near[0]]}'?" if near else f"Commands: {', '.join(self.helps)}."
            raise click.UsageError(f"No such command '{args[0]}'. {guess}", ctx)
        return super().resolve_command(ctx, args)

    def make_context(self, *arguments: Any, **extra: Any) -> click.Context:
        with console.reader_may_go():  # of --help
            return super().make_context(*arguments, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with console.reader_may_go():
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, so that `--help` imports none of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.helps.items()))
