"""A reference to a class is about all that is in it: each method that changes, goes or comes is a change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.codebase_server.index.test_resolving import ask, taken

from bridge.agreed.resolution import ReferenceQuery, Resolution
from bridge.agreed.snapshots import Snapshot as Kept
from bridge.agreed.snapshots import keepable

if TYPE_CHECKING:
    from tests.codebase_server.index.conftest import Project

REF = "report.py::Report"
HEAD = '''class Report:
    """What was done to the files."""

    changed: int = 0

'''
DONE = '''    def done(self, path: str) -> None:
        """One more file."""
        self.changed += 1
        self.seen.append(path)

'''
CODE = """    def exit_code(self) -> int:
        if self.failures:
            return 123
        return 1 if self.changed else 0

"""
TEXT = """    def __str__(self) -> str:
        return f"{self.changed} changed, {self.failures} failed"

"""
OTHER = """def main() -> None:
    print(Report())
"""


@pytest.fixture
def linked(project: Project) -> Kept:
    """A reference to the class as it is kept."""
    project.write("report.py", HEAD + DONE + CODE + TEXT + OTHER)
    project.build()
    return taken(ask(project, ReferenceQuery(REF)))


def after(project: Project, kept: Kept, text: str, path: str = "report.py") -> Resolution:
    """The state of the reference once the file holds other text."""
    if path != "report.py":
        project.write("report.py", OTHER)
    project.write(path, text)
    project.build()
    return ask(project, ReferenceQuery(REF, snapshot=kept), diff=True)


def test_a_class_stands_for_its_head_and_all_its_methods(project: Project, linked: Kept) -> None:
    symbols = {one.chunk_id: one.symbol for one in project.chunks()}
    assert [symbols[one] for one in linked.chunk_ids] == [
        "Report", "Report.done", "Report.exit_code", "Report.__str__",
    ]  # fmt: skip
    assert (linked.symbol, linked.start_line, linked.end_line) == ("Report", 1, 18)
    assert ask(project, ReferenceQuery(REF, snapshot=linked)).state == "valid"


def test_a_method_that_changed_is_a_change_of_the_class_and_is_named(project: Project, linked: Kept) -> None:
    found = after(project, linked, HEAD + DONE + CODE.replace("123", "125") + TEXT + OTHER)
    assert (found.state, found.symbol) == ("changed", "Report")
    assert found.reason == "Of its parts exit_code is other code."
    assert "+            return 125" in found.diff
    assert found.similarity is not None
    assert 0.5 < found.similarity < 1


def test_a_method_that_is_gone_is_a_change_and_not_the_death_of_the_class(
    project: Project, linked: Kept
) -> None:
    found = after(project, linked, HEAD + DONE + CODE + OTHER)
    assert (found.state, found.reason) == ("changed", "Of its parts __str__ is gone.")
    assert found.chunk_ids == linked.chunk_ids[:3]
    assert "-    def __str__(self) -> str:" in found.diff


def test_a_method_that_is_new_is_a_change_and_belongs_to_the_class_from_then_on(
    project: Project, linked: Kept
) -> None:
    new = "    def reset(self) -> None:\n        self.seen.clear()\n        self.failures = []\n\n"
    found = after(project, linked, HEAD + DONE + CODE + TEXT + new + OTHER)
    assert (found.state, found.reason) == ("changed", "Of its parts reset is new.")
    assert "+    def reset(self) -> None:" in found.diff
    again = ask(project, ReferenceQuery(REF, snapshot=taken(found)))
    assert (again.state, len(again.chunk_ids)) == ("valid", 5)


def test_what_changed_in_several_ways_is_told_in_one_line(project: Project, linked: Kept) -> None:
    head = HEAD.replace("changed: int = 0", "changed: int = 0\n    name: str = 'report'")
    found = after(project, linked, head + CODE.replace("123", "125") + TEXT + OTHER)
    assert found.state == "changed"
    assert found.reason == "Same chunk, other code. Of its parts exit_code is other code, done is gone."


def test_a_class_that_moved_with_its_methods_has_moved(project: Project, linked: Kept) -> None:
    found = after(project, linked, HEAD + DONE + CODE + TEXT, "reports/summary.py")
    assert (found.state, found.file_path, found.symbol) == ("moved", "reports/summary.py", "Report")
    assert found.chunk_ids == linked.chunk_ids


def test_a_class_in_another_order_is_the_same_class(project: Project, linked: Kept) -> None:
    assert after(project, linked, HEAD + TEXT + CODE + DONE + OTHER).state == "valid"


def test_a_class_that_is_gone_is_stale(project: Project, linked: Kept) -> None:
    assert after(project, linked, OTHER).state == "stale"


def test_a_class_linked_when_that_meant_its_head_goes_on_so(project: Project, linked: Kept) -> None:
    head = replace(
        linked,
        chunk_ids=linked.chunk_ids[:1],
        chunk_hashes=linked.chunk_hashes[:1],
        content_hash=linked.chunk_hashes[0],
    )
    found = after(project, head, HEAD + DONE + CODE.replace("123", "125") + OTHER)
    assert found.state == "valid"


def in_another_index(kept: Kept, text: str) -> Kept:
    """The reference as another machine's index finds it, which never knew its ids."""
    code, truncated = keepable(text)
    strange = tuple(
        f"c_neverknown{chr(97 + at // 26)}{chr(97 + at % 26)}" for at in range(len(kept.chunk_ids))
    )
    return replace(kept, chunk_ids=strange, code=code, truncated=truncated)


def test_an_index_that_never_knew_the_ids_compares_what_the_class_holds(
    project: Project, linked: Kept
) -> None:
    strange = in_another_index(linked, HEAD + DONE + CODE + TEXT)
    assert ask(project, ReferenceQuery(REF, snapshot=strange)).state == "valid"
    found = after(project, strange, HEAD + DONE + CODE.replace("123", "125") + TEXT + OTHER)
    assert (found.state, found.reason) == (
        "changed",
        "Same chunk, other code. 3 of its 4 parts read as they did.",
    )
    assert found.similarity is not None
    assert found.similarity > 0.9, "one number of a whole class is another"
    without = after(project, strange, HEAD + DONE + CODE + OTHER)
    assert without.similarity is not None
    assert 0.5 < without.similarity < 0.95


def test_an_index_that_never_knew_the_ids_knows_a_class_that_was_formatted(
    project: Project, linked: Kept
) -> None:
    strange = in_another_index(linked, HEAD + DONE + CODE + TEXT)
    assert (
        after(
            project, strange, HEAD + DONE.replace("(path)", "(\n            path\n        )") + CODE + TEXT
        ).state
        == "valid"
    )


def test_of_code_that_was_not_kept_another_index_says_no_figure(project: Project) -> None:
    """Two kilobytes of a long class are kept: how alike a method behind them is nobody can say."""
    methods = [CODE.replace("exit_code", f"exit_code_{at}").replace("123", str(at)) for at in range(30)]
    text = HEAD + "".join(methods)
    project.write("report.py", text)
    project.build()
    strange = in_another_index(taken(ask(project, ReferenceQuery(REF))), text)
    assert strange.truncated
    early = after(project, strange, text.replace("return 2\n", "return 777\n"))
    assert (early.state, early.reason) == (
        "changed",
        "Same chunk, other code. 30 of its 31 parts read as they did.",
    )
    assert early.similarity is not None
    assert early.similarity > 0.95
    late = after(project, strange, text.replace("return 28\n", "return 777\n"))
    assert (late.state, late.similarity) == ("changed", None)
    assert after(project, strange, text.replace(methods[-1], "")).similarity is None


def test_a_method_changes_nothing_of_a_reference_to_another(project: Project, linked: Kept) -> None:
    method = taken(ask(project, ReferenceQuery("report.py::Report.done")))
    assert len(method.chunk_ids) == 1
    project.write("report.py", HEAD + DONE + CODE.replace("123", "125") + OTHER)
    project.build()
    assert ask(project, ReferenceQuery("report.py::Report.done", snapshot=method)).state == "valid"


def test_a_method_that_went_to_another_class_is_a_change_that_says_where_it_is(
    project: Project, linked: Kept
) -> None:
    summary = "class Summary:\n    files: int = 0\n\n" + CODE
    project.write("summary.py", summary)
    found = after(project, linked, HEAD + DONE + TEXT + OTHER)
    assert (found.state, found.symbol) == ("changed", "Report")
    assert found.reason == "Of its parts exit_code is in Summary now."
    assert found.chunk_ids == (linked.chunk_ids[0], linked.chunk_ids[1], linked.chunk_ids[3])


# One line, as of most classes: like the head of any other.
BARE = "class Report:\n"
INIT = """    def __init__(self, changed: int, failures: int) -> None:
        self.changed = changed
        self.failures = failures
        self.seen: list[str] = []

"""


def renamed(text: str, name: str = "Summary") -> str:
    return text.replace("Report", name)


@pytest.fixture
def bare(project: Project) -> Kept:
    """A reference to a class whose head says nothing itself."""
    project.write("report.py", BARE + INIT + DONE + CODE + OTHER)
    project.build()
    return taken(ask(project, ReferenceQuery(REF)))


def test_a_class_under_another_name_is_known_by_its_members(project: Project, bare: Kept) -> None:
    found = after(project, bare, renamed(BARE + INIT + DONE + CODE + OTHER))
    assert (found.state, found.symbol) == ("moved", "Summary")
    assert found.chunk_ids == bare.chunk_ids


def test_a_class_that_went_to_another_file_under_another_name(project: Project, bare: Kept) -> None:
    edited = renamed(BARE + INIT + DONE + CODE.replace("123", "125"))
    found = after(project, bare, edited, "summary.py")
    assert (found.state, found.file_path, found.symbol) == ("changed", "summary.py", "Summary")
    assert found.reason == "Of its parts exit_code is other code."


def test_a_class_whose_members_went_into_one_that_was_there_before_is_gone(
    project: Project, bare: Kept
) -> None:
    project.write("summary.py", "class Summary:\n" + TEXT)
    project.build()
    project.write(
        "summary.py", "class Summary:\n" + TEXT + TEXT.replace("__str__", "lines") + INIT + DONE + CODE
    )
    assert after(project, bare, OTHER).state == "stale"


def test_a_class_of_which_less_than_half_is_in_a_new_one_is_gone(project: Project, bare: Kept) -> None:
    new = "class Summary:\n    def __init__(self) -> None:\n        self.lines = {}\n\n" + CODE
    assert after(project, bare, new + OTHER).state == "stale"


def test_another_class_in_its_place_is_not_the_class(project: Project, bare: Kept) -> None:
    """Both have an ``__init__``; that says nothing."""
    new = "class Mail:\n    def __init__(self, mail: str) -> None:\n        super().__init__(mail.lower())\n"
    assert after(project, bare, new + OTHER).state == "stale"


def test_a_class_that_says_something_else_itself_is_another_with_its_members(
    project: Project, linked: Kept
) -> None:
    """Its methods became an extension of another class."""
    head = 'class Lines(Extension, of=Summary):\n    places = frozenset({"begin", "middle", "end"})\n\n'
    assert after(project, linked, head + DONE + CODE + TEXT + OTHER).state == "stale"


def test_a_class_that_was_renamed_when_its_head_was_not_followed_is_found_by_its_members(
    project: Project, bare: Kept
) -> None:
    """By an index that knows the members' ids and never knew the head's."""
    after(project, bare, renamed(BARE + INIT + DONE + CODE + OTHER))
    strange = replace(bare, chunk_ids=("c_neverknown22", *bare.chunk_ids[1:]))
    found = ask(project, ReferenceQuery(REF, snapshot=strange))
    assert (found.symbol, len(found.chunk_ids)) == ("Summary", 4)
    assert found.state in {"moved", "changed"}


def test_a_method_that_is_called_otherwise_is_told_by_both_names(project: Project, linked: Kept) -> None:
    found = after(project, linked, HEAD + DONE + CODE.replace("exit_code", "status") + TEXT + OTHER)
    assert (found.state, found.reason) == ("changed", "Of its parts exit_code is called status now.")


OVERLOADS = (
    "@overload\ndef option(default: int) -> int: ...\n\n\n",
    "@overload\ndef option(default: str) -> str: ...\n\n\n",
    "def option(default):\n    found = lookup(default)\n    return found if found else default\n",
)


def test_of_overloads_the_rest_stands_when_the_first_is_gone(project: Project) -> None:
    project.write("options.py", "".join(OVERLOADS))
    project.build()
    kept = taken(ask(project, ReferenceQuery("options.py::option")))
    assert len(kept.chunk_ids) == 3
    project.write("options.py", "".join(OVERLOADS[1:]))
    project.build()
    found = ask(project, ReferenceQuery("options.py::option", snapshot=kept))
    assert (found.state, found.symbol, len(found.chunk_ids)) == ("changed", "option", 2)
    assert found.reason == "Of its parts option is gone."


def test_a_long_function_that_was_only_formatted_is_as_it_was(project: Project) -> None:
    """Its parts end at other lines then. One of the same name in another file is another."""
    project.write("another.py", "def collect():\n    return None\n")
    calls = [f"    found_{n} = look_up(table_{n}, key_{n}, wanted_{n}, limit={n})\n" for n in range(150)]
    project.write("report.py", "def collect():\n" + "".join(calls))
    project.build()
    kept = taken(ask(project, ReferenceQuery("report.py::collect")))
    assert len(kept.chunk_ids) > 1
    wide = [
        call.replace("(", "(\n        ").replace(", ", ",\n        ").replace(")", ",\n    )")
        for call in calls
    ]
    project.write("report.py", "def collect():\n" + "".join(wide))
    project.build()
    formatted = ReferenceQuery("report.py::collect", snapshot=kept)
    assert ask(project, formatted).state == "valid"
    project.write("report.py", "def collect():\n" + "".join(wide).replace("limit=77", "limit=78"))
    project.build()
    assert ask(project, formatted).state == "changed"
