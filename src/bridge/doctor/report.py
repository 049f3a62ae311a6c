"""How a doctor tells what it found: lines for a person, JSON, and a file to attach to an issue."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click

from bridge.agreed import writing
from bridge.agreed.errors import TandemError, did_you_mean, how_to_read
from bridge.doctor import machine
from bridge.doctor.finding import Finding, of_error
from bridge.hosting.redaction import redacted

LOG_LINES: Final = 500
"""How much of the log goes into the file."""

_COLOURS: Final = {"ok": "green", "warn": "yellow", "bad": "red"}
_MARKS: Final = {"ok": "ok  ", "warn": "warn", "bad": "BAD "}

Check = Callable[[], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. ``settings`` are name, value and source; ``hidden`` are words that the file to attach
    must not hold, each with what stands there instead.
    """

    program: str
    settings: Sequence[tuple[str, str, str]]
    findings: list[Finding] = field(default_factory=list)
    hidden: dict[str, str] = field(default_factory=dict)

    @property
    def well(self) -> bool:
        """Whether nothing keeps the server from working."""
        return all(one.level != "bad" for one in self.findings)

    def to_json(self) -> dict[str, Any]:
        """The report as both servers give it."""
        return {
            "program": self.program,
            "findings": [one.to_json() for one in self.findings],
            "settings": [
                {"name": name, "value": value, "source": source} for name, value, source in self.settings
            ],
            "last_errors": machine.last_errors(self.program),
        }

    def write(self, file: Path) -> None:
        """The report with the end of the log, without the user's name, folders and tokens."""
        told = self.to_json() | {"log": machine.last_lines(machine.log_file(self.program), LOG_LINES)}
        text = json.dumps(told, ensure_ascii=False, indent=2)
        writing.write_whole(file, redacted(text, self.hidden) + "\n")


def _explain(ctx: click.Context, _: click.Parameter, code: str | None) -> None:
    if code is None or ctx.resilient_parsing:
        return
    from bridge.loopback.troubleshooting import explained, keys

    section = explained(code)
    if not section:
        near = did_you_mean(code, keys()) or " The codes stand in the `error` of an answer, and after `see:`."
        raise click.UsageError(f"Nothing is written about '{code}'.{near}", ctx)
    click.echo(section)
    ctx.exit()


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of both `doctor` commands: ``bundle``, ``live`` and ``as_json``; and ``--explain``."""
    for option in (
        click.option(
            "--explain",
            metavar="CODE",
            is_eager=True,
            expose_value=False,
            callback=_explain,
            help="Print what the troubleshooting page says of an error's code, and end.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON."),
        click.option("--live/--no-live", default=True, help="Launch a server and shake hands with it."),
        click.option(
            "--bundle",
            metavar="FILE",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write a report without names, folders and tokens, to attach to an issue.",
        ),
    ):
        command = option(command)
    return command


def shown(report: Report, checks: Sequence[tuple[str, Check]], *, bundle: Path | None, as_json: bool) -> bool:
    """Run the checks, each under the name of what it looks at, and tell; whether all is well.

    A check that fails with a `TandemError` is a finding itself, and the next one goes on.
    """
    for finding in _found(checks):
        report.findings.append(finding)
        if not as_json:
            _say(report.program, finding)
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
    else:
        _say_settings(report.settings)
        _say_sum(report.findings)
    if bundle is not None:
        report.write(bundle)
        click.echo(f"Wrote {bundle}. Read it before you attach it anywhere.", err=True)
    return report.well


def _found(checks: Sequence[tuple[str, Check]]) -> Iterator[Finding]:
    for name, check in checks:
        try:
            yield from check()
        except TandemError as error:
            yield of_error(error, name)
        except Exception as error:  # whatever is broken, the other checks are still wanted
            told = f"could not be looked at: {type(error).__name__}: {error}"
            step = "Correct what it names; if that does not help, attach the file of `--bundle` to an issue."
            yield Finding("bad", name, told, step, "internal_error")


def _say(program: str, finding: Finding) -> None:
    click.echo(
        f"{_styled(_MARKS[finding.level], fg=_COLOURS[finding.level])}  {finding.name}: {finding.detail}"
    )
    if finding.next_step:
        click.echo(f"      {_styled('next:', bold=True)} {finding.next_step}")
    if finding.about:
        click.echo(f"      {_styled('see:', bold=True)}  {how_to_read(program, finding.about)}")


def _say_settings(rows: Sequence[tuple[str, str, str]]) -> None:
    table = [("setting", "value", "from"), *rows]
    if not sys.stdout.isatty():
        click.echo("\n" + "\n".join("\t".join(row) for row in table))
        return
    names, sources = (max(len(row[at]) for row in table) for at in (0, 2))
    click.echo()
    for number, (name, value, source) in enumerate(table):
        line = f"{name:{names}}  {source:{sources}}  {value}"  # a value may be as long as it likes
        click.echo(_styled(line, bold=True) if number == 0 else line)


def _say_sum(findings: Sequence[Finding]) -> None:
    bad, warned = (sum(one.level == level for one in findings) for level in ("bad", "warn"))
    click.echo()
    if not bad and not warned:
        click.echo("Nothing wrong was found.")
    else:
        told = [f"{count} {word}" for count, word in ((bad, "BAD"), (warned, "warn")) if count]
        click.echo(f"{' and '.join(told)}: follow what stands after `next:` above, from the top.")


def _styled(text: str, **style: Any) -> str:
    plain = not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return text if plain else click.style(text, **style)


def hidden_words(words: Mapping[str, str | None]) -> dict[str, str]:
    """Words to keep out of a file, each with what stands there instead; those not given are left out."""
    return {word: f"({name})" for name, word in words.items() if word}
