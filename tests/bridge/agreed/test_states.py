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


def test_only_what_is_unchecked_for_a_while_passes_by_itself() -> None:
    for words in (states.NOT_FINISHED, states.BEING_INDEXED, states.BEING_LOOKED_AT, states.BEING_MADE):
        assert states.passes("unchecked", f"The index is {words}.")
        assert not states.passes("stale", f"The index is {words}."), "nothing is denied of such an index"
    assert not states.passes("unchecked", "The file is too large to be indexed.")
    assert not states.passes("valid", "")
