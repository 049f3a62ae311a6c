"""Answers as the text that a model reads: usages by what they are, chunks with what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codebase_server.service import CodebaseService
from codebase_server.service.text import of_chunks, of_status, of_symbols
from codebase_server.settings import load

IGNITE = "def ignite(x):\n    return x.light() + 1\n\n\n"
OTHER = "def other(y):\n    return ignite(y)  # after ignite\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "a.py").write_text(IGNITE + OTHER)
    (folder / "README.md").write_text("# Words\n\nCall `ignite` first.\n")
    return folder


@pytest.fixture
def service(root: Path) -> Iterator[CodebaseService]:
    environment = {"CODEBASE_ROOT": str(root), "CODEBASE_DATA_DIR": str(root.parent / "data")}
    settings = load({}, {**environment, "CODEBASE_EMBEDDER": "none"}, root.parent / "none.toml")
    made = CodebaseService(settings, working_folder=root, environment={})
    made.index_repository()
    yield made
    made.close()


def ignite(service: CodebaseService) -> str:
    return next(
        one["chunk_id"] for one in service.search_code("ignite")["results"] if one["symbol"] == "ignite"
    )


def test_usages_stand_under_what_they_are(service: CodebaseService) -> None:
    lines = of_symbols(service.find_symbol("ignite", usages=True)).splitlines()
    calls, prose = lines.index("2 usages"), lines.index("in prose and data:")
    assert lines[calls + 1].startswith("a.py other c_")
    assert lines[calls + 2] == "  6 return ignite(y)  # after ignite"
    assert lines[prose + 1].startswith("README.md Words c_")
    assert lines[prose + 2] == "  3 Call `ignite` first."


def test_languages_that_the_state_does_not_name_are_counted(service: CodebaseService, root: Path) -> None:
    endings = "a.go b.rs c.rb d.php e.lua f.sh g.sql h.css i.html j.yaml k.toml l.json m.swift n.kt".split()
    for name in endings:
        (root / name).write_text("x\n")
    service.index_repository()
    (line,) = (
        line for line in of_status(service.index_status()).splitlines() if line.startswith("languages ")
    )
    assert line.count(",") == 11
    assert line.endswith(" and 4 more")


def test_a_difference_to_code_that_is_not_kept_says_so_once(service: CodebaseService) -> None:
    told = of_chunks(service.get_chunks([ignite(service)], diff_from="0" * 32))
    assert told.count(f"No code with the hash '{'0' * 32}' is stored here.") == 1
    assert "return x.light() + 1" in told


def test_what_code_was_before_stands_below_what_it_is(service: CodebaseService, root: Path) -> None:
    chunk = ignite(service)
    (root / "a.py").write_text(IGNITE.replace("1", "2") + OTHER)
    service.index_repository()
    told = of_chunks(service.get_chunks([chunk], history=True))
    assert "return x.light() + 2" in told
    assert told.count("\n  was ") == 1
    assert " in a.py at " in told.splitlines()[-1]


def test_code_that_is_gone_is_shown_as_it_was_last_seen(service: CodebaseService, root: Path) -> None:
    chunk = ignite(service)
    (root / "a.py").write_text(OTHER)
    service.index_repository()
    told = of_chunks(service.get_chunks([chunk, "c_aaaaaaaaaaaa"]))
    assert f"{chunk} stale: No such code is left in this root." in told
    assert "last seen as ignite in a.py:1-" in told
    assert "return x.light() + 1" in told
    assert "c_aaaaaaaaaaaa stale: This index never had it." in told


def test_a_status_says_the_last_error_and_what_is_left_out(service: CodebaseService, root: Path) -> None:
    (root / "blob.py").write_bytes(b"\0\1\2" * 500)
    service.index_repository()
    answer = service.index_status()
    assert "skipped 1 binary: blob.py" in of_status(answer)
    assert "last error" not in of_status(answer)
    answer["last_error"] = "The disk is full."
    assert of_status(answer).splitlines()[-1] == "last error: The disk is full."
