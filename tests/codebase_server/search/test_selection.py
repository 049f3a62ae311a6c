"""What is shown: adjoining chunks as one, no file over and over, no code twice, always in one order."""

from collections import Counter
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from codebase_server.search.answer.selection import LONGEST_JOINED, Group, Ranked
from codebase_server.search.answer.selection import select as select_in_order


def ranked(index: int, score: float, path: str, start: int, end: int) -> Ranked:
    return Ranked(-score, path, start, index, hash(path) % 1000, end)


def select(ranked: list[Ranked], limit: int, crowding: float, content: Callable[[int], str]) -> list[Group]:
    return select_in_order(sorted(ranked), limit, crowding, content)


def unique(index: int) -> str:
    return f"line of chunk {index}"


def test_adjoining_chunks_of_a_file_become_one_result_named_after_the_best() -> None:
    groups = select(
        [ranked(0, 5, "a.py", 11, 20), ranked(1, 4, "a.py", 1, 10), ranked(2, 3, "a.py", 40, 50)],
        10,
        0,
        unique,
    )
    assert [(g.best.row, [m.row for m in g.members]) for g in groups] == [(0, [1, 0]), (2, [2])]
    assert (groups[0].start_line, groups[0].end_line) == (1, 20)


def test_a_join_never_grows_past_what_can_be_read() -> None:
    groups = select(
        [ranked(0, 5, "a.py", 1, 100), ranked(1, 4, "a.py", 101, LONGEST_JOINED + 1)], 10, 0, unique
    )
    assert len(groups) == 2


def test_a_crowding_file_lets_others_in() -> None:
    chunks = [ranked(i, 5 - i * 0.1, "a.py", 100 * i, 100 * i + 5) for i in range(4)] + [
        ranked(4, 4.0, "b.py", 1, 9)
    ]
    assert [g.best.path for g in select(chunks, 3, 1.0, unique)] == ["a.py", "b.py", "a.py"]


def test_the_same_code_elsewhere_is_shown_once() -> None:
    code = "def a():\n    return 1\n    # x"
    chunks = [ranked(0, 5, "a.py", 1, 3), ranked(1, 4, "copy/a.py", 1, 3), ranked(2, 3, "b.py", 1, 3)]
    shown = select(chunks, 10, 0, lambda i: code if i < 2 else "other")
    assert [g.best.row for g in shown] == [0, 2]


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from("abc"), st.integers(0, 20)),
        max_size=20,
        unique_by=lambda t: t[1:],
    ),
    st.integers(1, 8),
)
def test_each_result_is_the_best_left_after_what_its_file_lost(
    rows: list[tuple[int, str, int]], limit: int
) -> None:
    chunks = [ranked(i, float(s), p, 10 * n + 1, 10 * n + 5) for i, (s, p, n) in enumerate(rows)]
    chosen = [group.best for group in select(chunks, limit, 0.5, unique)]
    assert len(chosen) == min(limit, len(chunks))
    expected: list[Ranked] = []
    while len(expected) < len(chosen):
        of_file = Counter(one.path for one in expected)
        left = [one._replace(behind=one.behind + 0.5 * of_file[one.path]) for one in chunks]
        taken = {one.row for one in expected}
        best = min(one for one in left if one.row not in taken)
        expected.append(chunks[best.row])
    assert chosen == expected


def test_the_second_half_of_an_answer_shows_other_files_first() -> None:
    chunks = [ranked(i, 50.0 - i, "a.py", 100 * i + 1, 100 * i + 5) for i in range(9)]
    chunks += [ranked(9 + i, 9.0 - i, f"{i}.py", 1, 9) for i in range(3)]
    chosen = select_in_order(sorted(chunks), 12, 0.0, unique, spread=True)
    shown = [group.best.path for group in chosen]
    assert shown[:5] == ["a.py"] * 5
    assert shown[5:8] == ["0.py", "1.py", "2.py"]
    assert shown[8:] == ["a.py"] * 4


def test_what_follows_many_copies_stays_in_order() -> None:
    chunks = [ranked(i, 20.0 - i, "a.py", 100 * i + 1, 100 * i + 5) for i in range(9)]
    shown = select(chunks, 2, 5.0, lambda row: "a copy" if row < 5 else unique(row))
    assert [group.best.row for group in shown] == [0, 5]
