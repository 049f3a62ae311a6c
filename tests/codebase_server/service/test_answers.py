"""What the service answers where there is too much, nothing, or no name: cut, refused, or explained."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from codebase_server.service import CodebaseService
from codebase_server.service.errors import CodebaseError
from codebase_server.service.text import of_outline, outline_lines, tokens
from codebase_server.settings import load
from codebase_server.symbols import usages as using

DEEP = "class Outer:\n" + "".join(
    f"    class Inner{number}:\n        def method_{number}(self):\n            return Outer.shared_name\n"
    for number in range(30)
)
CALLS = "".join(f"def caller_{number}():\n    return shared_name({number})\n\n\n" for number in range(40))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("answers")
    root = folder / "root"
    for name, text in {
        "deep.py": DEEP,
        "calls.py": CALLS + "def shared_name(n):\n    return n\n",
        "tests/test_calls.py": "from calls import shared_name\n\n\ndef test_it():\n    shared_name(1)\n",
        "pkg/__init__.py": "from pkg.helper import one\n",
        "pkg/helper.py": "import json\n\n\ndef one():\n    return json\n",
        "web/index.js": "import {two} from './two.js';\nexport function main() { return two(); }\n",
        "web/two.js": "export function two() { return 2; }\n",
        "lib/mod.rs": "use crate::lib::other;\n\nfn inside() -> i32 {\n    1\n}\n",
        "lone.txt": "only words\n",
        "data.min.js": "var a=1;\n",
    }.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return folder


@pytest.fixture(scope="module")
def service(world: Path) -> Iterator[CodebaseService]:
    environment = {"CODEBASE_ROOT": str(world / "root"), "CODEBASE_DATA_DIR": str(world / "data")}
    settings = load({}, {**environment, "CODEBASE_EMBEDDER": "none"}, world / "none.toml")
    made = CodebaseService(settings, working_folder=world, environment={})
    made.index_repository()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "The name is empty"),
        ("  ", "The name is empty"),
        ("*", "'*' would be every name"),
        (" ** ", "'**' would be every name"),
    ],
)
def test_a_name_of_nothing_is_refused(service: CodebaseService, name: str, why: str) -> None:
    with pytest.raises(CodebaseError, match=re.escape(why)) as refused:
        service.find_symbol(name)
    assert "prefix such as 'load*'" in refused.value.hint


def test_usages_are_cut_counted_and_kept_to_a_path(service: CodebaseService) -> None:
    found = service.find_symbol("shared_name", usages=True, limit=3)
    assert len(found["usages"]) == 3
    assert any("Showing 3 of " in warning for warning in found["warnings"])
    inside = service.find_symbol("shared_name", usages=True, path="tests/**", limit=50)
    assert {usage["file_path"] for usage in inside["usages"]} == {"tests/test_calls.py"}
    everywhere = service.find_symbol("shared_*", usages=True, limit=200)["usages"]
    assert len(everywhere) > 40
    assert everywhere[-1]["file_path"] == "tests/test_calls.py", "tests come last"


def test_counting_usages_has_an_end(service: CodebaseService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(using, "MOST_COUNTED", 5)
    opened = service.opened(None)
    with opened.snapshot() as snapshot:
        found, count, _ = using.find(snapshot, opened.pools, "shared_name", path=None, limit=3)
        assert using.find(snapshot, opened.pools, "<?>", path=None, limit=3) == ([], 0, 0)
    assert (len(found), count) == (3, 5)


def test_prefixes_and_parts_of_names_find_definitions(service: CodebaseService) -> None:
    def names(asked: str) -> set[str]:
        return {one["symbol"] for one in service.find_symbol(asked, limit=200)["results"]}

    assert names("Inner1.method*") == {"Outer.Inner1.method_1"}
    assert names("Inner1.method_1") == {"Outer.Inner1.method_1"}
    assert len(names("caller_*")) == 40
    assert names("Nowhere.method_1") == set()


def test_an_outline_is_cut_from_the_deepest_level_up(service: CodebaseService) -> None:
    whole = service.outline("deep.py")
    assert {entry["depth"] for entry in whole["entries"]} == {0, 1, 2}
    for budget in (500, 150):
        cut = service.outline("deep.py", max_tokens=budget)
        assert cut["total_count"] == whole["total_count"]
        assert 0 < len(cut["entries"]) < len(whole["entries"])
        assert tokens(outline_lines(cut["entries"])) <= budget
        deepest = max(entry["depth"] for entry in cut["entries"])
        above = [entry for entry in whole["entries"] if entry["depth"] < deepest]
        assert all(entry in cut["entries"] for entry in above)
    flat = service.outline("calls.py", max_tokens=150)
    assert 0 < len(flat["entries"]) < 41
    assert flat["entries"][0]["symbol"] == "caller_0", "the end goes, not the beginning"


def test_a_map_takes_the_weightiest_files_first_and_names_files_without_symbols(
    service: CodebaseService,
) -> None:
    whole = service.outline("", max_tokens=100_000)
    assert {entry["symbol_kind"] for entry in whole["entries"] if entry["file_path"] == "lone.txt"} == {
        "file"
    }
    small = service.outline("", max_tokens=100)
    assert len(small["entries"]) < whole["total_count"]
    assert of_outline(whole).startswith(f".: {whole['total_count']} files and symbols (")
    assert {entry["file_path"] for entry in service.outline("web")["entries"]} == {
        "web/index.js",
        "web/two.js",
    }


@pytest.mark.parametrize(
    ("path", "words", "hint"),
    [
        ("data.min.js", "is not indexed: minified", "index_status lists what is skipped."),
        ("deeep.py", "Nothing is indexed at 'deeep.py'", "Did you mean deep.py?"),
        ("two.js", "Nothing is indexed at 'two.js'", "Did you mean web/two.js?"),
        ("zzz/qqq", "Nothing is indexed at 'zzz/qqq'", "outline without a path maps the whole root."),
    ],
)
def test_a_path_with_nothing_says_why(service: CodebaseService, path: str, words: str, hint: str) -> None:
    with pytest.raises(CodebaseError, match=words) as refused:
        service.outline(path)
    assert refused.value.hint == hint


def test_a_search_never_passes_its_budget_while_there_is_something_to_drop(service: CodebaseService) -> None:
    wide = service.search_code("shared_name caller", limit=20)
    assert len(wide["results"]) > 2
    from codebase_server.service.text import of_search

    for budget in (1, 10, 30, 60, 100, 200, 400):
        narrow = service.search_code("shared_name caller", limit=20, max_tokens=budget)
        assert narrow["results"], "the best one stays"
        assert tokens(of_search(narrow)) <= budget or not narrow["results"][0].get("content")
        assert narrow["total_count"] == wide["total_count"]


def test_a_glob_takes_all_but_what_it_names_and_none_that_leads_out(
    world: Path, service: CodebaseService
) -> None:
    all_paths = {one["file_path"] for one in service.search_code("shared_name", limit=50)["results"]}
    for but in ("!calls.py", f"!{world / 'root' / 'calls.py'}", "!./calls.py"):
        others = service.search_code("shared_name", path=but, limit=50)["results"]
        assert {one["file_path"] for one in others} == all_paths - {"calls.py"}
    for out in ("../x/**", "!../x/**", "/elsewhere/**", "a/../../b"):
        with pytest.raises(CodebaseError, match="outside"):
            service.search_code("shared_name", path=out)


def test_a_nul_character_is_in_no_path(service: CodebaseService) -> None:
    with pytest.raises(CodebaseError, match="The path holds a NUL character") as refused:
        service.search_code("shared_name", path="src/\0*.py")
    assert refused.value.hint == "Give a glob such as 'src/**/*.py'."
    with pytest.raises(CodebaseError, match="The path holds a NUL character"):
        service.outline("calls\0.py")


def test_a_question_of_the_repository_s_own_words(service: CodebaseService) -> None:
    assert service.sample_query()


def test_an_id_that_no_root_knows_has_a_reason(world: Path, service: CodebaseService) -> None:
    with pytest.raises(CodebaseError, match="Chunk 'c_aaaaaaaaaaaa' not found"):
        service.live_chunk("c_aaaaaaaaaaaa")
    settings = load({}, {"CODEBASE_DATA_DIR": str(world / "empty")}, world / "none.toml")
    nowhere = CodebaseService(settings, working_folder=world / "data", environment={})
    with pytest.raises(CodebaseError) as refused:
        nowhere.live_chunk("c_aaaaaaaaaaaa")
    assert refused.value.hint == "No repository is indexed yet."
    nowhere.close()


def test_forgetting_needs_one_root_that_is_known(world: Path, tmp_path: Path) -> None:
    root, data = tmp_path / "r", tmp_path / "data"
    root.mkdir()
    (root / "a.py").write_text("def a():\n    return 1\n")
    settings = load({}, {"CODEBASE_ROOT": str(root), "CODEBASE_DATA_DIR": str(data)}, tmp_path / "none.toml")
    own = CodebaseService(settings, working_folder=tmp_path, environment={})
    repository = own.index_repository()["index"]["repository"]
    with pytest.raises(CodebaseError, match="Root '/nowhere' is not served here"):
        own.forget("/nowhere")
    gone = own.forget(repository)
    assert gone["root"] == str(root)
    assert list(data.rglob("index.sqlite3")) == []
    own.close()


def test_a_model_that_cannot_be_had_is_told_and_search_goes_on(tmp_path: Path) -> None:
    root = tmp_path / "r"
    root.mkdir()
    (root / "a.py").write_text("def water_the_plants(garden):\n    return garden\n")
    environment = {
        "CODEBASE_ROOT": str(root),
        "CODEBASE_DATA_DIR": str(tmp_path / "data"),
        "CODEBASE_EMBEDDER": f"sentence-transformers:{tmp_path / 'no-model'}",
    }
    own = CodebaseService(
        load({}, environment, tmp_path / "none.toml"), working_folder=tmp_path, environment={}
    )
    own.index_repository()
    answer = own.search_code("water the plants")
    assert [hit["symbol"] for hit in answer["results"]] == ["water_the_plants"]
    assert any(warning.startswith("Searched without vectors: ") for warning in answer["warnings"])
    status = own.index_status()
    assert any(warning.startswith("There are no vectors: ") for warning in status["warnings"])
    assert status["index"]["pending_vectors"] > 0
    own.close()
