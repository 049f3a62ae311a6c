"""What commits and diffs say of work."""

from __future__ import annotations

import pytest

from workflow_server.references.commits import Touched, about, touched, trailers

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
        Touched("src/a.py", 10, 13),
        Touched("src/a.py", 40, 40),
        Touched("old name.py", 1, 2),
        Touched("fresh.py", 0, 0),
        Touched("gone.py", 1, 3),
    ]


@pytest.mark.parametrize(
    ("record", "met"),
    [
        ({"ref": "c_abcdefgh2345", "snapshot": {"path": "src/a.py", "start_line": 1, "end_line": 10}}, True),
        (
            {"ref": "c_abcdefgh2345", "snapshot": {"path": "src/a.py", "start_line": 14, "end_line": 39}},
            False,
        ),
        ({"ref": "src/a.py:40"}, True),
        ({"ref": "src/a.py:41"}, False),
        ({"ref": "src/a.py"}, True),
        ({"ref": "src/b.py:40"}, False),
    ],
)
def test_a_reference_is_about_a_diff_when_its_lines_meet(record: dict[str, object], met: bool) -> None:
    assert about([record], touched(DIFF)) == ([record["ref"]] if met else [])


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
