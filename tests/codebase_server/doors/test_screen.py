"""What a command prints: for a person at a terminal, and for a pipe."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable

import pytest

from codebase_server.doors.cli.progress import indexed, show_skipped, summary
from codebase_server.doors.cli.screen import Screen
from codebase_server.service import CodebaseService

COLOURS = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")
Made = Callable[..., tuple[Screen, io.StringIO]]


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    """A screen and what it shows; at a terminal unless told otherwise."""

    def make(*, terminal: bool = True, **environment: str) -> tuple[Screen, io.StringIO]:
        for name in ("NO_COLOR", "TERM"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("COLUMNS", "100")
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        stream = Terminal() if terminal else io.StringIO()
        monkeypatch.setattr(sys, "stdout", stream)
        return Screen(), stream

    return make


def test_colours_are_for_terminals_that_want_them(made: Made) -> None:
    assert made(TERM="xterm")[0].color
    for screen, _ in (made(terminal=False), made(NO_COLOR="1"), made(TERM="dumb")):
        assert not screen.color
        assert screen.styled("x", "bad") == "x"
    assert made()[0].styled("x", "bad") == "\x1b[31mx\x1b[0m"


def test_json_is_indented_for_a_person_and_one_line_for_a_pipe(made: Made) -> None:
    answer = {"ä": [1]}
    for terminal in (True, False):
        screen, shown = made(terminal=terminal)
        screen.json(answer)
        assert json.loads(shown.getvalue()) == answer
        assert "ä" in shown.getvalue()
        assert (shown.getvalue().count("\n") > 1) == terminal


def test_a_row_is_one_line_of_fields_divided_by_tabs(made: Made) -> None:
    screen, shown = made(terminal=False)
    screen.row("a\tb", 3, "c\nd")
    assert shown.getvalue() == "a b\t3\tc d\n"


def test_a_place_opens_in_a_terminal_and_is_text_elsewhere(made: Made) -> None:
    screen, _ = made(terminal=False)
    assert screen.place("/root", "a b.py", 3, 5) == "a b.py:3-5"
    link = made()[0].place("/root", "a b.py", 3, 5)
    assert link == "\x1b]8;;file:///root/a%20b.py\x1b\\\x1b[36ma b.py:3-5\x1b[0m\x1b]8;;\x1b\\"


def test_code_has_its_line_numbers(made: Made) -> None:
    screen, shown = made(terminal=False)
    screen.code("one\n\nthree", "python", 9)
    assert shown.getvalue() == " 9  one\n10  \n11  three\n"
    screen, shown = made()
    screen.code("def f(x):\n    return x", "python", 9)
    assert "\x1b[" in shown.getvalue()
    lines = [line.split() for line in COLOURS.sub("", shown.getvalue()).splitlines()]
    assert lines == [["9", "def", "f(x):"], ["10", "return", "x"]]


def test_code_of_no_known_language_is_shown_as_it_is(made: Made) -> None:
    for language in ("", "no such language"):
        screen, shown = made()
        screen.code("[bold]one[/bold] two", language, 1)
        assert "[bold]one[/bold] two" in COLOURS.sub("", shown.getvalue())


def test_a_table_is_aligned_for_a_person_and_rows_for_a_pipe(made: Made) -> None:
    rows = [("a", 1), ("long name", "[red]2")]
    screen, shown = made(terminal=False)
    screen.table(("name", "n"), rows)
    assert shown.getvalue() == "name\tn\na\t1\nlong name\t[red]2\n"
    screen, shown = made()
    screen.table(("name", "n"), rows)
    lines = [line.rstrip() for line in COLOURS.sub("", shown.getvalue()).splitlines()]
    assert lines == ["name       n", "a          1", "long name  [red]2"]


def test_facts_are_aligned_for_a_person_and_rows_for_a_pipe(made: Made) -> None:
    pairs = [("root", "/r"), ("generation", 3)]
    screen, shown = made(terminal=False)
    screen.facts(pairs)
    assert shown.getvalue() == "root\t/r\ngeneration\t3\n"
    screen, shown = made(NO_COLOR="1")
    screen.facts(pairs)
    assert shown.getvalue() == "root        /r\ngeneration  3\n"
    screen.facts([])


def test_warnings_keep_a_pipe_clean(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    screen, shown = made(terminal=False)
    screen.warnings(["one", "two"])
    assert shown.getvalue() == ""
    assert capsys.readouterr().err == "Warning: one\nWarning: two\n"


def test_a_pass_shows_how_far_it_is_to_whoever_looks_and_nothing_to_others(
    service: CodebaseService, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = io.StringIO()
    monkeypatch.setattr(sys, "stderr", quiet)
    assert indexed(service)["files"] == 3
    assert quiet.getvalue() == ""
    watched = Terminal()
    monkeypatch.setattr(sys, "stderr", watched)
    monkeypatch.setenv("TERM", "xterm")
    answer = indexed(service, force=True)
    assert answer["changed_files"] == 3, "it was forced"
    shown = COLOURS.sub("", watched.getvalue())
    assert "Looking" in shown or "Indexing" in shown or "src/" in shown


def test_an_interrupted_pass_is_told_to_stop(
    service: CodebaseService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The interrupt comes while the pass tells how far it is, as that of a keyboard may."""
    from rich.progress import Progress

    def interrupted(bar: Progress, *_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(Progress, "update", interrupted)
    with pytest.raises(KeyboardInterrupt):
        indexed(service)
    monkeypatch.undo()
    assert service.index_status()["writer_pid"] is None, "no lock is left"
    assert service.index_repository()["files"] == 3


def test_a_summary_counts_and_tells_a_rate_only_of_many_files(indexed: CodebaseService) -> None:
    answer = indexed.index_repository(force=True)
    answer["duration_ms"], answer["files"], answer["chunks"] = 2_000.0, 1, 1_234
    assert answer["changed_files"] == 3
    assert summary(answer) == "1 file, 1,234 chunks in 2.0 s (1 changed, 0 removed)", "two were left out"
    answer["files"], answer["changed_files"], answer["removed_files"] = 400, 20, 1_000
    assert summary(answer) == "400 files, 1,234 chunks in 2.0 s, 10 files/s (20 changed, 1,000 removed)"


def test_what_was_skipped_is_told_by_reason_with_the_first_files(made: Made) -> None:
    screen, shown = made(terminal=False)
    show_skipped(
        screen,
        [
            {"reason": "binary", "count": 1_200, "examples": ["a", "b", "c", "d"]},
            {"reason": "secret", "count": 1, "examples": []},
        ],
    )
    more = " (status --skipped lists all)"
    assert shown.getvalue() == f"skipped 1,200 binary: a, b, c{more}\nskipped 1 secret{more}\n"
