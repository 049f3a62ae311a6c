"""What the commands show a person at a terminal: places that open, coloured code, what became of an id."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from codebase_server.doors.cli.run import run
from codebase_server.doors.cli.screen import Screen

from .conftest import server_environment

Seen = Callable[..., str]
COLOURS = re.compile(r"\x1b\[[\d;]*m|\x1b\]8;[^;]*;[^\x1b]*\x1b\\")


@pytest.fixture
def here(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in the repository, in a world of one's own."""
    for name, value in server_environment(tmp_path, repository).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("CODEBASE_ROOT")
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.chdir(repository)
    return repository


@pytest.fixture
def seen(here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Seen:
    """What a person sees of a command, without the colours unless asked for."""
    plain = Screen.__init__

    def at_a_terminal(screen: Screen) -> None:
        plain(screen)
        screen.terminal = screen.color = True

    monkeypatch.setattr(Screen, "__init__", at_a_terminal)

    def command(*arguments: str, code: int = 0, colours: bool = False) -> str:
        found = run(list(arguments))
        told = capsys.readouterr()
        assert found == code, told.err
        return told.out if colours else COLOURS.sub("", told.out)

    command("index")
    return command


def id_of(seen: Seen, query: str) -> str:
    found = re.search(r"c_[a-z2-7]{12}", seen("search", query))
    assert found
    return found[0]


def test_search_shows_places_that_open_and_code(seen: Seen, here: Path) -> None:
    shown = seen("search", "revoke_session", "-n", "2")
    assert re.search(r"src/auth\.py:\d+-\d+", shown)
    assert "def revoke_session(session_id: str)" in shown
    coloured = seen("search", "revoke_session", colours=True)
    assert f"\x1b]8;;{(here / 'src' / 'auth.py').as_uri()}\x1b\\" in coloured
    assert "no_such" not in seen("search", '"no_such_text_anywhere"', code=1)
    assert "def revoke" in seen("search", "revoke_session", "--content", "full")
    assert "def revoke" not in seen("search", "revoke_session", "--content", "none")
    assert "+" in seen("search", "revoke_session", "--explain")


def test_symbols_and_outline_are_lists_with_a_count(seen: Seen) -> None:
    shown = seen("symbol", "admit", "--usages")
    assert "Guard.admit  method" in shown
    assert "def admit(self, name: str, password: str) -> bool" in shown
    assert shown.rstrip().endswith("1 of 1 definition")
    usages = seen("symbol", "stored", "--usages")
    assert "return verify(self.stored(name), password)" in usages
    outline = seen("outline", "src")
    assert "src/auth.py:" in outline
    assert "class Guard" in outline
    assert outline.rstrip().endswith("symbols")


def test_a_chunk_with_its_history_its_difference_and_what_became_of_it(seen: Seen, here: Path) -> None:
    chunk = id_of(seen, "revoke_session")
    before = seen("show", chunk, "--history")
    assert f"revoke_session  {chunk}  valid" in before
    hash_ = re.search(r"now ([0-9a-f]+) src/auth\.py generation", before)
    assert hash_
    file = here / "src" / "auth.py"
    text = file.read_text()
    file.write_text(text.replace("sessions.pop(session_id, None)", "sessions.pop(session_id)"))
    seen("index")
    after = seen("show", chunk, "--history", "--diff-from", hash_[1])
    assert "-    sessions.pop(session_id, None)" in after
    assert "+    sessions.pop(session_id)" in after
    assert "was " in after
    file.write_text(text.partition("def revoke_session")[0])
    seen("index")
    gone = seen("show", chunk, code=1)
    assert f"{chunk}  stale" in gone
    assert "last seen as revoke_session in src/auth.py:" in gone
    assert "sessions.pop(session_id)" in gone


def test_status_and_doctor_are_read_by_people(seen: Seen, here: Path) -> None:
    shown = seen("status")
    assert "python 1" in shown
    assert str(here) in shown
    assert "state" in shown


def test_what_destroys_asks_first(seen: Seen, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([False, True, False, True])
    monkeypatch.setattr("click.confirm", lambda *_, **__: next(answers))
    assert seen("purge", "session") == "Nothing done.\n"
    assert "stored versions removed from 1 repositories." in seen("purge", "session_id")
    assert seen("forget", str(here)) == "Nothing done.\n"
    assert seen("forget", str(here)).startswith(f"Forgot {here}: ")


def test_gc_names_the_roots_that_are_gone(seen: Seen, here: Path) -> None:
    assert re.fullmatch(r"0 tombstones and \d+ old versions removed, [\d.]+ MB freed\.\n", seen("gc"))
    here.rename(here.with_name("elsewhere"))
    assert f"Removed {here}: its folder is gone." in seen("gc")
