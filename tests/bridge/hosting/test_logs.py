"""The rotating log that several processes append to, and what a slow call leaves in it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.hosting import logs


@pytest.fixture(autouse=True)
def own_handlers() -> Iterator[None]:
    """The handlers of the test run come back afterwards."""
    root = logging.getLogger()
    kept, level = list(root.handlers), root.level
    for handler in kept:
        root.removeHandler(handler)
    yield
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    for handler in kept:
        root.addHandler(handler)
    root.setLevel(level)


def file_handler() -> logging.Handler:
    (found,) = [one for one in logging.getLogger().handlers if isinstance(one, logging.FileHandler)]
    return found


def test_a_full_log_is_put_away_and_the_newest_lines_are_kept(tmp_path: Path) -> None:
    file = logs.configure("program", folder=tmp_path)
    assert file is not None
    assert logs.log_place() == str(file)
    logger = logging.getLogger("tests")
    for number in range(60):
        logger.warning("line %d %s", number, "x" * 40_000)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["program.log", "program.log.1", "program.log.2"]
    assert "line 59 " in file.read_text()
    assert "line 0 " not in file.read_text()


def test_a_log_that_another_process_put_away_first_is_opened_again_not_put_away_twice(tmp_path: Path) -> None:
    file = logs.configure("program", folder=tmp_path)
    assert file is not None
    logger = logging.getLogger("tests")
    logger.warning("ours, before")
    file.rename(tmp_path / "program.log.1")
    file.write_text("theirs\n")
    logger.warning("y" * 1_000_100)  # too much for the file that is open: it would be put away
    text = file.read_text()
    assert text.startswith("theirs\n")
    assert text.rstrip().endswith("yyy")
    assert "ours, before" in (tmp_path / "program.log.1").read_text()
    assert not (tmp_path / "program.log.2").exists()


def test_a_log_whose_file_vanished_goes_on_in_a_new_one(tmp_path: Path) -> None:
    file = logs.configure("program", folder=tmp_path)
    assert file is not None
    logger = logging.getLogger("tests")
    logger.warning("before")
    file.unlink()
    logger.warning("z" * 1_000_100)
    logger.warning("after")
    assert "after" in file.read_text()


def test_a_folder_that_cannot_be_made_leaves_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert logs.configure("program", folder=tmp_path / "file") is None
    assert logs.log_place() == "the server's stderr"
    with logs.request("search_code") as identifier:
        logging.getLogger("tests").warning("told")
    line = capsys.readouterr().err
    assert "told" in line
    assert f" {identifier} " in line


def test_a_slow_call_is_told_with_its_id_and_a_quick_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = logs.configure("program", folder=tmp_path)
    assert file is not None
    with logs.request("quick"):
        pass
    monkeypatch.setattr(logs, "SLOW_SECONDS", -1.0)
    with logs.request("slow") as identifier:
        pass
    text = file.read_text()
    assert f"{identifier} bridge.hosting.logs: slow took 0.0 s" in text
    assert "quick" not in text
