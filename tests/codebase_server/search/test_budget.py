"""Packing into a budget: never over it, never a cut line."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from codebase_server.search.answer.budget import (
    BRIEF_CHARACTERS,
    CHARACTERS_PER_TOKEN,
    HEAD_CHARACTERS,
    brief,
    cost,
    pack,
    preview,
    trim,
)
from codebase_server.search.request import SearchHit


def hit(content: str, path: str = "a.py", start: int = 10) -> SearchHit:
    return SearchHit(
        "c_1", ("c_1",), path, start, start + content.count("\n"), content, 0.5, "python", "code", "f"
    )


def worth(text: str, ends: Sequence[int]) -> dict[int, float]:
    assert ends[-1] == len(text) + 1
    return {number: 1.0 for number, line in enumerate(text.split("\n")) if "needle" in line}


def test_whole_results_come_before_trimmed_ones() -> None:
    big, small = hit("x\n" * 400 + "needle"), hit("def f():\n    return 1", "b.py")
    shown, left_out = pack([big, small], 120, worth)
    assert left_out
    assert [h.file_path for h in shown] == ["a.py", "b.py"]
    assert shown[1] == small
    assert shown[0].trimmed


def test_trimming_keeps_the_lines_that_matter_and_their_numbers() -> None:
    content = "\n".join(["def f():", *["    pass"] * 50, "    needle()", *["    pass"] * 50])
    cut = trim(hit(content), 120, worth)
    assert cut is not None
    assert "    needle()" in cut.content.split("\n")
    assert content.split("\n")[cut.start_line - 10 : cut.end_line - 9] == cut.content.split("\n")


@given(
    st.lists(st.sampled_from(["", "  ", "x", "x = 1", "needle", "a needle()"]), min_size=4),
    st.integers(0, 40),
)
def test_of_all_runs_of_lines_that_fit_none_is_worth_more_than_what_is_shown(
    lines: list[str], room: int
) -> None:
    def value(start: int, end: int) -> float:
        own = [("needle" in line) + (1e-3 if line.strip() else 0) for line in lines[start:end]]
        return sum(own) + (0.5 if start == 0 and end else 0)

    lines = ["f", *lines]
    cut = trim(hit("\n".join(lines), start=0), room + len("python") + 10, worth, fewest=0)
    assert cut is not None
    fitting = [
        value(start, end)
        for end in range(len(lines) + 1)
        for start in range(end + 1)
        if sum(len(line) + 1 for line in lines[start:end]) <= room
    ]
    shown = value(cut.start_line, cut.end_line + 1)
    assert shown >= max(fitting) - 1e-6


def test_the_first_result_is_named_even_without_room_for_its_code() -> None:
    shown, left_out = pack([hit("x" * 4000)], 5, worth)
    assert [(h.chunk_id, h.content) for h in shown] == [("c_1", "")]
    assert left_out


def test_a_plain_result_of_long_lines_is_brief_all_the_same() -> None:
    one_fits = brief(hit("\n".join(["y" * 900, "needle" + "x" * 700, "z" * 900])), worth)
    assert one_fits.content.startswith("needle")
    assert len(one_fits.content) <= BRIEF_CHARACTERS
    none_fits = brief(hit("\n".join(["y" * 3000, "needle" + "x" * 3000])), worth)
    assert none_fits.content.startswith("needle")
    assert (none_fits.start_line, none_fits.end_line, none_fits.trimmed) == (11, 11, True)


def test_places_without_code_are_never_trimmed() -> None:
    places = [hit("x\n" * 40, start=n)._replace(content="") for n in range(1, 30)]
    shown, left_out = pack(places, 60, worth)
    assert left_out
    assert all((h.end_line, h.trimmed) == (h.start_line + 40, False) for h in shown)


def test_a_preview_is_short_and_holds_what_was_asked() -> None:
    cut = preview(hit("\n".join([*["pass"] * 30, "needle", *["pass"] * 30])), worth)
    assert "needle" in cut.content
    assert cut.content.count("\n") < 6


@given(
    st.lists(st.lists(st.text("ab needle", max_size=30), min_size=1, max_size=30), max_size=8),
    st.integers(1, 800),
)
def test_no_budget_is_exceeded_and_no_line_is_cut(contents: list[list[str]], budget: int) -> None:
    hits = [hit("\n".join(lines), f"{i}.py") for i, lines in enumerate(contents)]
    shown, _ = pack(hits, budget, worth)
    if len(shown) > 1 or (shown and shown[0].content):
        assert sum(map(cost, shown)) + HEAD_CHARACTERS <= budget * CHARACTERS_PER_TOKEN
    for result in shown:
        lines = contents[int(result.file_path.split(".")[0])]
        if result.content:
            assert result.content == "\n".join(lines[result.start_line - 10 : result.end_line - 9])


def test_what_is_shown_of_a_long_result_neither_begins_nor_ends_with_an_empty_line() -> None:
    content = "\n".join(
        [*["x = 1"] * 9, "", "", "def f():", "    needle()", "    return 1", "", "", *["y = 2"] * 9]
    )
    shown = preview(hit(content), worth)
    lines = shown.content.split("\n")
    assert lines[0].strip()
    assert lines[-1].strip()
    assert lines == content.split("\n")[shown.start_line - 10 : shown.end_line - 9]


def test_the_best_result_is_shown_in_part_rather_than_the_third_in_whole() -> None:
    best = hit("\n".join(["def f():", *["    pass"] * 40, "    needle()", *["    pass"] * 40]))
    others = [hit("def g():\n" + "    return 1\n" * 8, f"{name}.py") for name in "bc"]
    shown, _ = pack([best, *others], 100, worth)
    assert shown[0].file_path == "a.py"
    assert "needle()" in shown[0].content
    assert sum(map(cost, shown)) + HEAD_CHARACTERS <= 100 * CHARACTERS_PER_TOKEN


def joined() -> SearchHit:
    """Three chunks in one result, of which the second is the best."""
    parts = ["class A:", *["    # needle"] * 20], ["    def f(self):", "        return 1"], ["    x = 1"] * 20
    content = "\n".join(line for part in parts for line in part)
    whole = hit(content)._replace(chunk_id="c_2", chunk_ids=("c_1", "c_2", "c_3"))
    return whole._replace(best=(10 + 21, 10 + 22))


def test_of_joined_chunks_that_do_not_fit_the_best_one_is_shown() -> None:
    shown, _ = pack([joined()], 60, worth)
    assert shown[0].content == "    def f(self):\n        return 1"
    assert (shown[0].start_line, shown[0].end_line, shown[0].chunk_ids) == (31, 32, ("c_2",))
    assert not shown[0].trimmed


def test_a_preview_of_joined_chunks_is_of_the_best_one() -> None:
    assert preview(joined(), worth).content == "    def f(self):\n        return 1"


def test_warnings_take_room_too() -> None:
    hits = [hit("def g():\n    return 1", f"{name}.py") for name in "abcdef"]
    without, _ = pack(hits, 130, worth)
    beside, _ = pack(hits, 130, worth, ["w" * 200])
    assert sum(map(cost, beside)) + HEAD_CHARACTERS + 200 <= 130 * CHARACTERS_PER_TOKEN
    assert 0 < len(beside) < len(without)
