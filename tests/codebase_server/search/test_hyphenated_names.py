"""Names that are joined by hyphens are one name, not the last word of it."""

from __future__ import annotations

from codebase_server.search.query import understand
from codebase_server.search.rank.facts import folded_segments


def test_the_innermost_name_is_whole() -> None:
    assert folded_segments("doors.find-door!") == ("doors", "finddoor")
    assert folded_segments("test-router") != folded_segments("router")


def test_a_question_names_it_in_any_spelling() -> None:
    wanted = folded_segments("find-door")
    for spelt in ("find-door", "find_door", "findDoor"):
        assert any(name.segments == wanted and name.alone for name in understand(spelt).names), spelt
    assert not understand("where is a door found").is_symbol
