"""``codebase-server doctor``."""

from __future__ import annotations

import zipfile
from pathlib import Path

import click

from bridge.agreed import places
from bridge.hosting.redaction import redacted
from codebase_server.doors.cli import FAILED, FOUND
from codebase_server.doors.cli.diagnosis import Finding, diagnosed, last_lines
from codebase_server.doors.cli.group import settings_of, settings_options
from codebase_server.doors.cli.screen import Screen
from codebase_server.service import CodebaseService
from codebase_server.settings import APPLICATION, Settings

_MARKS = {"ok": ("ok  ", "good"), "warn": ("warn", "warn"), "bad": ("BAD ", "bad")}


@click.command("doctor")
@click.option(
    "--bundle",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a redacted report.",
)
@click.option("--live/--no-live", default=True, help="Launch a server and shake hands with it.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@settings_options()
@click.pass_context
def command(ctx: click.Context, bundle: Path | None, live: bool, as_json: bool) -> None:
    """Find out why something does not work: each finding says what to do next."""
    screen = Screen()
    settings = settings_of(ctx)
    service = CodebaseService(settings)
    try:
        findings = []
        for finding in diagnosed(settings, service, live=live):
            findings.append(finding)
            if not as_json:
                _show(screen, finding)
    finally:
        service.close()
    if as_json:
        screen.json(_as_json(settings, findings))
    else:
        screen.line()
        screen.table(("setting", "value", "from"), settings.rows())
    if bundle is not None:
        _write_bundle(bundle, settings, findings)
        screen.line(f"Wrote {bundle}. Read it before you attach it anywhere.")
    ctx.exit(FAILED if any(finding.level == "bad" for finding in findings) else FOUND)


def _show(screen: Screen, finding: Finding) -> None:
    mark, style = _MARKS[finding.level]
    screen.line(f"{screen.styled(mark, style)}  {finding.name}: {finding.detail}")
    if finding.next_step:
        screen.line(f"      {screen.styled('next:', 'bold')} {finding.next_step}")


def _as_json(settings: Settings, findings: list[Finding]) -> dict[str, object]:
    return {
        "findings": [
            {"level": one.level, "name": one.name, "detail": one.detail, "next_step": one.next_step}
            for one in findings
        ],
        "settings": [
            {"name": name, "value": value, "source": source} for name, value, source in settings.rows()
        ],
    }


def _write_bundle(file: Path, settings: Settings, findings: list[Finding]) -> None:
    lines = [f"{one.level:4} {one.name}: {one.detail} {one.next_step}".rstrip() for one in findings]
    lines += ["", *(f"{name} = {value} ({source})" for name, value, source in settings.rows())]
    log = places.log_folder() / f"{APPLICATION}.log"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("report.txt", redacted("\n".join(lines)) + "\n")
        bundle.writestr("log.txt", redacted("\n".join(last_lines(log, 500))) + "\n")
