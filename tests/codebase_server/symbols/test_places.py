"""Files and folders by parts of their paths."""

from codebase_server.symbols.places import paths_holding, places_ending

PATHS = ["a.py", "b.py", "b/pond.py", "b/pool.d/x.py"]


def test_a_part_may_say_where_a_name_begins() -> None:
    assert paths_holding(PATHS, "/b") == ["b.py", "b/pond.py", "b/pool.d/x.py"]
    assert paths_holding(PATHS, "ond") == ["b/pond.py"]
    assert paths_holding(PATHS, "/ond") == paths_holding(PATHS, "c.py") == []


def test_places_are_files_with_or_without_their_own_ending_and_folders() -> None:
    assert places_ending(PATHS, "pond", 9) == places_ending(PATHS, "pond.py", 9) == ["b/pond.py"]
    assert places_ending(PATHS, "b/pond", 9) == ["b/pond.py"]
    assert places_ending(PATHS, "b", 9) == ["b.py", "b"]
    assert places_ending(PATHS, "b", 1) == ["b.py"]
    assert places_ending(PATHS, "pool.d", 9) == ["b/pool.d"]
    assert places_ending(PATHS, "pool", 9) == places_ending(PATHS, "po", 9) == []
    assert places_ending(PATHS, "ond", 9) == places_ending(PATHS, "other", 9) == []
