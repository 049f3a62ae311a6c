"""What the page on platforms says of dependencies is true of the ones that are asked for and pinned."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "platforms.md").read_text()


def wanted(name: str, extras: frozenset[str], found: dict[str, set[str]]) -> None:
    """Every distribution that an installation of ``name`` brings along here, with the extras asked of it."""
    known = found.setdefault(canonicalize_name(name), set())
    if known >= extras | {""}:
        return
    known |= extras | {""}
    try:
        requires = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return
    for each in map(Requirement, requires):
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in known):
            wanted(each.name, frozenset(each.extras), found)


def test_every_compiled_dependency_is_in_the_table_of_wheels_with_its_tested_version() -> None:
    table = dict(re.findall(r"^\| ([\w-]+) (\d[\w.]*) \|", PAGE, re.MULTILINE))
    table = {str(canonicalize_name(name)): version for name, version in table.items()}
    pinned = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    constraints = {str(canonicalize_name(name)): version for name, version in pinned}
    assert table == {name: constraints[name] for name in table}
    found: dict[str, set[str]] = {}
    wanted("tandem-mcp", frozenset(), found)
    compiled = {
        name
        for name in found
        for distribution in metadata.distributions(name=name)
        if any(file.suffix in (".so", ".pyd", ".dylib") for file in distribution.files or ())
    }
    assert len(compiled) >= 6
    assert compiled <= set(table)


def test_the_command_for_alpine_names_every_dependency_but_the_one_that_has_no_wheel_there() -> None:
    (command,) = re.findall(r"\$ pip install (mcp [^`$]+?)\n  \$ pip install --no-deps", PAGE)
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {canonicalize_name(Requirement(one).name) for one in asked}
    assert {canonicalize_name(one) for one in command.split() if one != "\\"} == names - {"semble-grammars"}
