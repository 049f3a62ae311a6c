"""Where grammars are unpacked, and what is done about a grammar that does not load or a text too long."""

from __future__ import annotations

import getpass
import logging
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from codebase_server import files
from codebase_server.chunks import grammars, split
from codebase_server.chunks.grammars import CACHE_VARIABLE
from codebase_server.records import SourceFile

posix = pytest.mark.skipif(sys.platform == "win32", reason="users and modes of POSIX")


@pytest.fixture
def choosing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Nothing is chosen yet; temporary files go to a folder of this test."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv(CACHE_VARIABLE, "")
    grammars._choose_cache.cache_clear()
    yield temporary
    grammars._choose_cache.cache_clear()


def chosen() -> str:
    grammars._choose_cache()
    return os.environ.get(CACHE_VARIABLE, "")


def test_a_folder_that_the_user_named_is_left_alone(choosing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, "/named/by/the/user")
    assert chosen() == "/named/by/the/user"


@posix
def test_the_users_cache_serves_where_it_can_be_written(
    choosing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert chosen() == ""
    assert list(choosing.iterdir()) == []


@posix
def test_where_it_cannot_a_private_temporary_folder_does_and_the_log_says_so(
    choosing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Root may write anywhere, but not below a file."""
    (tmp_path / "file").touch()
    monkeypatch.setattr("semble_grammars.cache.cache_dir", lambda: tmp_path / "file" / "cache")
    folder = Path(chosen())
    assert folder == choosing / f"codebase-server-grammars-{getpass.getuser()}"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (
        f"Cannot write grammars to '{tmp_path}/file/cache'; unpacking them to '{folder}' instead."
        in caplog.text
    )


@posix
def test_a_folder_of_the_same_user_is_used_again(choosing: Path) -> None:
    first = grammars._temporary_folder()
    assert grammars._temporary_folder() == first


@posix
@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_folder_that_others_may_write_is_not_loaded_from(choosing: Path, mode: int) -> None:
    taken = grammars._temporary_folder()
    taken.chmod(mode)
    other = grammars._temporary_folder()
    assert other != taken
    assert other.name.startswith("codebase-server-grammars-")
    assert stat.S_IMODE(other.stat().st_mode) == 0o700


@posix
def test_neither_a_link_nor_a_file_in_its_place_is_followed(choosing: Path, tmp_path: Path) -> None:
    place = choosing / f"codebase-server-grammars-{getpass.getuser()}"
    (tmp_path / "mine").mkdir(mode=0o700)
    place.symlink_to(tmp_path / "mine")
    assert grammars._temporary_folder() != place
    place.unlink()
    place.touch()
    other = grammars._temporary_folder()
    assert other != place
    assert other.is_dir()


@posix
def test_a_folder_of_another_user_is_not_private() -> None:
    here = os.stat_result((0o040700, 0, 0, 0, os.getuid(), 0, 0, 0, 0, 0))
    there = os.stat_result((0o040700, 0, 0, 0, os.getuid() + 1, 0, 0, 0, 0, 0))
    assert grammars._is_private(here)
    assert not grammars._is_private(there)


@pytest.mark.parametrize("error", [KeyError("uid not found"), OSError("no username set"), ImportError("pwd")])
def test_a_user_without_a_name_has_a_folder_too(
    choosing: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def nameless() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert grammars._temporary_folder() == choosing / "codebase-server-grammars-nobody"


def test_a_grammar_that_is_not_there_is_told_once_and_its_files_have_no_tree(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        assert grammars.parse("no such language", b"text") is None
        assert grammars.parse("no such language", b"text") is None
    assert caplog.text.count("No grammar for no such language: ") == 1
    assert "Its files are cut at blank lines instead." in caplog.text


def test_a_text_that_takes_too_long_has_no_tree_and_the_next_one_has(monkeypatch: pytest.MonkeyPatch) -> None:
    code = b"def f(a):\n    return [a, (a, {a: a})]\n" * 400
    monkeypatch.setattr(grammars, "STEPS_AT_LEAST", 1)
    monkeypatch.setattr(grammars, "STEPS_PER_BYTE", 0.0)
    assert grammars.parse("python", code) is None
    monkeypatch.undo()
    tree = grammars.parse("python", code)
    assert tree is not None
    assert not tree.root_node.has_error
    assert len(tree.root_node.named_children) == 400


def test_a_file_that_is_parsed_more_than_once_has_one_allowance_for_all() -> None:
    code = b"def f(a):\n    return [a, (a, {a: a})]\n" * 400
    allowance = grammars.Allowance(len(code))
    first = allowance.steps
    assert grammars.parse("python", code, allowance=allowance) is not None
    taken = first - allowance.steps
    assert 0 < taken < first / 4, "real code is far from its end"
    allowance.steps = taken // 2
    assert grammars.parse("python", code, allowance=allowance) is None


def test_a_file_whose_every_step_is_long_is_given_up_by_the_clock_and_cut_by_its_lines() -> None:
    """Lua's way through a tower of operators reads it from its beginning at each: minutes for a megabyte."""
    hard = b"a ** -\n" * 60_000
    allowance = grammars.Allowance(len(hard))
    first = allowance.steps
    assert grammars.parse("lua", hard, allowance=allowance) is None
    assert allowance.steps > first / 2, "it was not for their number"
    source = files.decode("hard.lua", hard)
    assert isinstance(source, SourceFile)
    assert len(split(source).chunks) > 100
