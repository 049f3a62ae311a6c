"""What the lines of an ignore file mean: the last line that speaks of a path decides, as in git."""

from __future__ import annotations

import subprocess
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codebase_server.files.ignore import MAX_VAGUE_RULES, MAX_WILDCARD_RULES, IgnoreRules, IgnoreTree

LINES = (
    "# a comment", "", "   ", "/", "*.log", "!keep.log", "build/", "/only_here", "doc/*.txt",
    "!doc/read.txt", "deep/**/x?", "trailing\\ ", "[broken", "a/b", "**/cache/**",
)  # fmt: skip
PATHS = (
    "a.log", "keep.log", "x/keep.log", "build", "build/a", "only_here", "x/only_here", "doc/a.txt",
    "doc/read.txt", "doc/x/a.txt", "deep/x1", "deep/y/z/x2", "trailing ", "trailing", "[broken", "a/b",
    "x/a/b", "x/cache/y", "plain.py", "#", "archive.tar.log",
)  # fmt: skip


def test_it_says_what_git_says(tmp_path: Path) -> None:
    """The same lines, asked of git itself for every path."""
    (tmp_path / ".gitignore").write_text("\n".join(LINES) + "\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    for path in PATHS:
        target = tmp_path / path
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.mkdir() if path == "build" else target.write_text("")
    given = "\0".join(PATHS)
    told = subprocess.run(
        ["git", "check-ignore", "--stdin", "-z", "--no-index"],
        cwd=tmp_path, input=given, capture_output=True, text=True, check=False,
    )  # fmt: skip
    by_git = set(told.stdout.split("\0")) - {""}
    tree = IgnoreTree(str(tmp_path), (".gitignore",))
    tree.load("")
    ours = {
        path
        for path in PATHS
        if (tree.ignores_file(path) if path != "build" else tree.ignores(path, is_folder=True))
    }
    assert ours == by_git


@pytest.mark.parametrize(
    "line",
    [
        "x[[]", "x[[a]", "x[a&&b]", "x[a||b]", "x[a~~b]", "x[--0]", "x[!--0]", "x[+--]",
        r"x[\[a]", r"x[a\]b]", r"x[a\-c]", r"x[+\--0]", r"x[^\]]", "x[!a-f^]", "x[]a]", "x[z-ab]", "x[a-c-e]",
        "x[[:digit:]_]", "x[![:punct:]]", "x[[:alnum:]", "x[[:nothing:]]", "x[[:]", "x[a", "//xa", "x[a/b]",
    ],
)  # fmt: skip
def test_a_set_of_signs_means_what_git_means(tmp_path: Path, line: str) -> None:
    """A warning of what regular expressions may once understand otherwise would fail the test, as all do
    here; a server would print it."""
    (tmp_path / ".gitignore").write_text(f"{line}\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    names = [f"x{chr(sign)}" for sign in range(33, 127) if chr(sign) not in "/"]
    told = subprocess.run(
        ["git", "check-ignore", "--stdin", "-z", "--no-index"],
        cwd=tmp_path, input="\0".join(names), capture_output=True, text=True, check=False,
    )  # fmt: skip
    rules = IgnoreRules([line])
    ours = {name for name in names if rules.verdict(name, is_folder=False)}
    assert ours == set(told.stdout.split("\0")) - {""}


SIGNS = (
    "a",
    "b",
    "A",
    "0",
    " ",
    "#",
    ".",
    ":",
    "-",
    "^",
    "!",
    "?",
    "*",
    "/",
    "\\",
    "[",
    "]",
    "[a-c]",
    "[!a]",
    "[:alpha:]",
)
NAMES = st.lists(st.text("abA0 #.:-^!\\[]", min_size=1, max_size=3), min_size=1, max_size=2)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    lines=st.lists(st.lists(st.sampled_from(SIGNS), min_size=1, max_size=6), min_size=20, max_size=40),
    paths=st.lists(NAMES, min_size=20, max_size=40),
)
def test_any_line_says_what_git_says(lines: list[list[str]], paths: list[list[str]]) -> None:
    """One line a folder, so that git is asked once; without two stars in a row."""
    written = ["".join(signs) for signs in lines if ("*", "*") not in pairwise(signs)]
    names = sorted({"/".join(path) for path in paths if not {".", ".."} & {*path}})
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        for number, line in enumerate(written):
            Path(folder, f"d{number}").mkdir()
            Path(folder, f"d{number}", ".gitignore").write_text(f"{line}\n")
        asked = [(f"d{number}/{name}", line, name) for number, line in enumerate(written) for name in names]
        told = subprocess.run(
            ["git", "check-ignore", "--stdin", "-z", "--no-index"],
            cwd=folder, input="\0".join(place for place, _, _ in asked),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    by_git = set(told.stdout.split("\0")) - {""}
    for place, line, name in asked:
        rules, top = IgnoreRules([line]), name.partition("/")[0]
        ours = rules.verdict(name, is_folder=False) or (top != name and rules.verdict(top, is_folder=True))
        assert bool(ours) == (place in by_git), (line, name)


@pytest.mark.parametrize("line", ["", "# a comment", "/", "///", "!"])
def test_a_line_that_says_nothing_makes_no_rule(line: str) -> None:
    assert IgnoreRules([line]).empty


def test_a_later_plain_line_wins_over_an_earlier_wildcard_and_the_other_way_round() -> None:
    assert IgnoreRules(["k*p.log", "!keep.log"]).verdict("keep.log", is_folder=False) is False
    assert IgnoreRules(["!keep.log", "k*p.log"]).verdict("keep.log", is_folder=False) is True
    assert IgnoreRules(["k*p.log"]).verdict("other", is_folder=False) is None


def test_a_wildcard_for_folders_leaves_files_alone() -> None:
    rules = IgnoreRules(["o*t/"])
    assert rules.verdict("out", is_folder=True) is True
    assert rules.verdict("out", is_folder=False) is None


def test_wildcards_have_an_end_and_plain_lines_have_none() -> None:
    many = [f"a{number}_*z" for number in range(MAX_WILDCARD_RULES + 1)]
    rules = IgnoreRules([*many, "plain"])
    assert rules.verdict(f"a{MAX_WILDCARD_RULES - 1}_z", is_folder=False) is True
    assert rules.verdict(f"a{MAX_WILDCARD_RULES}_z", is_folder=False) is None, "one too many"
    assert rules.verdict("plain", is_folder=False) is True


PIECES = st.lists(
    st.sampled_from(
        ["*", "?", "**/", "/", "abc", "ab", "c", ".py", "[ab]", "[!c]", "\\a", "\\*", "!", " ", "x"]
    ),
    min_size=1,
    max_size=6,
).map("".join)


@given(
    lines=st.lists(PIECES, max_size=8),
    paths=st.lists(st.text("abcx.py/* !", min_size=1, max_size=10), max_size=6),
)
@settings(max_examples=400, deadline=None)
def test_many_lines_are_looked_up_by_what_a_path_must_have_and_say_the_same(
    lines: list[str], paths: list[str]
) -> None:
    few = IgnoreRules(lines)
    many = IgnoreRules([*lines[:4], *(f"*filler{number}*" for number in range(60)), *lines[4:]])
    for path in paths:
        for is_folder in (True, False):
            assert many.verdict(path, is_folder) == few.verdict(path, is_folder), path


def test_vague_wildcards_end_sooner_than_those_that_name_something() -> None:
    rules = IgnoreRules([*(f"?{number % 10}*" for number in range(MAX_VAGUE_RULES)), "?x*", "*named*"])
    assert rules.verdict("a5", is_folder=False) is True
    assert rules.verdict("ax", is_folder=False) is None, "one too many"
    assert rules.verdict("is named so", is_folder=False) is True


def test_what_is_excluded_by_the_user_is_excluded_whatever_the_files_say(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("!generated.py\n")
    tree = IgnoreTree(str(tmp_path), (".gitignore",), exclude=["generated.*", "vendor/"])
    tree.load("")
    assert tree.ignores("generated.py", is_folder=False)
    assert tree.ignores_file("vendor/deep/a.py")
    assert not tree.ignores_file("src/a.py")
    empty = IgnoreTree(str(tmp_path), ("none",), exclude=["vendor/"])
    empty.load("")
    assert not empty.ignores("a.py", is_folder=False)
