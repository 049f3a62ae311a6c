"""What commits and diffs say of work."""

from __future__ import annotations

import pytest

from workflow_server.references.commits import Touched, touched, trailers

DIFF = """diff --git a/src/a.py b/src/a.py
--- a/src/a.py
+++ b/src/a.py
@@ -10,4 +10,5 @@ def f():
 one
--- two
+++ two
+three
 four
 five
@@ -40 +41 @@
-x
+y
diff --git a/old name.py b/new.py
--- a/old name.py
+++ b/new.py
@@ -1,2 +1 @@
-a
 b
diff --git a/fresh.py b/fresh.py
--- /dev/null
+++ b/fresh.py
@@ -0,0 +1 @@
+new
diff --git a/gone.py b/gone.py
--- a/gone.py
+++ /dev/null
@@ -1,3 +0,0 @@
-1
-2
-3
"""


def test_the_places_a_diff_touches_are_those_before_it() -> None:
    assert touched(DIFF) == [
        Touched("src/a.py", 11, 11),
        Touched("src/a.py", 40, 40),
        Touched("old name.py", 1, 1),
        Touched("fresh.py", 0, 0),
        Touched("gone.py", 1, 3),
    ]


def hunk(*lines: str, start: int = 20) -> str:
    old = sum(not line.startswith("+") for line in lines)
    new = sum(not line.startswith("-") for line in lines)
    return "\n".join(["--- a/a.py", "+++ b/a.py", f"@@ -{start},{old} +{start},{new} @@", *lines, ""])


@pytest.mark.parametrize(
    ("lines", "places"),
    [
        ((" a", " b", " c", "-d", "+D", " e", " f", " g"), [(23, 23)]),
        (("-a", " b", " c", "-d", "-e", "+x", " f"), [(20, 20), (23, 24)]),
        ((" end of one", "+its new last line", " ", " another"), [(20, 20)]),
        ((" end of one", " ", "+a new one", "+", " another"), [(21, 21)]),
        (("+first of the file", " a"), [(19, 19)]),
        ((" a", "+b", "-c", "+d", " e"), [(21, 21)]),
        ((" a\fb", "-c", "+d"), [(21, 21)]),
        ((" a", "-b", "\\ No newline at end of file", "+b", "\\ No newline at end of file"), [(21, 21)]),
    ],
)
def test_the_context_of_a_change_is_no_part_of_it(
    lines: tuple[str, ...], places: list[tuple[int, int]]
) -> None:
    """Two functions stand three lines apart: a change in one is not about the other."""
    assert touched(hunk(*lines)) == [Touched("a.py", *place) for place in places]


def test_an_added_line_that_looks_like_the_head_of_a_file_is_none() -> None:
    diff = hunk(" a", "+++ b/other.py", "+--- a/other.py") + hunk("-z", start=4).replace("a.py", "b.py")
    assert touched(diff) == [Touched("a.py", 20, 20), Touched("b.py", 4, 4)]


def test_a_diff_without_context_names_the_line_above_what_it_adds() -> None:
    diff = "--- a/a.py\n+++ b/a.py\n@@ -5,0 +6,2 @@\n+x\n+y\n@@ -9 +11,0 @@\n-z\n"
    assert touched(diff) == [Touched("a.py", 5, 5), Touched("a.py", 9, 9)]


def test_a_diff_that_was_cut_is_read_as_far_as_it_goes() -> None:
    assert touched("--- a/a.py\n+++ b/a.py\n@@ -5,9 +5,9 @@\n x\n-y") == [Touched("a.py", 6, 6)]


def test_names_that_git_quotes_are_read_as_they_are() -> None:
    quoted = """diff --git "a/src/gr\\303\\274n \\"x\\".py" "b/src/gr\\303\\274n \\"x\\".py"
--- "a/src/gr\\303\\274n \\"x\\".py"
+++ "b/src/gr\\303\\274n \\"x\\".py"
@@ -3 +3 @@
-old
+new
--- /dev/null
+++ "b/src/new\\tfile.py"
@@ -0,0 +1 @@
+new
"""
    assert touched(quoted) == [Touched('src/grün "x".py', 3, 3), Touched("src/new\tfile.py", 0, 0)]


def test_trailers_name_items_once_and_in_order() -> None:
    lines = ["Fix it", "", "Tandem: wi_abc2def wi_bbbbbbb", "Tandem: wi_abc2def", "Not Tandem: wi_ccccccc"]
    message = "\n".join([*lines, "Tandem: nothing", ""])
    assert trailers(message) == ["wi_abc2def", "wi_bbbbbbb"]
