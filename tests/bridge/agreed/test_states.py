"""The words that programs and people rely on."""

from __future__ import annotations

from bridge.agreed import states


def test_the_first_words_of_the_warnings_are_fixed() -> None:
    assert states.unavailable("refused", "Stored.", "Start it.") == (
        "code_search_unavailable: codebase-mcp server not reachable (refused). Stored. Start it."
    )
    assert states.only_stale("X") == (
        "Entity reference 'X' not found in codebase-mcp. Code may have been deleted or re-indexed."
    )
    assert states.one_of_several_stale("X", 2, 3) == (
        "Entity reference 'X' not found in codebase-mcp. 2 of 3 entity references remain valid."
    )


def test_a_range_is_as_bad_as_its_worst_chunk() -> None:
    assert states.worst(["valid", "changed", "moved"]) == "changed"
    assert states.worst(["valid", "stale", "unchecked"]) == "stale"
    assert states.worst(["valid"]) == "valid"
