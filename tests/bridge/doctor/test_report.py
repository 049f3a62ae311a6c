"""A doctor looks at everything, whatever it meets on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bridge.agreed.errors import TandemError
from bridge.doctor import machine
from bridge.doctor.finding import Finding
from bridge.doctor.report import Report, shown


def broken() -> Iterator[Finding]:
    yield Finding("ok", "disk", "12 GB free")
    raise RuntimeError("a defect of ours")


def refused() -> Sequence[Finding]:
    raise TandemError("store_not_writable", "The file cannot be written.", "Check its permissions.")


def fine() -> Sequence[Finding]:
    return [Finding("ok", "log", "empty")]


CHECKS = [("disk", broken), ("file", refused), ("log", fine)]


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return Report("workflow-server", [("project", "demo", "default")])


def test_a_check_that_breaks_is_a_finding_and_the_others_are_made(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not shown(report, CHECKS, bundle=None, as_json=True)
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [(one["level"], one["name"], one["detail"]) for one in found] == [
        ("ok", "disk", "12 GB free"),
        ("bad", "disk", "could not be looked at: RuntimeError: a defect of ours"),
        ("bad", "file", "The file cannot be written."),
        ("ok", "log", "empty"),
    ]
    assert "--bundle" in found[1]["next_step"]
    assert found[2]["next_step"] == "Check its permissions."


def test_each_is_told_as_soon_as_it_is_known_with_its_next_step_and_where_to_read(
    report: Report, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert not shown(report, CHECKS, bundle=tmp_path / "report.json", as_json=False)
    told = capsys.readouterr()
    lines = told.out.splitlines()
    at = next(number for number, line in enumerate(lines) if "file: The file cannot be written." in line)
    assert lines[at + 1].strip() == "next: Check its permissions."
    assert lines[at + 2].strip().startswith("see:")
    assert "store_not_writable" in lines[at + 2]
    assert "project\tdemo\tdefault" in lines, "as a table that programs can read, where nobody looks"
    assert "Read it before you attach it" in told.err
    assert len(json.loads((tmp_path / "report.json").read_text())["findings"]) == 4


def test_where_nothing_is_bad_all_is_well(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(report, [("log", fine)], bundle=None, as_json=False)
    capsys.readouterr()


def test_a_misspelt_variable_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKFLOW_PORJECT", "x")
    (found,) = [one for one in machine.program("any", "1", "bridge") if one.name == "environment"]
    assert (found.level, found.detail) == (
        "warn", "WORKFLOW_PORJECT is read by no server. Did you mean WORKFLOW_PROJECT?"
    )  # fmt: skip
