"""What a path given at a shell means: from where one stands if that exists there, else from the root."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.hosting.standing import glob_from, path_from, reference_from


@pytest.fixture
def root(tmp_path: Path) -> Path:
    top = tmp_path / "top"
    for name in (
        "README.md",
        "src/shop/README.md",
        "src/shop/till.py",
        "src/shop/deep/coin.py",
        "src/other.py",
    ):
        file = top / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    (tmp_path / "outside.py").write_text("")
    return top


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("till.py", "src/shop/till.py"),
        ("./till.py", "src/shop/till.py"),
        ("deep/", "src/shop/deep/"),
        (".", "src/shop"),
        ("../other.py", "src/other.py"),
        ("../..", "."),
        ("README.md", "src/shop/README.md"),  # of two, the one that a shell would open
        ("src/other.py", "src/other.py"),  # not here, so it is seen from the root
        ("none.py", "none.py"),
        ("../../../outside.py", "../../../outside.py"),
        ("", ""),
    ],
)
def test_a_path_begins_where_one_stands_if_it_leads_anywhere_from_there(
    root: Path, given: str, meant: str
) -> None:
    assert path_from(given, root, root / "src/shop") == meant


def test_at_the_root_outside_it_and_without_one_a_path_is_left_as_it_is(root: Path) -> None:
    for top, here in ((root, root), (root, root.parent), (root / "src", root), (None, root / "src/shop")):
        assert path_from("till.py", top, here) == "till.py"
    absolute = str(root / "src/shop/till.py")
    assert path_from(absolute, root, root / "src/shop") == absolute


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("till.py", "src/shop/till.py"),
        ("deep/*.py", "src/shop/deep/*.py"),
        ("de*/coin.py", "de*/coin.py"),
        ("*.py", "*.py"),
        ("src/**", "src/**"),
        ("!deep/**", "!deep/**"),
        ("till.py, deep/*.{py,pyi},!*.md", "src/shop/till.py,src/shop/deep/*.{py,pyi},!*.md"),
    ],
)
def test_a_pattern_begins_where_its_first_folders_are(root: Path, given: str, meant: str) -> None:
    assert glob_from(given, root, root / "src/shop") == meant


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("till.py", "src/shop/till.py"),
        ("till.py::Till.open", "src/shop/till.py::Till.open"),
        ("till.py:3", "src/shop/till.py:3"),
        ("till.py#L3-L9", "src/shop/till.py:3-9"),
        ("src/other.py:3", "src/other.py:3"),
        ("c_abcdefgh2345", "c_abcdefgh2345"),
        ("https://example.org/till.py", "https://example.org/till.py"),
        ("0123abc", "0123abc"),
    ],
)
def test_a_references_path_begins_where_one_stands(root: Path, given: str, meant: str) -> None:
    assert reference_from(given, root, root / "src/shop") == meant
