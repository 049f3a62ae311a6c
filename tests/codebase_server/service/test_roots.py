"""Which root a call is about: served ones, known ones, and never a new one from an argument."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from codebase_server.service import CodebaseService
from codebase_server.service.errors import (
    RootAmbiguousError,
    RootNeededError,
    RootRefusedError,
    RootUnknownError,
)
from codebase_server.service.roots import Root, Roots, repository_around
from codebase_server.settings import load


def repository(folder: Path) -> Path:
    (folder / ".git").mkdir(parents=True)
    return folder


def roots(
    working_folder: Path,
    *named: Path,
    known: tuple[Root, ...] = (),
    project: Path | None = None,
) -> Roots:
    return Roots(
        named,
        known=lambda: known,
        identify=lambda folder: f"r_{folder.name}",
        working_folder=working_folder,
        environment={"CLAUDE_PROJECT_DIR": str(project)} if project else {},
    )


def test_named_roots_win_over_where_the_server_stands(tmp_path: Path) -> None:
    here, named = repository(tmp_path / "here"), tmp_path / "named"
    named.mkdir()
    assert roots(here, named).select(None).path == named


def test_the_default_is_the_repository_around_the_working_directory(tmp_path: Path) -> None:
    top = repository(tmp_path / "top")
    (top / "src" / "deep").mkdir(parents=True)
    assert roots(top / "src" / "deep").select(None).path == top


def test_then_the_project_of_the_host(tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    assert roots(tmp_path, project=project).select(None).path == project


def test_then_the_roots_of_the_client(tmp_path: Path) -> None:
    offered = tmp_path / "offered"
    offered.mkdir()
    selecting = roots(tmp_path)
    with pytest.raises(RootNeededError):
        selecting.select(None)
    assert selecting.offer([offered, tmp_path / "missing"])
    assert selecting.select(None).path == offered


def test_client_roots_never_replace_roots_that_were_found(tmp_path: Path) -> None:
    here, offered = repository(tmp_path / "here"), tmp_path / "offered"
    offered.mkdir()
    selecting = roots(here)
    assert selecting.select(None).path == here
    selecting.offer([offered])
    assert selecting.select(None).path == here
    with pytest.raises(RootUnknownError):
        selecting.select(str(offered))


def test_without_any_the_error_says_where_it_looked_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RootNeededError) as raised:
        roots(tmp_path).select(None)
    assert str(tmp_path) in raised.value.message
    assert "--root DIR" in raised.value.hint


def test_a_plain_folder_is_never_taken_because_one_stands_in_it(tmp_path: Path) -> None:
    with pytest.raises(RootNeededError):
        roots(tmp_path).select(None)
    assert roots(tmp_path, Path()).select(None).path == tmp_path, "but when it is named"


def test_several_served_roots_must_be_named_and_are_listed(tmp_path: Path) -> None:
    one, two = repository(tmp_path / "one"), repository(tmp_path / "two")
    selecting = roots(tmp_path, one, two)
    with pytest.raises(RootAmbiguousError) as raised:
        selecting.select(None)
    assert str(one) in raised.value.hint
    assert "r_two" in raised.value.hint
    assert selecting.select(str(two)).path == two
    assert selecting.select("r_one").path == one


def test_a_path_inside_a_root_means_the_innermost_root_around_it(tmp_path: Path) -> None:
    outer = repository(tmp_path / "outer")
    inner = repository(outer / "inner")
    (inner / "src").mkdir()
    assert roots(tmp_path, outer, inner).select(str(inner / "src")).path == inner


def test_roots_of_the_data_folder_can_be_chosen_but_not_added(tmp_path: Path) -> None:
    here, other, new = (repository(tmp_path / name) for name in ("here", "other", "new"))
    selecting = roots(here, known=(Root(other, "r_other"),))
    assert selecting.select("r_other").path == other
    assert selecting.select(str(other)).path == other
    with pytest.raises(RootUnknownError) as raised:
        selecting.select(str(new))
    assert str(new) in raised.value.message
    assert str(other) in raised.value.hint


def test_the_name_of_a_folder_means_its_root_where_no_other_has_it(tmp_path: Path) -> None:
    shop, farm = repository(tmp_path / "a" / "shop"), repository(tmp_path / "farm")
    same = repository(tmp_path / "b" / "shop")
    assert roots(tmp_path, shop, farm).select("shop").path == shop
    assert roots(tmp_path, shop, known=(Root(same, "r_same"),)).select("shop").path == shop, "it is served"
    with pytest.raises(RootUnknownError):
        roots(tmp_path, shop, same).select("shop")


@pytest.mark.parametrize("given", ["", "\0", "~nobody-here/x", "../..", "/", "r_"])
def test_odd_names_are_unknown_and_never_an_accident(tmp_path: Path, given: str) -> None:
    here = repository(tmp_path / "a" / "b")
    with pytest.raises(RootUnknownError):
        roots(here).select(given or str(tmp_path))


def test_the_file_system_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RootRefusedError, match="not indexed as one project"):
        roots(tmp_path, Path("/")).select(None)


def test_a_link_to_a_root_is_that_root(tmp_path: Path) -> None:
    here = repository(tmp_path / "here")
    link = tmp_path / "link"
    link.symlink_to(here)
    assert roots(here).select(str(link)).path == here


def test_a_worktrees_git_file_marks_a_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: elsewhere")
    assert repository_around(tmp_path) == tmp_path


def test_a_bare_repository_is_told_as_one(tmp_path: Path) -> None:
    bare = tmp_path / "shop.git"
    (bare / "objects").mkdir(parents=True)
    (bare / "HEAD").write_text("ref: refs/heads/main")
    for folder in (bare, bare / "objects"):
        with pytest.raises(RootNeededError, match=r"bare repository.*name a checkout of it"):
            roots(folder).select(None)


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_folder_whose_name_is_no_text_in_this_locale_is_refused_with_the_remedy(tmp_path: Path) -> None:
    here = Path(os.fsdecode(os.fsencode(tmp_path) + b"/m\xf6n"))
    here.mkdir()
    repository(here)
    for selecting in (roots(tmp_path, here), roots(here)):
        with pytest.raises(RootRefusedError) as refused:
            selecting.select(None)
        assert "PYTHONUTF8=1" in refused.value.hint
        refused.value.message.encode("ascii")


def test_a_folder_below_a_root_means_the_root_and_the_answer_says_that_it_is_of_all_of_it(
    tmp_path: Path,
) -> None:
    root = repository(tmp_path / "top")
    for path in ("lib/job.py", "tests/test_job.py"):
        (root / path).parent.mkdir()
        (root / path).write_text(f"def {path[:3]}_job():\n    return 1\n")
    service = CodebaseService(load({"root": (root,), "data_dir": str(tmp_path / "data")}, {}))
    try:
        service.index_repository()
        for answer in (
            service.search_code("job", root=str(root / "lib")),
            service.find_symbol("tes_job", root=str(root / "lib")),
            service.outline(root=str(root / "lib")),
        ):
            assert answer["warnings"][0] == f"The root is {root}, all of it: give `path` 'lib' for that part."
        for answer in (
            service.search_code("job", root=str(root)),
            service.search_code("job", root=root.name),
            service.search_code("job", root=str(root / "lib"), path="lib"),
        ):
            assert not any("all of it" in warning for warning in answer["warnings"])
    finally:
        service.close()


def test_a_repository_with_several_checkouts_is_no_name_of_one(tmp_path: Path) -> None:
    named = [repository(tmp_path / name) for name in ("first", "second", "third")]
    several = Roots(
        named,
        known=lambda: (),
        identify=lambda folder: "r_third" if folder.name == "third" else "r_same",
        working_folder=tmp_path,
        environment={},
    )
    with pytest.raises(RootAmbiguousError) as refused:
        several.select("r_same")
    assert refused.value.text == (
        f"'r_same' has 2 checkouts. Pass `root` as one of: {tmp_path / 'first'}, {tmp_path / 'second'}."
    )
    assert several.select("r_third").path == tmp_path / "third"
    with pytest.raises(RootAmbiguousError) as unnamed:
        several.select(None)
    assert unnamed.value.text.endswith(
        f"{tmp_path / 'first'}, {tmp_path / 'second'}, {tmp_path / 'third'} (r_third)."
    )


def test_a_served_checkout_is_meant_before_one_that_is_only_known(tmp_path: Path) -> None:
    served, other = repository(tmp_path / "served"), repository(tmp_path / "other")
    both = Roots(
        [served],
        known=lambda: (Root(other, "r_same"),),
        identify=lambda folder: "r_same",
        working_folder=tmp_path,
        environment={},
    )
    assert both.select("r_same").path == served
