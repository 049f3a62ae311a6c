"""References to whole files, and to code that this index never knew: found by what was kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.codebase_server.index.test_resolving import EXTRA, NOTIFY, TOTAL, ask, kept

from bridge.agreed.resolution import ReferenceQuery
from bridge.agreed.snapshots import Snapshot as Kept

if TYPE_CHECKING:
    from tests.codebase_server.index.conftest import Project


def linked_file(project: Project, path: str) -> ReferenceQuery:
    """A reference to a file with the snapshot that was kept of it."""
    found = ask(project, ReferenceQuery(path), content=True)
    assert (found.state, found.file_path) == ("valid", path)
    return ReferenceQuery(
        path,
        snapshot=Kept(
            repository="r_test", path=path, content_hash=found.content_hash, code=found.content, symbol=""
        ),
    )


def test_a_file_as_it_was_linked_is_valid_and_an_edited_one_changed(project: Project) -> None:
    project.write("shop.py", TOTAL)
    project.build()
    reference = linked_file(project, "shop.py")
    assert ask(project, reference).state == "valid"
    project.write("shop.py", TOTAL + NOTIFY)
    project.build()
    found = ask(project, reference)
    assert (found.state, found.reason) == ("changed", "Same path, other content.")
    assert found.was is not None
    assert found.was.file_path == "shop.py"


def test_a_renamed_file_has_moved(project: Project) -> None:
    project.write("shop.py", TOTAL)
    project.build()
    reference = linked_file(project, "shop.py")
    (project.folder / "shop.py").rename(project.folder / "till.py")
    project.build()
    found = ask(project, reference)
    assert (found.state, found.file_path, found.reason) == ("moved", "till.py", "Same content, other path.")


def test_a_file_whose_code_lives_in_another_has_changed(project: Project) -> None:
    project.write("shop.py", TOTAL + NOTIFY)
    project.write("library.py", EXTRA)
    project.build()
    reference = linked_file(project, "shop.py")
    (project.folder / "shop.py").unlink()
    project.write("library.py", EXTRA + TOTAL + NOTIFY)
    project.build()
    found = ask(project, reference)
    assert (found.state, found.file_path) == ("changed", "library.py")
    assert found.reason == "Most of its code is now in this file."


def test_a_file_that_is_gone_is_stale_and_says_what_it_was(project: Project) -> None:
    project.write("shop.py", TOTAL)
    project.write("library.py", EXTRA)
    project.build()
    reference = linked_file(project, "shop.py")
    (project.folder / "shop.py").unlink()
    project.build()
    found = ask(project, reference)
    assert found.state == "stale"
    assert found.was is not None
    assert found.was.file_path == "shop.py"
    unknown = ReferenceQuery("never.py", snapshot=Kept(repository="r_test", path="never.py", code="x = 1\n"))
    assert ask(project, unknown).state == "stale", "nothing of it ever stood here"


def test_a_file_that_git_still_lists_is_gone_when_it_was_deleted(project: Project) -> None:
    """With ``rm``, not ``git rm``."""
    project.git("init", "-q")
    project.write("shop.py", TOTAL)
    project.write("desk.py", NOTIFY)
    project.git("add", "-A")
    project.git("commit", "-q", "-m", "first")
    project.build()
    reference = linked_file(project, "shop.py")
    (project.folder / "shop.py").unlink()
    project.build()
    assert ask(project, reference).state == "stale"
    never = ask(project, ReferenceQuery("shop.py"))
    assert (never.state, never.reason) == ("unresolved", "No file 'shop.py' in the index.")


def test_a_file_that_is_left_out_is_unchecked_not_gone(project: Project) -> None:
    project.write("shop.py", TOTAL)
    project.build()
    reference = linked_file(project, "shop.py")
    project.write(".gitignore", "shop.py\n")
    project.write("library.py", EXTRA)
    project.build()
    assert ask(project, reference).state == "unchecked"


def test_a_file_twice_the_same_is_not_guessed(project: Project) -> None:
    project.write("shop.py", TOTAL)
    project.build()
    reference = linked_file(project, "shop.py")
    (project.folder / "shop.py").unlink()
    project.write("one.py", TOTAL)
    project.write("two.py", TOTAL)
    project.build()
    found = ask(project, reference)
    assert found.reason != "Same content, other path.", "two files have it"


def foreign(project: Project, symbol: str) -> ReferenceQuery:
    """A reference whose id this index never gave: all there is to go by is what was kept."""
    snapshot = replace(kept(project, symbol), chunk_ids=("c_zzzzzzzzzzzz",))
    return ReferenceQuery("c_zzzzzzzzzzzz", snapshot=snapshot)


def test_code_of_an_id_that_was_never_given_is_found_where_it_stood(project: Project) -> None:
    project.write("shop.py", TOTAL + NOTIFY)
    project.build()
    found = ask(project, foreign(project, "total"))
    assert (found.state, found.symbol) == ("valid", "total")


def test_the_only_one_with_this_code_is_taken_and_of_two_neither(project: Project) -> None:
    project.write("shop.py", TOTAL + NOTIFY)
    project.build()
    reference = foreign(project, "total")
    assert reference.snapshot is not None
    elsewhere = replace(reference, snapshot=replace(reference.snapshot, path="old.py"))
    assert ask(project, elsewhere).state == "moved"
    project.write("again.py", TOTAL + NOTIFY)
    project.build()
    found = ask(project, elsewhere)
    assert found.state == "stale"
    assert {one.file_path for one in found.candidates} == {"shop.py", "again.py"}
    assert {one.score for one in found.candidates} == {1.0}


def test_similar_code_in_its_place_has_changed_and_nothing_alike_is_stale(project: Project) -> None:
    project.write("shop.py", TOTAL + NOTIFY)
    project.build()
    reference = foreign(project, "total")
    assert reference.snapshot is not None
    project.write("shop.py", TOTAL.replace("round(result, 2)", "round(result, 3)") + NOTIFY)
    project.build()
    assert ask(project, reference).state == "changed"
    nothing = replace(
        reference, snapshot=replace(reference.snapshot, code="", content_hash="0" * 32, symbol="")
    )
    assert ask(project, nothing).state == "stale", "nothing was kept to go by"
    unlike = replace(
        reference,
        snapshot=replace(
            reference.snapshot, symbol="", path="gone.py", content_hash="0" * 32,
            code="class Tree:\n    height = 3\n    leaves = 'green'\n",
        ),
    )  # fmt: skip
    assert ask(project, unlike).state == "stale"
