"""What `resolve` tells of references: where the code is, what changed, and of the dead what they were."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.agreed.resolution import ReferenceQuery, Resolution
from bridge.agreed.snapshots import Snapshot as Kept
from codebase_server.identity import resolve

if TYPE_CHECKING:
    from tests.codebase_server.index.conftest import Project

TOTAL = """
def total(lines, rates):
    result = 0
    for line in lines:
        result += line.amount * rates[line.currency]
    return round(result, 2)
"""

NOTIFY = """
def notify(customer, order):
    letter = render("sent", customer=customer, order=order)
    outbox.put(customer.address, letter)
    customer.last_letter = letter.number
"""

EXTRA = """
def shelve(book, shelf):
    shelf.books.append(book)
    book.place = shelf.name
"""


def kept(project: Project, symbol: str) -> Kept:
    """What a work item keeps of a function when it links it."""
    found = ask(project, ReferenceQuery(project.id_of(symbol)), content=True)
    return Kept(
        repository="r_test",
        chunk_ids=(found.chunk_id,),
        path=found.file_path,
        start_line=found.start_line,
        end_line=found.end_line,
        symbol=found.symbol,
        content_hash=found.content_hash,
        code=found.content,
    )


def taken(found: Resolution) -> Kept:
    """What a work item keeps of an answer."""
    return Kept(
        repository=found.repository,
        path=found.file_path,
        start_line=found.start_line,
        end_line=found.end_line,
        symbol=found.symbol,
        content_hash=found.content_hash,
        chunk_ids=found.chunk_ids,
        chunk_hashes=found.chunk_hashes,
        code=found.content,
    )


def ask(project: Project, query: ReferenceQuery, *, content: bool = False, diff: bool = False) -> Resolution:
    with project.index.snapshot() as snapshot:
        return resolve.resolve(snapshot, [query], content=content, diff=diff)[0]


def linked(project: Project, symbol: str) -> ReferenceQuery:
    """A reference by id with its snapshot."""
    snapshot = kept(project, symbol)
    return ReferenceQuery(snapshot.chunk_ids[0], snapshot=snapshot)


def test_untouched_code_is_valid_wherever_its_lines_are(project: Project) -> None:
    project.write("shop.py", TOTAL)
    project.build()
    reference = linked(project, "total")
    project.write("shop.py", "# prices\n\n\n" + TOTAL.lstrip())
    project.build()
    found = ask(project, reference)
    assert (found.state, found.start_line, found.similarity, found.was) == ("valid", 4, 1.0, None)


def test_reformatted_code_is_valid(project: Project) -> None:
    project.write("shop.py", TOTAL)
    project.build()
    reference = linked(project, "total")
    project.write(
        "shop.py", TOTAL.replace("    ", "  ").replace("(lines, rates)", "(\n  lines,\n  rates,\n)")
    )
    project.build()
    assert ask(project, reference).state == "valid"


def test_moved_code_tells_where_it_is_and_where_it_was(project: Project) -> None:
    project.write("shop.py", TOTAL + NOTIFY)
    project.write("library.py", EXTRA)
    project.build()
    reference = linked(project, "notify")
    project.write("shop.py", TOTAL)
    project.write("library.py", EXTRA + NOTIFY)
    project.build()
    found = ask(project, reference)
    assert (found.state, found.file_path) == ("moved", "library.py")
    assert found.was is not None
    assert found.was.file_path == "shop.py"


def test_changed_code_tells_how_alike_it_is_and_on_request_what_changed(project: Project) -> None:
    project.write("shop.py", TOTAL)
    project.build()
    reference = linked(project, "total")
    project.write("shop.py", TOTAL.replace("round(result, 2)", "math.floor(result)"))
    project.build()
    found = ask(project, reference, diff=True)
    assert found.state == "changed"
    assert found.similarity is not None
    assert 0.5 < found.similarity < 1.0
    assert "-    return round(result, 2)\n+    return math.floor(result)" in found.diff
    assert ask(project, reference).diff == ""


def test_what_changed_is_told_from_the_kept_code_when_the_index_never_had_it(project: Project) -> None:
    project.write("shop.py", TOTAL.replace("round(result, 2)", "result"))
    project.build()
    now = kept(project, "total")
    foreign = replace(now, chunk_ids=("c_neverknown22",), content_hash="0" * 32, code=TOTAL.strip())
    found = ask(project, ReferenceQuery("c_neverknown22", snapshot=foreign), diff=True)
    assert (found.state, found.chunk_id) == ("changed", now.chunk_ids[0])
    assert "-    return round(result, 2)\n+    return result" in found.diff


def test_of_code_that_was_cut_when_it_was_kept_only_that_much_is_compared(project: Project) -> None:
    project.write("shop.py", TOTAL)
    project.build()
    first = "\n".join(TOTAL.strip().split("\n")[:3]).replace("result = 0", "result = 1")
    cut = replace(kept(project, "total"), content_hash="0" * 32, code=first, truncated=True)
    found = ask(project, ReferenceQuery(cut.chunk_ids[0], snapshot=cut), diff=True)
    assert "-    result = 1\n+    result = 0" in found.diff
    assert "round" not in found.diff


def test_of_the_dead_the_last_code_time_generation_and_commit_are_told(project: Project) -> None:
    project.git("init", "-q")
    project.write("shop.py", TOTAL + NOTIFY)
    project.git("add", ".")
    project.git("commit", "-qm", "both")
    project.build()
    gone = project.id_of("notify")
    project.write("shop.py", TOTAL)
    project.git("commit", "-qam", "one")
    project.build()
    found = ask(project, ReferenceQuery(gone))
    assert found.state == "stale"
    assert found.was is not None
    assert (found.was.file_path, found.was.symbol) == ("shop.py", "notify")
    assert "outbox.put" in found.was.content
    assert found.was.commit == project.git("rev-parse", "HEAD")
    with project.index.snapshot() as snapshot:
        assert found.was.generation == snapshot.generation
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found.was.died_at)


def test_of_the_dead_up_to_three_likely_successors_are_named_best_first(project: Project) -> None:
    project.write("shop.py", TOTAL)
    project.build()
    gone = project.id_of("total")
    twins = "\n\n".join(TOTAL.strip().replace("total", f"total_{word}") for word in ("a", "b", "c", "d"))
    project.write("shop.py", "import math\n")
    project.write("library.py", twins + "\n")
    project.build()
    found = ask(project, ReferenceQuery(gone))
    assert found.state == "stale"
    assert len(found.candidates) == 3
    scores = [one.score for one in found.candidates]
    assert scores == sorted(scores, reverse=True)
    assert all(
        0.3 <= score <= 1.0 and one.file_path == "library.py"
        for score, one in zip(scores, found.candidates, strict=True)
    )


def test_an_unfinished_index_never_says_that_code_is_gone(project: Project) -> None:
    project.write("shop.py", TOTAL)
    with project.index.snapshot() as snapshot:
        assert snapshot.state != "ready"
    assert ask(project, ReferenceQuery("c_neverknown22")).state == "unchecked"


def test_a_history_tells_births_changes_death_and_return_with_their_commits(project: Project) -> None:
    project.git("init", "-q")
    commits = []
    for number, text in enumerate((TOTAL, TOTAL.replace("0\n", "1\n"), EXTRA, TOTAL)):
        project.write("shop.py", text)
        project.git("add", ".")
        project.git("commit", "-qm", str(number))
        commits.append(project.git("rev-parse", "HEAD"))
        project.build()
        if number == 0:
            chunk_id = project.id_of("total")
    assert project.id_of("total") == chunk_id
    with project.index.snapshot() as snapshot:
        told = resolve.history(snapshot, chunk_id)
    assert [one.event for one in told] == ["born", "changed", "died", "returned"]
    assert [one.commit for one in told] == commits
    assert len({one.generation for one in told}) == 4


def test_the_difference_to_any_code_ever_stored_is_told_by_its_hash(project: Project) -> None:
    project.write("shop.py", TOTAL)
    project.build()
    before = kept(project, "total")
    project.write("shop.py", TOTAL.replace("round(result, 2)", "result"))
    project.build()
    now = kept(project, "total")
    with project.index.snapshot() as snapshot:
        told = resolve.diff(snapshot, before.content_hash, now.code, "shop.py")
        assert told is not None
        assert told.startswith(f"--- shop.py @{before.content_hash[:12]}\n+++ shop.py\n@@")
        assert told.endswith("-    return round(result, 2)\n+    return result")
        assert resolve.diff(snapshot, now.content_hash, now.code, "shop.py") == ""
        assert resolve.diff(snapshot, "0" * 32, now.code, "shop.py") is None
