"""A search that cannot be meant is refused in words, and one whose filters leave nothing says why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codebase_server import embed
from codebase_server.index import IndexOptions, RootIndex
from codebase_server.search import filters
from codebase_server.search.engine import Engine
from codebase_server.search.request import InvalidSearchError, SearchRequest
from codebase_server.search.stored import StoredCorpus
from codebase_server.store import Registry


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"query": "  "}, "The query is empty"),
        ({"query": "x" * 2001}, "The query has 2,001 characters, at most 2,000"),
        ({"limit": 0}, "limit is 0, it must be from 1 to"),
        ({"limit": 10_000}, "limit is 10000, it must be from 1 to"),
        ({"max_tokens": 0}, "max_tokens is 0, it must be at least 1"),
    ],
)
def test_a_request_out_of_bounds_names_the_bound(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidSearchError, match=words):
        SearchRequest(**({"query": "x"} | given)).checked()


def test_a_kind_or_a_glob_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidSearchError, match="choose one of code, tests, docs, config, any"):
        filters.check(SearchRequest(query="x", kind="poetry"))  # type: ignore[arg-type]
    filters.check(SearchRequest(query="x", kind="code", path="src/**"))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> RootIndex:
    folder = tmp_path_factory.mktemp("searched")
    root = folder / "root"
    root.mkdir()
    (root / "a.py").write_text("def water_the_plants(garden):\n    return garden.drink()\n")
    (root / "b.js").write_text("export function total(basket) {\n  return basket.sum;\n}\n")
    made = RootIndex(root, Registry(folder / "data"), IndexOptions(watch=False, embedder="none", workers=0))
    made.run_pass()
    return made


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"language": "cobol"}, "No indexed file is in the language 'cobol'; there are: javascript, python."),
        ({"path": "nowhere/**"}, "No indexed file matches the path 'nowhere/**'; paths are relative"),
        ({"language": "python", "kind": "docs"}, "No indexed file passes the filters."),
    ],
)
def test_filters_that_leave_nothing_say_what_there_is(
    index: RootIndex, given: dict[str, Any], words: str
) -> None:
    with index.snapshot() as snapshot:
        answer = Engine().search(StoredCorpus(snapshot), SearchRequest(query="water", **given), None)
    assert not answer.results
    assert any(words in warning for warning in answer.warnings), answer.warnings


def test_a_filter_that_leaves_something_says_nothing(index: RootIndex) -> None:
    with index.snapshot() as snapshot:
        corpus = StoredCorpus(snapshot)
        answer = Engine().search(corpus, SearchRequest(query="water_the_plants", language="Python"), None)
        assert [hit.symbol for hit in answer.results] == ["water_the_plants"]
        assert not answer.warnings


def test_an_empty_index_says_that_there_is_no_language(tmp_path: Path) -> None:
    root = tmp_path / "empty"
    root.mkdir()
    made = RootIndex(root, Registry(tmp_path / "data"), IndexOptions(watch=False, embedder="none"))
    made.run_pass()
    with made.snapshot() as snapshot:
        answer = Engine().search(StoredCorpus(snapshot), SearchRequest(query="x", language="python"), None)
    made.close()
    assert answer.total_count == 0
    assert answer.warnings == ("No indexed file is in the language 'python'; there are: none.",)


@pytest.mark.parametrize(
    ("query", "results", "words"),
    [
        *(
            (signs, 0, "has no word that could be looked for")
            for signs in ("::", "->", "?", "/", "...", "\u2192")
        ),
        ('"::"', 0, 'No chunk has "::" letter by letter'),
        # An identifier to the parsers, of which no chunk has any part.
        *((blank, 2, "Perhaps nothing here answers this") for blank in ("_", "__")),
    ],
)
def test_a_question_without_a_word_is_answered_with_what_to_ask_instead(
    tmp_path: Path, query: str, results: int, words: str
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "main.py").write_text('def main() -> int:\n    """Start the program."""\n    return 0\n')
    (root / "notes.md").write_text("# Notes\n\nRead by nobody.\n")
    made = RootIndex(root, Registry(tmp_path / "data"), IndexOptions(watch=False, workers=0))
    made.run_pass()
    with made.snapshot() as snapshot:
        answer = Engine().search(StoredCorpus(snapshot), SearchRequest(query=query), embed.load("static"))
    made.close()
    assert len(answer.results) == results
    (warning,) = answer.warnings
    assert words in warning


def test_several_languages_and_headers_of_c_and_c_plus_plus_can_be_asked_for(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "c.h").write_text("int open_door(int door);\n")
    (root / "cpp.h").write_text("class Door {\n public:\n  int open_door();\n};\n")
    (root / "door.c").write_text('#include "c.h"\nint open_door(int door) {\n  return door;\n}\n')
    (root / "door.py").write_text("def open_door(door):\n    return door\n")
    (root / "door.go").write_text("func open_door(door int) int {\n\treturn door\n}\n")
    made = RootIndex(root, Registry(tmp_path / "data"), IndexOptions(watch=False, embedder="none", workers=0))
    made.run_pass()
    with made.snapshot() as snapshot:
        corpus = StoredCorpus(snapshot)

        def files(language: str) -> set[str]:
            request = SearchRequest(query="open_door", language=language)
            return {hit.file_path for hit in Engine().search(corpus, request, None).results}

        assert files("h") == {"c.h", "cpp.h"}
        assert files("go, Python") == {"door.go", "door.py"}
        assert files("py,.h") == {"door.py", "c.h", "cpp.h"}
