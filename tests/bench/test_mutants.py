"""What the bench of mutants says: no test of the area fails for a survivor, whose patch makes it again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mutmut")
pytest.importorskip("coverage")
if sys.platform == "win32":
    pytest.skip("each change is tried in a fork", allow_module_level=True)

from bench.mutants import changes, noticing

CODE = """
import functools


@functools.cache
def prices():
    return priced(7)


def priced(amount):
    return amount * 2


class Basket:
    def first(self):
        return priced(1)

    def again(self):
        return priced(1)
"""
LOOKS_ONLY = "import shop\n\ndef test_there_are_prices():\n    assert shop.prices()\n"
KNOWS = "import shop\n\ndef test_what_they_are():\n    assert shop.prices() == 14\n"
STARTS = """
import subprocess, sys, shop

def test_what_a_process_says():
    script = "import shop; print(shop.Basket().again())"
    assert subprocess.check_output([sys.executable, "-c", script], text=True) == "2\\n"
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tree = tmp_path / "tree"
    for name, text in {
        "src/shop.py": CODE,
        "tests/test_a.py": LOOKS_ONLY,
        "tests/test_b.py": KNOWS,
        "tests/test_c.py": STARTS,
        "pytest.ini": "[pytest]\n",
    }.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    monkeypatch.setattr(changes, "HERE", tree)
    return tree


def one(words: str) -> changes.Change:
    """The one change whose patch holds these words."""
    (found,) = [one for one in changes.changes(["src/*.py"]) if words in changes.difference(one)]
    return found


def test_what_was_kept_by_the_first_test_is_noticed_by_a_later_one_of_another_file(tree: Path) -> None:
    known = noticing.reach(["tests/test_a.py", "tests/test_b.py"], tree, tree)
    change = one("+    return amount * 3")
    assert known.through(change) == ["tests/test_a.py::test_there_are_prices"], "the other had them from it"
    assert noticing.noticed(change, known, tree) == "killed"


def test_what_runs_in_processes_of_tests_alone_is_noticed(tree: Path) -> None:
    known = noticing.reach(["tests/test_c.py"], tree, tree)
    assert (
        noticing.noticed(
            one("Basket.again\n-        return priced(1)\n+        return priced(2)"), known, tree
        )
        == "killed"
    )
    assert (
        noticing.noticed(
            one("Basket.first\n-        return priced(1)\n+        return priced(2)"), known, tree
        )
        == "not reached"
    )


def test_of_two_changes_in_the_same_words_the_patch_makes_the_one_that_it_tells_of(tree: Path) -> None:
    change = one("Basket.again\n-        return priced(1)\n+        return priced(2)")
    patch = ["git", "apply", "--unidiff-zero", "-"]
    subprocess.run(patch, cwd=tree, input=changes.difference(change), text=True, check=True)
    assert (tree / "src/shop.py").read_text() == changes.changed_source(change)
    assert "first(self):\n        return priced(1)" in changes.changed_source(change)
