"""Texts that name nothing, or no longer what they named: what is taken for them, and what is only offered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.codebase_server.index.test_resolving import EXTRA, NOTIFY, TOTAL, ask, kept

from bridge.agreed.resolution import ReferenceQuery, Resolution
from bridge.agreed.snapshots import Snapshot as Kept

if TYPE_CHECKING:
    from tests.codebase_server.index.conftest import Project

VALVES = """
class Valve:
    def open_slowly(self, hand):
        return hand.turn(self.thread)

    def close(self, hand):
        return hand.turn(-self.thread)


class Gate:
    def close(self, key):
        return key.drop(self.bolt)
"""


@pytest.fixture
def works(project: Project) -> Project:
    project.write("shop.py", TOTAL + NOTIFY)
    project.write("plant/valves.py", VALVES)
    project.write("old/plant/valves.py", VALVES.replace("Valve", "OldValve").replace("Gate", "OldGate"))
    project.build()
    return project


def text(project: Project, ref: str, snapshot: Kept | None = None, **asked: bool) -> Resolution:
    return ask(project, ReferenceQuery(ref, snapshot=snapshot), **asked)


def offered(found: Resolution) -> list[tuple[str, str, float]]:
    return [(one.file_path, one.symbol, one.score) for one in found.candidates]


# -- offered, never taken


def test_a_slip_of_the_pen_is_offered_with_how_near_it_is(works: Project) -> None:
    found = text(works, "plant/valves.py::Valve.open_slowy")
    assert (found.state, found.chunk_id) == ("unresolved", "")
    assert found.reason == "No definition 'Valve.open_slowy' in 'plant/valves.py'."
    (best,) = found.candidates
    assert (best.file_path, best.symbol) == ("plant/valves.py", "Valve.open_slowly")
    assert best.chunk_id == works.id_of("Valve.open_slowly", "plant/valves.py")
    assert best.score == round(0.9 * 2 * 10 / 21, 3), (
        "nine tenths of the ratio of ten letters shared by 10 and 11"
    )
    assert (best.start_line, best.end_line) == (2, 4)


def test_letters_small_or_large_are_a_slip_too(works: Project) -> None:
    assert offered(text(works, "plant/valves.py::OPEN_SLOWLY")) == [
        ("plant/valves.py", "Valve.open_slowly", 0.9)
    ]


def test_a_name_that_is_like_none_is_offered_nothing(works: Project) -> None:
    found = text(works, "plant/valves.py::pressure")
    assert (found.state, found.candidates) == ("unresolved", ())


def test_the_same_name_in_a_file_whose_path_ends_alike_is_offered_before_the_name_anywhere(
    works: Project,
) -> None:
    works.write("lib/till.py", EXTRA + "\n\ndef total(x):\n    return x.total\n")
    works.build()
    found = text(works, "till.py::total")
    assert found.reason == "No file 'till.py' in the index. Did you mean lib/till.py?"
    assert offered(found) == [("lib/till.py", "total", 0.9), ("shop.py", "total", 0.8)]


def test_a_name_that_two_classes_have_is_asked_back_and_both_are_offered(works: Project) -> None:
    found = text(works, "plant/valves.py::close")
    assert found.state == "unresolved"
    assert found.reason == (
        "'close' is ambiguous in 'plant/valves.py': write one of Valve.close, Gate.close."
    )
    assert offered(found) == [
        ("plant/valves.py", "Valve.close", 0.9), ("plant/valves.py", "Gate.close", 0.9),
    ]  # fmt: skip


def test_the_wrong_class_is_no_ambiguity(works: Project) -> None:
    found = text(works, "plant/valves.py::Gate.open_slowly")
    assert found.reason == "No definition 'Gate.open_slowly' in 'plant/valves.py'."
    assert offered(found) == [("plant/valves.py", "Valve.open_slowly", 0.9)]


def test_of_several_chunks_of_a_symbol_the_longest_stands_for_it_and_no_more_than_five_are_told(
    project: Project,
) -> None:
    project.write(
        "a.py", "".join(f"class C{at}:\n    def run(self):\n        return {at}\n\n\n" for at in range(7))
    )
    short, long = "def go(x):\n    return x\n", "def go(x):\n    y = x + 1\n    return y\n"
    project.write("b/one.py", f"{short}\n\n{long}\n\n{short}")
    project.build()
    assert len(text(project, "a.py::run").candidates) == 5
    (best,) = text(project, "b/one.py::other.go").candidates
    assert best.start_line == 5


def test_of_several_files_of_a_name_the_shortest_path_is_told_first(works: Project) -> None:
    found = text(works, "valves.py")
    assert found.reason == (
        "No file 'valves.py' in the index. Did you mean plant/valves.py or old/plant/valves.py?"
    )
    assert text(works, "else/valves.py").reason == (
        "No file 'else/valves.py' in the index. Did you mean plant/valves.py or old/plant/valves.py?"
    )


# -- a definition that was linked


def test_a_linked_definition_that_died_is_taken_for_what_bears_its_name_in_its_file(works: Project) -> None:
    snapshot = replace(kept(works, "total"), chunk_ids=("c_neverknown22",))
    found = text(works, "shop.py::total", snapshot, content=True)
    assert (found.state, found.chunk_id) == ("valid", works.id_of("total"))
    assert found.similarity == 1.0
    other = replace(snapshot, content_hash="0" * 32, code=TOTAL.strip().replace("round", "floor"))
    changed = text(works, "shop.py::total", other)
    assert (changed.state, changed.chunk_id) == ("changed", works.id_of("total"))
    assert changed.was is not None
    assert (changed.was.file_path, changed.was.symbol, changed.was.content) == (
        "shop.py",
        "total",
        other.code,
    )
    cut = text(works, "shop.py::total", replace(other, truncated=True))
    assert (cut.similarity or 0) > (changed.similarity or 1) - 0.2


def test_a_linked_definition_whose_name_is_gone_too_is_found_by_its_code_or_stale(works: Project) -> None:
    snapshot = replace(kept(works, "total"), chunk_ids=("c_neverknown22",))
    works.write("shop.py", TOTAL.replace("total", "sum_of") + NOTIFY)
    works.build()
    renamed = text(works, "shop.py::total", replace(snapshot, code="", content_hash="0" * 32))
    assert (renamed.state, renamed.reason) == ("stale", "No such code is left in this root.")
    gone = works.id_of("notify")
    died = kept(works, "notify")
    works.write("shop.py", EXTRA)
    works.build()
    found = text(works, "shop.py::notify", died)
    assert (found.state, died.chunk_ids) == ("stale", (gone,))
    assert found.was is not None
    assert found.was.symbol == "notify"


def test_a_definition_kept_as_text_alone_is_resolved_by_its_name(works: Project) -> None:
    never = Kept(repository="r_test", path="shop.py", symbol="nothing")
    assert text(works, "shop.py::nothing", never).state == "unresolved"
    named = Kept(repository="r_test", path="shop.py", symbol="total")
    found = text(works, "shop.py::total", named)
    assert (found.state, found.similarity, found.was) == ("valid", None, None)


# -- code of another index


def test_code_in_another_formatting_is_the_same_code(works: Project) -> None:
    known = kept(works, "total")
    reformatted = known.code.replace("(lines, rates)", "(\n    lines,\n    rates,\n)").replace(
        "result = 0", "result = 0  # nothing yet"
    )
    snapshot = replace(known, chunk_ids=("c_neverknown22",), content_hash="0" * 32, code=reformatted)
    found = text(works, "c_neverknown22", replace(snapshot, path="far.py"))
    assert (found.state, found.chunk_id, found.similarity) == ("moved", known.chunk_ids[0], 1.0)


def test_of_two_that_are_about_as_alike_neither_is_taken(works: Project) -> None:
    known = kept(works, "total")
    one, two = (TOTAL.replace("round(result, 2)", f"round(result, {digits})") for digits in (3, 4))
    works.write("shop.py", NOTIFY)
    works.write("one.py", one)
    works.write("two.py", two)
    works.build()
    snapshot = replace(known, chunk_ids=("c_neverknown22",), content_hash="0" * 32)
    found = text(works, "c_neverknown22", snapshot)
    assert found.state == "stale"
    assert [(path, symbol) for path, symbol, _ in offered(found)] == [
        ("one.py", "total"),
        ("two.py", "total"),
    ]
    works.write("two.py", EXTRA)
    works.build()
    assert text(works, "c_neverknown22", snapshot).file_path == "one.py", "of one there is no doubt"


def test_elsewhere_code_must_be_more_alike_than_where_it_stood(works: Project) -> None:
    known = kept(works, "total")
    half = TOTAL.replace("result += line.amount * rates[line.currency]", "result += line.sum(rates)")
    half = half.replace("round(result, 2)", "result").strip()
    snapshot = replace(known, chunk_ids=("c_neverknown22",), content_hash="0" * 32, code=half)
    here = text(works, "c_neverknown22", snapshot)
    assert (here.state, here.chunk_id) == ("changed", known.chunk_ids[0])
    assert here.similarity is not None
    assert 0.5 <= here.similarity < 0.75
    there = text(works, "c_neverknown22", replace(snapshot, path="far.py"))
    assert (there.state, [symbol for _, symbol, _ in offered(there)]) == ("stale", ["total"])
    assert there.candidates[0].score == here.similarity


def test_up_to_three_copies_are_offered_and_none_is_taken(works: Project) -> None:
    known = kept(works, "total")
    works.write("shop.py", NOTIFY)
    for name in "abcd":
        works.write(f"{name}.py", TOTAL)
    works.build()
    snapshot = replace(known, chunk_ids=("c_neverknown22",), path="far.py")
    found = text(works, "c_neverknown22", snapshot)
    assert found.state == "stale"
    assert [score for _, _, score in offered(found)] == [1.0, 1.0, 1.0]
    cut = replace(snapshot, content_hash="0" * 32, code=known.code[:40], truncated=True)
    assert text(works, "c_neverknown22", cut).state == "stale", "a beginning that four share is no evidence"


def test_the_beginning_of_code_is_enough_where_only_one_begins_so(works: Project) -> None:
    known = kept(works, "total")
    beginning = "\n".join(known.code.split("\n")[:3])
    cut = replace(
        known,
        chunk_ids=("c_neverknown22",),
        path="far.py",
        content_hash="0" * 32,
        code=beginning,
        truncated=True,
    )
    found = text(works, "c_neverknown22", cut)
    assert (found.state, found.chunk_id) == ("changed", known.chunk_ids[0])


# -- whole files


def test_a_file_that_is_as_it_was_has_no_past(works: Project) -> None:
    whole = text(works, "shop.py")
    snapshot = Kept(repository="r_test", path="shop.py", content_hash=whole.content_hash, code="x")
    found = text(works, "shop.py", snapshot)
    assert (found.state, found.was, found.reason) == ("valid", None, "")


def test_an_empty_file_has_no_lines(works: Project) -> None:
    works.write("empty.py", "")
    works.build()
    found = text(works, "empty.py")
    assert (found.state, found.start_line, found.end_line) == ("valid", 0, 0)


def test_the_heir_of_a_file_has_at_least_half_of_its_code(works: Project) -> None:
    functions = [TOTAL, NOTIFY, EXTRA, TOTAL.replace("total", "fourth").replace("round", "floor")]
    works.write("all.py", "".join(functions))
    works.build()
    whole = text(works, "all.py")
    snapshot = Kept(repository="r_test", path="all.py", content_hash=whole.content_hash, code="x")
    (works.folder / "all.py").unlink()
    works.write("quarter.py", EXTRA)
    works.build()
    assert text(works, "all.py", snapshot).state == "stale", "a quarter is no heir"
