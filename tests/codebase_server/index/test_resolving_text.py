"""References written as text: a file, a definition in it, lines of it; found, changed, moved or in vain."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.codebase_server.index.test_resolving import EXTRA, NOTIFY, TOTAL, ask, kept

from bridge.agreed.resolution import ReferenceQuery, Resolution
from bridge.agreed.snapshots import Snapshot as Kept

if TYPE_CHECKING:
    from tests.codebase_server.index.conftest import Project

DESK = """
class Desk:
    def open(self, key):
        return self.lock.turn(key)


class Door:
    def open(self, key):
        return self.hinge.swing(key)
"""


MANY = """\
def first(one):
    total = one.first_of_all() + 1
    return total * one.weight


def second(two):
    for each in two.parts:
        each.polish(two.cloth)


def third(three):
    while three.is_open():
        three.lock.turn(three.key)
"""


@pytest.fixture
def shop(project: Project) -> Project:
    project.write("shop.py", TOTAL + NOTIFY)
    project.write("tools/desk.py", DESK)
    project.build()
    return project


def text(project: Project, ref: str, snapshot: Kept | None = None, *, content: bool = False) -> Resolution:
    return ask(project, ReferenceQuery(ref, snapshot=snapshot), content=content)


def of_file(project: Project, path: str) -> Kept:
    """What a work item keeps of a whole file."""
    found = text(project, path)
    return Kept(
        repository="r_test", chunk_ids=(), path=path, content_hash=found.content_hash, code="the beginning"
    )


def lines(project: Project, path: str) -> int:
    return len((project.folder / path).read_text().splitlines())


# -- a file


def test_a_file_is_found_whole(shop: Project) -> None:
    found = text(shop, "shop.py")
    assert (found.state, found.file_path, found.start_line, found.end_line) == (
        "valid", "shop.py", 1, lines(shop, "shop.py"),
    )  # fmt: skip
    assert (found.root, found.repository, found.was, found.reason) == (
        str(shop.folder), "r_test", None, "",
    )  # fmt: skip
    assert re.fullmatch("[0-9a-f]{32}", found.content_hash)
    assert text(shop, f"{shop.folder}/shop.py").file_path == "shop.py"


def test_an_untouched_file_is_valid_a_written_one_changed_and_both_tell_what_was(shop: Project) -> None:
    snapshot = of_file(shop, "shop.py")
    assert text(shop, "shop.py", snapshot).state == "valid"
    assert text(shop, "shop.py", replace(snapshot, content_hash="")).state == "valid"
    shop.write("shop.py", TOTAL)
    shop.build()
    found = text(shop, "shop.py", snapshot)
    assert (found.state, found.file_path, found.reason) == (
        "changed", "shop.py", "Same path, other content.",
    )  # fmt: skip
    assert found.was is not None
    assert (found.was.file_path, found.was.content, found.was.content_hash) == (
        "shop.py", "the beginning", snapshot.content_hash,
    )  # fmt: skip


def test_a_file_under_another_name_has_moved(shop: Project) -> None:
    snapshot = of_file(shop, "shop.py")
    (shop.folder / "shop.py").rename(shop.folder / "tools" / "till.py")
    shop.build()
    found = text(shop, "shop.py", snapshot)
    assert (found.state, found.file_path, found.reason) == (
        "moved", "tools/till.py", "Same content, other path.",
    )  # fmt: skip
    assert found.was is not None
    assert found.was.file_path == "shop.py"


def test_of_two_copies_of_a_file_that_is_gone_neither_is_taken_for_it(shop: Project) -> None:
    shop.write("a/one.txt", "nothing but words\n")
    shop.build()
    snapshot = of_file(shop, "a/one.txt")
    for copy in ("b/one.txt", "c/one.txt"):
        shop.write(copy, "nothing but words\n")
    shop.build()
    (shop.folder / "a" / "one.txt").unlink()
    shop.build()
    assert text(shop, "a/one.txt", snapshot).state == "stale"


def test_a_file_whose_code_went_into_another_is_changed_there(shop: Project) -> None:
    snapshot = of_file(shop, "shop.py")
    shop.write("tools/till.py", EXTRA + TOTAL + NOTIFY)
    (shop.folder / "shop.py").unlink()
    shop.build()
    found = text(shop, "shop.py", snapshot)
    assert (found.state, found.file_path, found.reason) == (
        "changed", "tools/till.py", "Most of its code is now in this file.",
    )  # fmt: skip


def test_a_file_of_which_less_than_half_went_into_another_is_stale(shop: Project) -> None:
    shop.write("many.py", MANY)
    shop.build()
    snapshot = of_file(shop, "many.py")
    shop.write("tools/few.py", MANY.split("\n\n\n")[0] + "\n")
    (shop.folder / "many.py").unlink()
    shop.build()
    found = text(shop, "many.py", snapshot)
    assert (found.state, found.reason) == ("stale", "No such code is left in this root.")


def test_a_file_that_is_gone_is_stale_with_what_is_known_of_it(shop: Project) -> None:
    snapshot = of_file(shop, "shop.py")
    (shop.folder / "shop.py").unlink()
    shop.build()
    found = text(shop, "shop.py", snapshot)
    assert (found.state, found.reason) == ("stale", "No such code is left in this root.")
    assert found.was is not None
    assert (found.was.file_path, found.was.content, found.was.content_hash) == (
        "shop.py", "the beginning", snapshot.content_hash,
    )  # fmt: skip


def test_a_file_that_is_there_and_not_indexed_is_unchecked_never_stale(shop: Project) -> None:
    snapshot = of_file(shop, "shop.py")
    (shop.folder / "shop.py").write_bytes(b"\0\1\2" * 500)
    shop.build()
    for asked in (snapshot, None):
        found = text(shop, "shop.py", asked)
        assert (found.state, found.reason) == ("unchecked", "'shop.py' is not indexed: binary.")


def test_a_path_that_never_was_is_unresolved_and_near_ones_are_named(shop: Project) -> None:
    found = text(shop, "shop/desk.py")
    assert found.state == "unresolved"
    assert found.reason == "No file 'shop/desk.py' in the index. Did you mean tools/desk.py?"
    assert text(shop, "zebra.rs").reason == "No file 'zebra.rs' in the index."


# -- a definition


def test_a_definition_is_found_by_its_whole_name_or_a_clear_end_of_it(shop: Project) -> None:
    found = text(shop, "tools/desk.py::Desk.open", content=True)
    assert (found.state, found.symbol, found.file_path) == ("valid", "Desk.open", "tools/desk.py")
    assert found.content.startswith("    def open(self, key):\n        return self.lock")
    assert text(shop, "tools/desk.py::Desk#open").chunk_id == found.chunk_id
    assert text(shop, "shop.py::total").symbol == "total"


def test_an_unclear_name_is_told_with_the_names_to_choose_from(shop: Project) -> None:
    found = text(shop, "tools/desk.py::open")
    assert found.state == "unresolved"
    assert found.reason == "'open' is ambiguous in 'tools/desk.py': write one of Desk.open, Door.open."
    assert {candidate.symbol for candidate in found.candidates} >= {"Desk.open", "Door.open"}
    assert {candidate.file_path for candidate in found.candidates} == {"tools/desk.py"}


def test_a_name_that_is_elsewhere_is_offered_never_taken(shop: Project) -> None:
    found = text(shop, "tools/desk.py::total")
    assert (found.state, found.reason) == ("unresolved", "No definition 'total' in 'tools/desk.py'.")
    best = found.candidates[0]
    assert (best.file_path, best.symbol) == ("shop.py", "total")
    assert text(shop, "nowhere.py::total").reason.startswith("No file 'nowhere.py' in the index.")


def test_a_definition_that_changed_or_moved_is_held_against_what_was_kept(shop: Project) -> None:
    snapshot = kept(shop, "total")
    shop.write("shop.py", TOTAL.replace("round(result, 2)", "math.floor(result)") + NOTIFY)
    shop.build()
    assert text(shop, "shop.py::total", snapshot).state == "changed"
    shop.write("shop.py", NOTIFY)
    shop.write("tools/till.py", EXTRA + TOTAL)
    shop.build()
    found = text(shop, "shop.py::total", snapshot)
    assert (found.state, found.file_path, found.chunk_id) == (
        "moved", "tools/till.py", snapshot.chunk_ids[0],
    )  # fmt: skip


# -- lines


def test_lines_are_the_chunks_that_own_them(shop: Project) -> None:
    both = text(shop, f"shop.py:1-{lines(shop, 'shop.py')}", content=True)
    assert len(both.chunk_ids) == len(both.chunk_hashes) >= 2
    assert both.chunk_id == both.chunk_ids[0]
    with shop.index.snapshot() as snapshot:
        placed = [snapshot.live_chunks([one])[one] for one in both.chunk_ids]
    assert both.chunk_hashes == tuple(one.content_hash for one in placed)
    assert (both.state, both.start_line, both.end_line) == ("valid", 1, lines(shop, "shop.py"))
    assert both.symbol == ""
    assert "def total" in both.content
    assert "def notify" in both.content
    one = text(shop, "shop.py:2")
    assert (one.symbol, one.chunk_ids) == ("total", (one.chunk_id,))


def test_lines_that_were_linked_follow_their_chunks_and_tell_the_worst(shop: Project) -> None:
    both = text(shop, f"shop.py:1-{lines(shop, 'shop.py')}")
    snapshot = Kept(
        repository="r_test", chunk_ids=both.chunk_ids, chunk_hashes=both.chunk_hashes, path="shop.py"
    )
    shop.write("shop.py", "# prices\n\n" + TOTAL.lstrip() + NOTIFY)
    shop.build()
    found = text(shop, "shop.py:1-9", snapshot)
    assert found.chunk_ids == both.chunk_ids
    assert (found.start_line, found.end_line) == (3, lines(shop, "shop.py"))
    shop.write("shop.py", TOTAL + NOTIFY.replace("letter.number", "None"))
    shop.build()
    assert text(shop, "shop.py:1-9", snapshot).state == "changed"


def test_lines_that_are_not_there_are_told_from_files_that_are_not(shop: Project) -> None:
    assert text(shop, "shop.py:999").reason == "'shop.py' has no line 999 in the index."
    assert text(shop, "zebra.rs:9").reason == "No file 'zebra.rs' in the index."


# -- ids that this index never knew


def test_an_id_without_anything_kept_is_stale_for_having_never_been(shop: Project) -> None:
    found = text(shop, "c_neverknown22")
    assert (found.state, found.was, found.reason) == ("stale", None, "This index never had it.")


def test_an_id_of_another_index_is_placed_by_the_hash_or_by_the_code_alone(shop: Project) -> None:
    known = kept(shop, "total")
    for snapshot in (
        replace(known, chunk_ids=("c_neverknown22",), code=""),
        replace(known, chunk_ids=("c_neverknown22",), content_hash=""),
    ):
        found = text(shop, "c_neverknown22", snapshot)
        assert (found.state, found.chunk_id) == ("valid", known.chunk_ids[0])
        assert "c_neverknown22" in found.reason


def test_code_of_another_index_that_is_nowhere_is_stale_with_what_was_kept(shop: Project) -> None:
    snapshot = Kept(
        repository="r_test",
        chunk_ids=("c_neverknown22",),
        path="far/away.py",
        symbol="orbit",
        start_line=3,
        end_line=5,
        content_hash="0" * 32,
        code="def orbit(moon):\n    return moon.period ** 2 / moon.axis ** 3\n",
    )
    found = text(shop, "c_neverknown22", snapshot)
    assert (found.state, found.reason) == ("stale", "No such code is left in this root.")
    assert found.was is not None
    assert (found.was.file_path, found.was.symbol, found.was.start_line, found.was.end_line) == (
        "far/away.py", "orbit", 3, 5,
    )  # fmt: skip
    assert found.was.content == snapshot.code


def test_the_dead_tell_when_they_died_in_universal_time(shop: Project) -> None:
    gone = shop.id_of("notify")
    shop.write("shop.py", TOTAL)
    shop.build()
    died = 1_700_000_000
    connection = shop.index.database.writer()
    connection.execute("UPDATE tombstone SET died_at = ?", (died,))
    connection.close()
    found = text(shop, gone)
    assert found.was is not None
    assert datetime.strptime(found.was.died_at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp() == died


def test_an_unfinished_index_says_of_no_text_that_it_names_nothing(shop: Project) -> None:
    shop.index._pending = 3
    for ref in ("shop/desk.py", "tools/desk.py::nothing", "shop.py:999"):
        found = text(shop, ref)
        assert (found.state, found.reason) == ("unchecked", "The index of this root is not finished yet.")


def test_a_statement_that_left_its_loop_is_other_code_where_indentation_is_meaning(shop: Project) -> None:
    snapshot = kept(shop, "total")
    shop.write("shop.py", TOTAL.replace("    return round", "        return round") + NOTIFY)
    shop.build()
    assert text(shop, "shop.py::total", snapshot).state == "changed"


def test_code_of_another_index_that_only_resembles_some_names_it_with_a_score(shop: Project) -> None:
    known = kept(shop, "total")
    alike = TOTAL.strip().replace(
        "result += line.amount * rates[line.currency]", "self.tell(line)\n        pass"
    )
    snapshot = replace(known, chunk_ids=("c_neverknown22",), path="far.py", content_hash="0" * 32, code=alike)
    found = text(shop, "c_neverknown22", snapshot)
    assert found.state == "stale"
    best = found.candidates[0]
    assert (best.file_path, best.symbol) == ("shop.py", "total")
    assert 0.3 < best.score < 1.0


LIMITS = '"""Numbers of the shop."""\n\nMOST_LINES = 40\nMOST_TILLS = 3\n'


def test_a_constant_means_the_chunk_that_it_shares(shop: Project) -> None:
    shop.write("limits.py", LIMITS)
    shop.build()
    found = text(shop, "limits.py::MOST_TILLS", content=True)
    assert found.state == "valid"
    assert "MOST_TILLS = 3" in found.content
    linked = replace(
        kept(shop, "total"),
        chunk_ids=(found.chunk_id,),
        path="limits.py",
        symbol=found.symbol,
        content_hash=found.content_hash,
        code=found.content,
    )
    shop.write("limits.py", LIMITS.replace("40", "50"))
    shop.build()
    after = text(shop, "limits.py::MOST_TILLS", linked)
    assert after.state == "valid"
    shop.write("limits.py", LIMITS.replace("MOST_TILLS = 3\n", ""))
    shop.build()
    after = text(shop, "limits.py::MOST_TILLS", linked)
    assert after.state == "changed"
    assert after.reason.startswith("'MOST_TILLS' is no longer defined in it.")


@pytest.mark.parametrize("name", ["total", "Till.close", "Till::close"])
def test_a_name_without_its_file_is_told_the_files_that_define_it(shop: Project, name: str) -> None:
    shop.write("till.py", "class Till:\n    def close(self):\n        return self.drawer.shut()\n")
    shop.build()
    found = text(shop, name)
    assert found.state == "unresolved"
    assert found.reason.endswith(f"A definition is written path::{name}; find_symbol tells where it is.")
    place = "shop.py" if name == "total" else "till.py"
    assert [one.file_path for one in found.candidates] == [place]


def test_a_name_without_its_file_that_many_bear_is_not_told_where(shop: Project) -> None:
    for number in range(9):
        shop.write(
            f"till{number}.py", f"class Till{number}:\n    def close(self):\n        return {number}\n"
        )
    shop.build()
    assert [one.file_path for one in text(shop, "Till3.close").candidates] == ["till3.py"]
    found = text(shop, "close")
    assert found.candidates == ()
    assert found.reason.endswith("A definition is written path::close; find_symbol tells where it is.")


def test_a_name_without_its_file_is_told_the_chunk_that_holds_it(shop: Project) -> None:
    shop.write("limits.py", LIMITS)
    shop.build()
    for name in ("MOST_TILLS", "elsewhere.py::MOST_TILLS"):
        assert [one.file_path for one in text(shop, name).candidates] == ["limits.py"]


def test_a_file_that_is_not_there_is_not_taken_for_a_name(shop: Project) -> None:
    found = text(shop, "shopping.py")
    assert (found.reason, found.candidates) == ("No file 'shopping.py' in the index.", ())


def test_what_is_no_reference_to_code_is_told_what_it_is(shop: Project) -> None:
    for ref, told in {
        "wi_abcdefg": "'wi_abcdefg' is the id of a work item, not of code: "
        "get_work_item of workflow-server shows it.",
        "c_abc": "'c_abc' is no chunk id: those are c_ and 12 of the letters a-z and digits 2-7.",
        "r_abcdefgh": "'r_abcdefgh' is the id of a repository, not of code in it.",
        "zebras": "No file 'zebras' in the index. "
        "A definition is written path::zebras; find_symbol tells where it is.",
    }.items():
        found = text(shop, ref)
        assert (found.state, found.reason) == ("unresolved", told)


def test_a_folder_is_told_from_a_file_that_is_not_there(shop: Project) -> None:
    for path in ("tools", "tools/"):
        found = text(shop, path)
        assert found.state == "unresolved"
        assert found.reason.startswith("'tools' is a folder, and no reference follows one. Name a file in it")
