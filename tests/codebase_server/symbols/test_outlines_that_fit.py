"""What an outline shows when not all of it fits: types and functions first, values last."""

from __future__ import annotations

import pytest

from codebase_server.service.errors import InvalidArgumentError
from codebase_server.service.text import of_outline, tokens

from .conftest import Indexed

BRACKETS = "\n".join(
    [
        *(f"PRIORITY_NUMBER_{n} = {n}" for n in range(20)),
        "",
        "class Tracker:",
        "    depth: int = 0",
        *(f"    def method_{n}(self, leaf: str) -> None:\n        mark({n})\n" for n in range(12)),
        *(f"def function_{n}(leaf):\n    return PRIORITY_NUMBER_{n}\n\n" for n in range(4)),
    ]
)


def test_classes_and_functions_come_before_constants(indexed: Indexed) -> None:
    service = indexed({"brackets.py": BRACKETS})
    answer = service.outline("brackets.py", max_tokens=200)
    shown = [one["symbol"] for one in answer["entries"]]
    assert {"Tracker", *(f"function_{n}" for n in range(4))} <= set(shown)
    assert not [name for name in shown if name.startswith("PRIORITY")]
    assert tokens(of_outline(answer)) <= 200
    lines = [one["start_line"] for one in answer["entries"]]
    assert lines == sorted(lines)


def test_of_a_level_that_does_not_fit_the_first_are_shown(indexed: Indexed) -> None:
    answer = indexed({"brackets.py": BRACKETS}).outline("brackets.py", max_tokens=200)
    methods = [one["symbol"] for one in answer["entries"] if one["depth"]]
    assert 1 < len(methods) < 12
    assert methods == [f"Tracker.method_{n}" for n in range(len(methods))]
    assert answer["total_count"] == len(indexed({"brackets.py": BRACKETS}).outline("brackets.py")["entries"])


def test_a_small_map_shows_classes_of_many_files_and_no_constants_of_one(indexed: Indexed) -> None:
    files = {"const.py": "\n".join(f"MESSAGE_NUMBER_{n} = 'm{n}'" for n in range(30))}
    uses = "".join(f"    print(MESSAGE_NUMBER_{n})\n" for n in range(30))
    files |= {
        f"part{n}.py": f"from const import *\n\n\nclass PartNumber{n}:\n    pass\n\n\ndef use_{n}():\n{uses}"
        for n in range(8)
    }
    answer = indexed(files).outline(max_tokens=400)
    shown = {one["symbol"] for one in answer["entries"]}
    assert {f"PartNumber{n}" for n in range(8)} <= shown
    assert len([name for name in shown if name.startswith("MESSAGE")]) <= 3


def test_a_line_that_defines_several_names_is_printed_once(indexed: Indexed) -> None:
    answer = indexed({"a.rb": "class A\n  attr_reader :one, :two, :three\nend\n"}).outline("a.rb")
    assert [one["symbol"] for one in answer["entries"]] == ["A", "A.one", "A.two", "A.three"]
    assert of_outline(answer).count("attr_reader") == 1


def test_a_file_without_symbols_is_said_to_have_none(indexed: Indexed) -> None:
    service = indexed({"settings.toml": 'name = "x"\n', "one.py": "def alone():\n    return 1\n"})
    assert of_outline(service.outline("settings.toml")).startswith("settings.toml: no symbols in 1 line (")
    assert of_outline(service.outline("one.py")).startswith("one.py: 1 symbol (")


def test_a_glob_is_told_where_globs_are_taken(indexed: Indexed) -> None:
    with pytest.raises(InvalidArgumentError, match=r"'\*\.py' is a glob.*search_code"):
        indexed({"one.py": "x = 1\n"}).outline("*.py")


def test_guards_and_texts_of_c_give_way_to_what_a_header_declares(indexed: Indexed) -> None:
    texts = "".join(f'#define HUSTR_{number} "level {number}: Hell Beneath"\n' for number in range(30))
    functions = "".join(f"int level_{number}(int door) {{ return door; }}\n" for number in range(12))
    service = indexed({"hud.h": f"#ifndef HUD_H\n#define HUD_H\n{texts}{functions}#endif\n"})
    shown = [one["symbol"] for one in service.outline("", max_tokens=150)["entries"]]
    assert shown
    assert all(name.startswith("level_") for name in shown), shown


UNFINISHED = (
    BRACKETS + "\ndef unfinished(leaf):\n    return ]]] leaf ((\n\n\ndef after(leaf):\n    return leaf\n"
)


def test_a_file_that_its_grammar_does_not_understand_whole_says_so(indexed: Indexed) -> None:
    service = indexed({"brackets.py": UNFINISHED, "sound.py": BRACKETS})
    answer = service.outline("brackets.py")
    (said,) = answer["warnings"]
    assert said.startswith("brackets.py is read in part: the grammar of python")
    assert "after" in {one["symbol"] for one in answer["entries"]}
    assert service.outline("sound.py")["warnings"] == service.outline("")["warnings"] == []
    short = service.outline("brackets.py", max_tokens=200)
    assert tokens(of_outline(short)) <= 200


def test_a_file_that_keeps_its_grammar_busy_for_ever_says_so(indexed: Indexed) -> None:
    dangling = "def first():\n    return 1\n" + "x = 1 % *\n" * 300
    answer = indexed({"made.py": dangling}).outline("made.py")
    assert [one["symbol_kind"] for one in answer["entries"]] == ["file"]
    assert "is read in part" in answer["warnings"][0]


def test_a_semicolon_that_is_only_missing_is_no_reason_to_warn(indexed: Indexed) -> None:
    text = 'TEST_CASE("a door opens") {\n  open();\n}\n'
    assert indexed({"door.cpp": text}).outline("door.cpp")["warnings"] == []
