"""Code that was copied first and deleted later where it stood is not gone, though its id stayed behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.codebase_server.index.test_resolving import EXTRA, NOTIFY, TOTAL, ask, kept, taken

from bridge.agreed.resolution import ReferenceQuery

if TYPE_CHECKING:
    from tests.codebase_server.index.conftest import Project

DESK = """
class Desk:
    def open(self):
        return True

    def sort(self, letters):
        for letter in letters:
            self.trays[letter.street].append(letter)
        return self.trays

    def shut(self):
        return False
"""
LICENCE = (
    '"""Free for all, without any warranty.\n\nSee the licence for what that means in your country.\n"""\n'
)


def linked(project: Project, ref: str) -> ReferenceQuery:
    return ReferenceQuery(ref, snapshot=taken(ask(project, ReferenceQuery(ref), content=True)))


def copy(project: Project, path: str, *to: str) -> None:
    """``cp`` with a look at the copies before ``rm``."""
    for other in to:
        project.write(other, (project.folder / path).read_text())
    project.build()
    (project.folder / path).unlink()
    project.build()


def test_a_function_of_a_copied_file_has_moved(project: Project) -> None:
    project.write("wsgi.py", TOTAL + NOTIFY)
    project.build()
    reference, by_id = linked(project, "wsgi.py::total"), project.id_of("total")
    copy(project, "wsgi.py", "pkg/stream.py")
    found = ask(project, reference)
    assert (found.state, found.file_path, found.symbol) == ("moved", "pkg/stream.py", "total")
    assert found.chunk_id == project.id_of("total", "pkg/stream.py")
    assert found.reason == "Same code, other path or symbol: it stood there before it went here."
    assert found.was is not None
    assert found.was.file_path == "wsgi.py"
    bare = ask(project, ReferenceQuery(by_id))
    assert (bare.state, bare.file_path) == ("moved", "pkg/stream.py")
    assert bare.was is not None
    assert (bare.was.file_path, bare.was.symbol) == ("wsgi.py", "total")


def test_lines_of_a_copied_file_and_the_file_itself_have_moved(project: Project) -> None:
    project.write("wsgi.py", LICENCE + TOTAL + NOTIFY)
    project.build()
    lines, whole = linked(project, "wsgi.py:1-12"), linked(project, "wsgi.py")
    copy(project, "wsgi.py", "pkg/stream.py")
    assert [(one.state, one.file_path) for one in (ask(project, lines), ask(project, whole))] == [
        ("moved", "pkg/stream.py")
    ] * 2


def test_a_copied_class_has_moved_with_members_too_short_to_be_known_alone(project: Project) -> None:
    project.write("desk.py", DESK + TOTAL)
    project.write("room.py", NOTIFY + EXTRA)
    project.build()
    reference = linked(project, "desk.py::Desk")
    assert len(reference.snapshot.chunk_ids) == 4  # type: ignore[union-attr]
    project.write("room.py", NOTIFY + EXTRA + DESK)
    project.build()
    project.write("desk.py", TOTAL)
    project.build()
    found = ask(project, reference)
    assert (found.state, found.file_path, found.symbol) == ("moved", "room.py", "Desk")
    assert len(found.chunk_ids) == 4
    project.write("room.py", NOTIFY + EXTRA + DESK.replace("return False", "return self.lock.turn()"))
    project.build()
    edited = ask(project, reference)
    assert (edited.state, edited.reason) == ("changed", "Of its parts shut is other code.")


def test_a_copy_that_was_edited_after_the_original_had_gone_is_offered(project: Project) -> None:
    project.write("wsgi.py", TOTAL + NOTIFY)
    project.build()
    reference = linked(project, "wsgi.py::total")
    copy(project, "wsgi.py", "stream.py")
    project.write("stream.py", TOTAL.replace("def total", "def whole").replace("result = 0", "result = 1"))
    project.build()
    found = ask(project, reference)
    assert (found.state, found.reason) == ("stale", "No such code is left in this root.")
    assert [(one.file_path, one.symbol) for one in found.candidates] == [("stream.py", "whole")]
    assert 0.5 < found.candidates[0].score < 1.0


def test_of_several_copies_none_is_guessed_and_all_are_told(project: Project) -> None:
    project.write("wsgi.py", TOTAL + NOTIFY)
    project.build()
    reference, whole = linked(project, "wsgi.py::total"), linked(project, "wsgi.py")
    copy(project, "wsgi.py", "one.py", "two.py")
    found = ask(project, reference)
    assert found.state == "stale"
    assert found.reason == (
        "Gone where it stood. The same code stands in 2 other places; whether one is meant cannot be told."
    )
    assert [(one.file_path, one.score) for one in found.candidates] == [("one.py", 1.0), ("two.py", 1.0)]
    file = ask(project, whole)
    assert (file.state, file.reason) == ("stale", "Gone from here; 2 files have the same content.")
    assert [one.file_path for one in file.candidates] == ["one.py", "two.py"]


@pytest.mark.parametrize(
    "code", ["def size(self):\n    return 1\n", LICENCE], ids=["two lines", "without a name"]
)
def test_what_everybody_writes_is_not_taken_for_a_copy(project: Project, code: str) -> None:
    project.write("one.py", code)
    project.write("two.py", code)
    project.write("far.py", TOTAL)
    project.build()
    reference = linked(project, "one.py:1-2")
    (project.folder / "one.py").unlink()
    project.build()
    found = ask(project, reference)
    assert (found.state, [one.file_path for one in found.candidates]) == ("stale", ["two.py"])
    assert "The same code stands in another place" in found.reason


def test_an_equal_method_of_another_class_that_was_always_there_is_only_offered(project: Project) -> None:
    door = DESK.replace("Desk", "Door")
    project.write("desk.py", DESK + NOTIFY)
    project.write("door.py", door)
    project.build()
    reference = linked(project, "desk.py::Desk.sort")
    project.write("desk.py", NOTIFY)
    project.build()
    found = ask(project, reference)
    assert (found.state, [one.symbol for one in found.candidates]) == ("stale", ["Door.sort"])


def test_a_method_that_was_copied_to_another_class_has_moved(project: Project) -> None:
    project.write("desk.py", DESK + NOTIFY)
    project.write("door.py", EXTRA)
    project.build()
    reference = linked(project, "desk.py::Desk.sort")
    project.write("door.py", EXTRA + DESK.replace("Desk", "Door"))
    project.build()
    project.write("desk.py", NOTIFY)
    project.build()
    found = ask(project, reference)
    assert (found.state, found.file_path, found.symbol) == ("moved", "door.py", "Door.sort")


def test_beside_its_living_original_a_copy_is_nobody_s(project: Project) -> None:
    project.write("wsgi.py", TOTAL + NOTIFY)
    project.build()
    reference = linked(project, "wsgi.py::total")
    project.write("stream.py", TOTAL + NOTIFY)
    project.build()
    assert ask(project, reference).state == "valid"
    copied = linked(project, "stream.py::total")
    (project.folder / "stream.py").unlink()
    project.build()
    back = ask(project, copied)
    assert (back.state, back.file_path) == ("moved", "wsgi.py"), "the one place where the code is"


def test_a_function_that_moved_by_a_copy_is_found_by_its_old_file(project: Project) -> None:
    project.write("wsgi.py", TOTAL + NOTIFY)
    project.build()
    copy(project, "wsgi.py", "stream.py")
    found = ask(project, ReferenceQuery("wsgi.py::total"))
    assert found.state == "unresolved"
    assert found.reason == "No file 'wsgi.py' in the index any more: most of its code is now in 'stream.py'."
    assert [(one.file_path, one.symbol) for one in found.candidates] == [("stream.py", "total")]


def test_kept_by_its_id_alone_it_is_the_same(project: Project) -> None:
    project.write("wsgi.py", TOTAL + NOTIFY)
    project.build()
    snapshot = kept(project, "notify")
    copy(project, "wsgi.py", "stream.py")
    found = ask(project, ReferenceQuery(snapshot.chunk_ids[0], snapshot=snapshot), content=True)
    assert (found.state, found.similarity, found.content.strip()) == ("moved", 1.0, NOTIFY.strip())


def test_a_file_that_has_more_than_was_copied_is_no_rival_of_the_copy(project: Project) -> None:
    project.write("wsgi.py", TOTAL + NOTIFY)
    project.write("all.py", TOTAL + NOTIFY + EXTRA)
    project.build()
    reference, whole = linked(project, "wsgi.py::total"), linked(project, "wsgi.py")
    copy(project, "wsgi.py", "stream.py")
    assert [(one.state, one.file_path) for one in (ask(project, reference), ask(project, whole))] == [
        ("moved", "stream.py")
    ] * 2


def test_what_is_too_short_to_be_known_is_where_its_whole_file_was_copied_to(project: Project) -> None:
    project.write("desk.py", DESK)
    project.write("door.py", DESK.replace("Desk", "Door"))
    project.build()
    reference = linked(project, "desk.py::Desk.shut")
    copy(project, "desk.py", "furniture.py")
    found = ask(project, reference)
    assert (found.state, found.file_path, found.symbol) == ("moved", "furniture.py", "Desk.shut")


def test_code_put_back_where_it_once_stood_while_its_heir_is_edited_lives_once(project: Project) -> None:
    """Found by fuzzing: both took the ids, and no pass could be published."""
    project.write("wsgi.py", TOTAL + NOTIFY)
    project.build()
    for before, after in (("wsgi.py", "pkg/stream.py"), ("pkg/stream.py", "wsgi.py")):
        (project.folder / after).parent.mkdir(exist_ok=True)
        (project.folder / before).rename(project.folder / after)
        project.build()
    project.write("pkg/stream.py", TOTAL + NOTIFY)
    project.write("wsgi.py", TOTAL + NOTIFY.replace("outbox", "inbox"))
    project.build()
    with project.index.snapshot() as snapshot:
        ids = [one.chunk_id for path in ("wsgi.py", "pkg/stream.py") for one in snapshot.chunks_in(path)]
    assert len(ids) == len(set(ids)) == 4


def test_code_that_was_moved_and_stands_again_where_it_was_is_valid_there_whatever_becomes_of_the_other(
    project: Project,
) -> None:
    project.write("wsgi.py", TOTAL + NOTIFY)
    project.write("stream.py", EXTRA)
    project.build()
    reference, carried = linked(project, "wsgi.py::total"), project.id_of("total")
    project.write("wsgi.py", NOTIFY)
    project.write("stream.py", EXTRA + TOTAL)
    project.build()
    assert project.place_of(carried) == ("stream.py", "total")
    assert ask(project, reference).state == "moved"
    project.write("wsgi.py", NOTIFY + TOTAL)
    project.build()
    found = ask(project, reference)
    assert (found.state, found.file_path, found.chunk_id) == (
        "valid",
        "wsgi.py",
        project.id_of("total", "wsgi.py"),
    )
    project.write("stream.py", EXTRA + TOTAL.replace("result = 0", "result = 1"))
    project.build()
    found = ask(project, reference)
    assert (found.state, found.file_path) == ("valid", "wsgi.py"), "it is not the one that changed"
    project.write("wsgi.py", NOTIFY + TOTAL.replace("result = 0", "result = 2"))
    project.build()
    found = ask(project, reference)
    assert found.file_path == "stream.py", "neither is as it was: the id tells which was meant"


def test_a_copy_under_another_name_is_offered_for_what_was_deleted_later(project: Project) -> None:
    """Written under the new name first, deleted under the old one in a later pass."""
    project.write("shop.py", TOTAL)
    project.build()
    reference = linked(project, "shop.py::total")
    project.write("till.py", TOTAL.replace("total", "sum_up") + NOTIFY)
    project.build()
    project.write("shop.py", EXTRA)
    project.build()
    found = ask(project, reference)
    assert found.state == "stale"
    assert [(one.symbol, one.score) for one in found.candidates] == [("sum_up", 0.999)]
    assert "The same code stands in another place" in found.reason


def test_what_has_no_code_in_it_has_no_equals(project: Project) -> None:
    """Two pages of comments say the same to whoever leaves comments out; they are no copies."""
    project.write("one.py", "# what to buy for the shop\n# and where\n# and when\n")
    project.write("two.py", "# who to ask for a loan, and what to tell them\n# of last year\n")
    project.build()
    reference = linked(project, "one.py:1-3")
    (project.folder / "one.py").unlink()
    project.build()
    found = ask(project, reference)
    assert (found.state, found.candidates) == ("stale", ())
