"""Which file a vanished file became, by the code that they share."""

from __future__ import annotations

from codebase_server.identity.pieces import Piece
from codebase_server.identity.renames import renamed_files


def pieces(*rows: tuple[str, int, int], first: int = 0) -> dict[int, Piece]:
    """Pieces by key from (path, normal hash, size)."""
    return {
        first + at: Piece(first + at, f"c_{at}", path, f"f{at}", 0, 0, at, code, size, "python")
        for at, (path, code, size) in enumerate(rows)
    }


def test_a_file_with_another_name_and_the_same_code_is_renamed() -> None:
    old = pieces(("a.py", 11, 100), ("a.py", 12, 50))
    new = pieces(("b.py", 11, 100), ("b.py", 12, 50))
    assert renamed_files(old, new, set()) == {"a.py": "b.py"}


def test_of_two_files_that_became_one_the_one_that_gave_more_is_renamed() -> None:
    new = pieces(("all.py", 11, 100), ("all.py", 12, 50), ("all.py", 13, 60))
    for old in (
        pieces(("a.py", 11, 100), ("a.py", 12, 50), ("b.py", 13, 60)),
        pieces(("b.py", 13, 60), ("a.py", 11, 100), ("a.py", 12, 50)),
    ):
        assert renamed_files(old, new, set()) == {"a.py": "all.py"}


def test_of_two_equal_heirs_the_one_with_the_same_name_is_taken() -> None:
    old = pieces(("src/a.py", 11, 100))
    for paths in (("lib/a.py", "lib/b.py"), ("lib/b.py", "lib/a.py")):
        new = pieces(*((path, 11, 100) for path in paths))
        assert renamed_files(old, new, set()) == {"src/a.py": "lib/a.py"}


def test_a_file_s_name_is_what_stands_behind_its_last_folder() -> None:
    old = pieces(("src/deep/a.py", 11, 100))
    for paths in (("lib/far/a.py", "lib/far/z.py"), ("lib/far/z.py", "lib/far/a.py")):
        new = pieces(*((path, 11, 100) for path in paths))
        assert renamed_files(old, new, set()) == {"src/deep/a.py": "lib/far/a.py"}


def test_a_file_that_stays_is_neither_renamed_nor_an_heir() -> None:
    old, new = pieces(("a.py", 11, 100)), pieces(("b.py", 11, 100))
    assert renamed_files(old, new, {"a.py"}) == {}
    assert renamed_files(old, new, {"b.py"}) == {}


def test_code_that_stands_in_very_many_files_and_code_of_nothing_lead_nowhere() -> None:
    old = pieces(("a.py", 11, 100))
    assert renamed_files(old, pieces(*((f"n{i}.py", 11, 100) for i in range(9))), set()) == {}
    assert renamed_files(pieces(("a.py", 0, 100)), pieces(("b.py", 0, 100)), set()) == {}


def test_a_tenth_of_the_larger_file_must_be_shared() -> None:
    old = pieces(("a.py", 11, 100))
    assert renamed_files(old, pieces(("b.py", 11, 100), ("b.py", 12, 900)), set()) == {"a.py": "b.py"}
    assert renamed_files(old, pieces(("b.py", 11, 100), ("b.py", 12, 901)), set()) == {}
