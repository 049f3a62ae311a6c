"""A root has as many absolute names as there are links to it; a path given by any of them is understood."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from codebase_server.service import CodebaseService
from codebase_server.service.errors import PathOutsideRootError
from codebase_server.service.paths import glob_inside, inside, within
from codebase_server.settings import load

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")


@dataclass(frozen=True)
class World:
    service: CodebaseService
    root: Path
    link: Path
    deeper: Path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A root, a link to the folder that it lies in, and a link to a folder in it."""
    folder = tmp_path_factory.mktemp("links").resolve()
    root = folder / "real" / "shop"
    (root / "src").mkdir(parents=True)
    (root / "src" / "pay.py").write_text("def charge(card):\n    return card.charge()\n", encoding="utf-8")
    (root / "README.md").write_text("# Shop\n", encoding="utf-8")
    (folder / "link").symlink_to(folder / "real")
    (folder / "deeper").symlink_to(root / "src")
    (folder / "secret.py").write_text("key = 1\n", encoding="utf-8")
    (root / "out").symlink_to(folder)
    settings = load({"root": (folder / "link" / "shop",), "data_dir": str(folder / "data")}, {})
    service = CodebaseService(settings)
    service.index_repository()
    yield World(service, root, folder / "link" / "shop", folder / "deeper")
    service.close()


def test_outline_search_and_symbol_take_the_path_that_the_person_sees(world: World) -> None:
    for path in (f"{world.link}/src/pay.py", f"{world.deeper}/pay.py", f"{world.root}/src/pay.py"):
        assert [row["symbol"] for row in world.service.outline(path)["entries"]] == ["charge"], path
    for path in (f"{world.link}/src/", f"{world.link}/src/*.py", f"{world.deeper}/*.py"):
        found = world.service.search_code("charge a card", path=path)["results"]
        assert {result["file_path"] for result in found} == {"src/pay.py"}, path
        assert world.service.find_symbol("charge", path=path)["results"], path


def test_a_reference_through_a_link_is_found_and_kept_by_its_place_in_the_root(world: World) -> None:
    refs = [f"{world.link}/src/pay.py::charge", f"{world.link}/src/pay.py:2", f"{world.deeper}/pay.py"]
    asked = {"references": [{"ref": ref, "root": str(world.root)} for ref in refs]}
    answers = world.service.resolve(asked)["references"]
    assert [(one["state"], one["file_path"]) for one in answers] == [("valid", "src/pay.py")] * 3


def test_a_trace_with_paths_through_a_link_asks_for_these_files(world: World) -> None:
    trace = f'  File "{world.link}/src/pay.py", line 2, in charge\n  File "/usr/lib/python3/ast.py", line 9'
    told = '  File "src/pay.py", line 2, in charge\n  File "/usr/lib/python3/ast.py", line 9'
    assert within(trace, world.root) == told
    assert within(f"who serves /api/users in {world.link}?", world.root).startswith(
        "who serves /api/users in "
    )


def test_a_link_inside_the_root_is_named_as_it_is_written(world: World, tmp_path: Path) -> None:
    (world.root / "alias").symlink_to(world.root / "src")
    assert inside("alias/pay.py", world.root) == "alias/pay.py"
    assert inside(f"{world.link}/alias/pay.py", world.root) == "alias/pay.py"
    (world.root / "alias").unlink()


def test_each_of_several_globs_is_relative_to_the_root(world: World) -> None:
    assert (
        glob_inside(f"{world.root}/src/*.py, ./docs,!{world.root}/src/x", world.root)
        == "src/*.py,docs,!src/x"
    )
    with pytest.raises(PathOutsideRootError):
        glob_inside("src,!/etc/*", world.root)


def test_no_link_leads_out_of_the_root(world: World) -> None:
    for path in (
        "out/secret.py",
        f"{world.link}/out/secret.py",
        f"{world.link}/../../secret.py",
        "/etc/passwd",
    ):
        with pytest.raises(PathOutsideRootError):
            inside(path, world.root)
    for glob in (f"{world.link.parent}/*.py", "/etc/*", f"{world.link}/../*"):
        with pytest.raises(PathOutsideRootError):
            glob_inside(glob, world.root)
