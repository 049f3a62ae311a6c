"""Names that are joined by hyphens are one name, not the last word of it."""

from __future__ import annotations

from codebase_server.search.query import understand
from codebase_server.search.rank.facts import symbol_facts


def test_the_innermost_name_is_whole() -> None:
    assert symbol_facts("doors.find-door!").segments == ("doors", "finddoor")
    assert symbol_facts("test-router").segments != symbol_facts("router").segments


def test_a_question_names_it_in_any_spelling() -> None:
    wanted = symbol_facts("find-door").segments
    for spelt in ("find-door", "find_door", "findDoor"):
        assert any(name.segments == wanted and name.alone for name in understand(spelt).names), spelt
    assert not understand("where is a door found").is_symbol
