"""The whole answer to a reference, field by field: one chunk, several at once, and what is dead."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.codebase_server.index.test_resolving import EXTRA, NOTIFY, TOTAL, ask, kept

from bridge.agreed import states
from bridge.agreed.resolution import Candidate, LastKnown, ReferenceQuery, Resolution
from bridge.agreed.snapshots import Snapshot as Kept

if TYPE_CHECKING:
    from tests.codebase_server.index.conftest import Project

    from codebase_server.store import Placement

OTHER_RESULT = TOTAL.replace("round(result, 2)", "math.floor(result)")


@pytest.fixture
def shop(project: Project) -> Project:
    """``total`` in the lines 1 to 5 and ``notify`` in the lines 7 to 10, with the gap before it."""
    project.write("shop.py", TOTAL + NOTIFY)
    project.build()
    return project


def chunk(project: Project, symbol: str) -> Placement:
    return next(one for one in project.chunks() if one.symbol == symbol)


def code(project: Project, *symbols: str) -> str:
    """The code of some definitions as the index has it, in the order of their lines."""
    with project.index.snapshot() as snapshot:
        return "\n".join(
            snapshot.contents([chunk(project, one).version_id])[chunk(project, one).version_id]
            for one in symbols
        )


def both(project: Project) -> Kept:
    """What is kept of a range over both functions."""
    chunks = [chunk(project, "total"), chunk(project, "notify")]
    return Kept(
        repository="r_test",
        path="shop.py",
        start_line=chunks[0].start_line,
        end_line=chunks[1].end_line,
        chunk_ids=tuple(one.chunk_id for one in chunks),
        chunk_hashes=tuple(one.content_hash for one in chunks),
        code="def total(lines, rates):",
        truncated=True,
    )


def record(project: Project, ref: str, state: str, **fields: object) -> Resolution:
    answer = Resolution(ref, state, repository="r_test", root=str(project.folder))  # type: ignore[arg-type]
    return replace(answer, **fields)  # type: ignore[arg-type]


def placed(project: Project, symbol: str) -> dict[str, object]:
    """The fields of an answer that tell where one chunk is."""
    at = chunk(project, symbol)
    return {
        "chunk_id": at.chunk_id,
        "chunk_ids": (at.chunk_id,),
        "chunk_hashes": (at.content_hash,),
        "file_path": at.path,
        "symbol": at.symbol,
        "start_line": at.start_line,
        "end_line": at.end_line,
        "content_hash": at.content_hash,
    }


# -- one chunk


def test_a_chunk_as_it_was_linked(shop: Project) -> None:
    snapshot = kept(shop, "total")
    ref = snapshot.chunk_ids[0]
    plain = ask(shop, ReferenceQuery(ref, snapshot=snapshot))
    assert plain == record(shop, ref, "valid", similarity=1.0, **placed(shop, "total"))
    with_code = ask(shop, ReferenceQuery(ref, snapshot=snapshot), content=True, diff=True)
    assert with_code == replace(plain, content=code(shop, "total"))
    assert ask(shop, ReferenceQuery(ref)) == replace(plain, similarity=None), "nothing was kept to compare"


def test_a_chunk_that_was_edited(shop: Project) -> None:
    snapshot = kept(shop, "total")
    ref = snapshot.chunk_ids[0]
    shop.write("shop.py", OTHER_RESULT + NOTIFY)
    shop.build()
    found = ask(shop, ReferenceQuery(ref, snapshot=snapshot), content=True, diff=True)
    assert found.similarity is not None
    assert 0.5 < found.similarity < 1.0
    assert found == record(
        shop, ref, "changed",
        similarity=found.similarity,
        reason="Same chunk, other code.",
        was=LastKnown("shop.py", "total", snapshot.start_line, snapshot.end_line, snapshot.code,
                      snapshot.content_hash),
        content=code(shop, "total"),
        diff="--- shop.py\n+++ shop.py\n@@ -2,4 +2,4 @@\n     result = 0\n     for line in lines:\n"
             "         result += line.amount * rates[line.currency]\n"
             "-    return round(result, 2)\n+    return math.floor(result)",
        **placed(shop, "total"),
    )  # fmt: skip


def test_a_chunk_that_was_edited_and_went_elsewhere(shop: Project) -> None:
    snapshot = kept(shop, "total")
    shop.write("shop.py", NOTIFY)
    shop.write("till.py", EXTRA + OTHER_RESULT)
    shop.build()
    found = ask(shop, ReferenceQuery(snapshot.chunk_ids[0], snapshot=snapshot), diff=True)
    assert (found.state, found.reason) == ("changed", "Same chunk, other code, and other path or symbol.")
    assert (found.file_path, found.chunk_ids) == ("till.py", snapshot.chunk_ids)
    assert found.diff.startswith("--- shop.py\n+++ till.py\n")
    assert found.content == ""


def test_a_chunk_that_only_went_elsewhere(shop: Project) -> None:
    snapshot = kept(shop, "total")
    shop.write("shop.py", NOTIFY)
    shop.write("till.py", EXTRA + TOTAL)
    shop.build()
    found = ask(shop, ReferenceQuery(snapshot.chunk_ids[0], snapshot=snapshot), diff=True)
    assert found == record(
        shop, snapshot.chunk_ids[0], "moved",
        similarity=1.0,
        reason="Same code, other path or symbol.",
        was=LastKnown("shop.py", "total", snapshot.start_line, snapshot.end_line, snapshot.code,
                      snapshot.content_hash),
        **placed(shop, "total"),
    )  # fmt: skip


def test_code_that_was_kept_without_its_hash_is_compared_by_itself(shop: Project) -> None:
    snapshot = replace(kept(shop, "total"), content_hash="")
    same = ask(shop, ReferenceQuery(snapshot.chunk_ids[0], snapshot=snapshot))
    assert (same.state, same.similarity) == ("valid", 1.0)
    other = replace(snapshot, code=snapshot.code.replace("round", "floor"))
    changed = ask(shop, ReferenceQuery(snapshot.chunk_ids[0], snapshot=other))
    assert changed.state == "changed"
    assert changed.similarity is not None
    assert 0.5 < changed.similarity < 1.0
    secret = replace(snapshot, content_hash="0" * 32, code="")
    unknown = ask(shop, ReferenceQuery(snapshot.chunk_ids[0], snapshot=secret), diff=True)
    assert (unknown.state, unknown.similarity, unknown.diff) == ("changed", None, "")


def test_the_beginning_of_code_that_was_cut_is_found_in_the_whole(shop: Project) -> None:
    snapshot = kept(shop, "total")
    beginning = "\n".join(snapshot.code.split("\n")[:3])
    cut = replace(snapshot, content_hash="0" * 32, code=beginning, truncated=True)
    found = ask(shop, ReferenceQuery(snapshot.chunk_ids[0], snapshot=cut))
    assert found.state == "changed", "its hash says that it was other code"
    assert found.similarity == 0.999, "all of it is there, and yet it is not the same"
    shorter = replace(cut, truncated=False)
    assert (ask(shop, ReferenceQuery(snapshot.chunk_ids[0], snapshot=shorter)).similarity or 1) < 0.8


def test_a_diff_of_code_that_was_cut_ends_where_it_was_cut(shop: Project) -> None:
    snapshot = kept(shop, "total")
    cut = replace(snapshot, content_hash="0" * 32, code="def total(lines):\n    result = 0", truncated=True)
    found = ask(shop, ReferenceQuery(snapshot.chunk_ids[0], snapshot=cut), diff=True)
    assert found.diff.split("\n")[2:] == [
        "@@ -1,2 +1,2 @@", "-def total(lines):", "+def total(lines, rates):", "     result = 0",
    ]  # fmt: skip


# -- several at once


def test_a_range_as_it_was_linked(shop: Project) -> None:
    snapshot = both(shop)
    found = ask(shop, ReferenceQuery("shop.py:1-10", snapshot=snapshot), content=True, diff=True)
    assert found == record(
        shop, "shop.py:1-10", "valid",
        chunk_id=snapshot.chunk_ids[0],
        chunk_ids=snapshot.chunk_ids,
        chunk_hashes=snapshot.chunk_hashes,
        file_path="shop.py",
        start_line=snapshot.start_line,
        end_line=snapshot.end_line,
        similarity=1.0,
        content=code(shop, "total", "notify"),
    )  # fmt: skip
    assert ask(shop, ReferenceQuery("shop.py:1-10", snapshot=snapshot)).content == ""


def test_a_range_of_which_one_chunk_was_edited_tells_the_worst(shop: Project) -> None:
    snapshot = both(shop)
    shop.write("shop.py", TOTAL + NOTIFY.replace("letter.number", "None"))
    shop.build()
    found = ask(shop, ReferenceQuery("shop.py:1-10", snapshot=snapshot), diff=True)
    assert (found.state, found.reason) == ("changed", "Same chunk, other code.")
    assert (found.chunk_ids, found.content_hash) == (snapshot.chunk_ids, "")
    assert found.chunk_hashes == (snapshot.chunk_hashes[0], chunk(shop, "notify").content_hash)
    assert found.similarity is not None
    assert found.similarity < 1.0, "the least of both"
    assert "-    customer.last_letter = letter.number\n+    customer.last_letter = None" in found.diff
    assert found.diff.count("--- shop.py") == 1, "what is the same has no difference"
    assert found.was is not None
    assert (found.was.content, found.was.start_line, found.was.end_line) == (
        snapshot.code, snapshot.start_line, snapshot.end_line,
    )  # fmt: skip


def test_a_range_of_which_both_were_edited_tells_both_differences(shop: Project) -> None:
    snapshot = both(shop)
    shop.write("shop.py", OTHER_RESULT + NOTIFY.replace("letter.number", "None"))
    shop.build()
    found = ask(shop, ReferenceQuery("shop.py:1-10", snapshot=snapshot), diff=True)
    assert found.diff.count("--- shop.py\n") == 2
    assert found.diff.index("math.floor") < found.diff.index("\n--- shop.py") < found.diff.index("= None")


def test_a_range_whose_file_has_another_name_has_moved(shop: Project) -> None:
    snapshot = both(shop)
    (shop.folder / "shop.py").rename(shop.folder / "till.py")
    shop.build()
    found = ask(shop, ReferenceQuery("shop.py:1-10", snapshot=snapshot))
    assert (found.state, found.file_path, found.reason) == (
        "moved", "till.py", "Same code, other path or symbol.",
    )  # fmt: skip
    assert found.chunk_ids == snapshot.chunk_ids


def test_a_range_of_which_one_chunk_went_to_another_file_has_moved(shop: Project) -> None:
    snapshot = both(shop)
    shop.write("shop.py", TOTAL)
    shop.write("till.py", EXTRA + NOTIFY)
    shop.build()
    found = ask(shop, ReferenceQuery("shop.py:1-10", snapshot=snapshot), content=True)
    assert found.state == "moved"
    assert (found.file_path, found.start_line, found.end_line) == (
        "shop.py", chunk(shop, "total").start_line, chunk(shop, "total").end_line,
    )  # fmt: skip
    assert found.content == code(shop, "total"), "lines and code are of the file that is named"
    assert found.chunk_ids == snapshot.chunk_ids


def test_a_range_of_which_one_chunk_is_dead_is_stale_and_tells_what_is_left(shop: Project) -> None:
    snapshot = both(shop)
    shop.write("shop.py", NOTIFY)
    shop.build()
    found = ask(shop, ReferenceQuery("shop.py:1-10", snapshot=snapshot))
    assert (found.state, found.chunk_id) == ("stale", snapshot.chunk_ids[1])
    assert (found.chunk_ids, found.chunk_hashes) == (snapshot.chunk_ids[1:], snapshot.chunk_hashes[1:])
    assert (found.symbol, found.start_line) == ("notify", chunk(shop, "notify").start_line)
    assert found.was is not None
    assert found.was.symbol == "total"


def test_a_range_of_which_all_is_dead_is_nowhere(shop: Project) -> None:
    snapshot = both(shop)
    shop.write("shop.py", EXTRA)
    shop.build()
    found = ask(shop, ReferenceQuery("shop.py:1-10", snapshot=snapshot), content=True)
    assert (found.state, found.chunk_id, found.chunk_ids, found.chunk_hashes) == ("stale", "", (), ())
    assert (found.file_path, found.symbol, found.start_line, found.end_line) == ("", "", 0, 0)
    assert (found.similarity, found.content) == (None, "")


def test_a_range_whose_hashes_were_not_kept_is_followed_by_its_ids(shop: Project) -> None:
    snapshot = replace(both(shop), chunk_hashes=())
    found = ask(shop, ReferenceQuery("shop.py:1-10", snapshot=snapshot))
    assert (found.state, found.chunk_ids, found.similarity) == ("valid", snapshot.chunk_ids, None)
    half = replace(snapshot, chunk_hashes=both(shop).chunk_hashes[:1])
    assert ask(shop, ReferenceQuery("shop.py:1-10", snapshot=half)).similarity == 1.0


def test_a_range_that_another_index_knew_is_found_by_its_hashes_where_it_stood(shop: Project) -> None:
    snapshot = replace(both(shop), chunk_ids=("c_neverknown22", "c_neverknown33"))
    shop.write("copy.py", TOTAL + NOTIFY)
    shop.build()
    found = ask(shop, ReferenceQuery("shop.py:1-10", snapshot=snapshot))
    assert (found.state, found.file_path) == ("valid", "shop.py"), "the copy stands elsewhere"
    assert found.chunk_ids == tuple(shop.id_of(one, "shop.py") for one in ("total", "notify"))


def long(name: str, value: str = "value") -> str:
    """A function that is cut into parts."""
    body = "".join(f"    {value}_{at} = compute(table_{at}, {at})\n" for at in range(300))
    return f"\ndef {name}(table):\n{body}    return table\n"


def test_a_long_definition_under_another_name_has_moved_with_all_its_parts(project: Project) -> None:
    project.write("long.py", long("work"))
    project.build()
    linked = ask(project, ReferenceQuery("long.py::work"))
    assert len(linked.chunk_ids) == 3
    snapshot = Kept(
        repository="r_test", path="long.py", symbol="work", start_line=1, end_line=302,
        chunk_ids=linked.chunk_ids, chunk_hashes=linked.chunk_hashes,
    )  # fmt: skip
    as_it_was = ask(project, ReferenceQuery("long.py::work", snapshot=snapshot))
    assert (as_it_was.state, as_it_was.symbol) == ("valid", "work")
    project.write("long.py", long("labour"))
    project.build()
    found = ask(project, ReferenceQuery("long.py::work", snapshot=snapshot))
    assert (found.chunk_ids, found.symbol) == (linked.chunk_ids, "labour")
    assert found.state == "moved", "a definition's own name is no other code"
    rest = replace(snapshot, chunk_ids=snapshot.chunk_ids[1:], chunk_hashes=snapshot.chunk_hashes[1:])
    assert ask(project, ReferenceQuery("long.py::work", snapshot=rest)).state == "moved"


# -- the dead


def test_of_the_dead_everything_that_is_known_is_told(shop: Project) -> None:
    at = chunk(shop, "total")
    text = code(shop, "total")
    shop.write("shop.py", NOTIFY)
    shop.write("till.py", TOTAL.replace("total", "one") + TOTAL.replace("total", "two"))
    shop.build()
    found = ask(shop, ReferenceQuery(at.chunk_id))
    with shop.index.snapshot() as snapshot:
        generation = snapshot.generation
    assert found.was is not None
    one, two = chunk(shop, "one"), chunk(shop, "two")
    heirs = tuple(
        Candidate(heir.chunk_id, "till.py", heir.symbol, heir.start_line, heir.end_line, 1.0)
        for heir in (one, two)
    )
    assert found == record(
        shop, at.chunk_id, "stale",
        reason=states.gone_where_it_stood(2),
        candidates=heirs,
        was=LastKnown("shop.py", "total", at.start_line, at.end_line, text, at.content_hash, generation,
                      "", found.was.died_at),
    )  # fmt: skip


def test_an_heir_that_has_died_since_is_not_named(shop: Project) -> None:
    at = chunk(shop, "total")
    shop.write("shop.py", NOTIFY)
    shop.write("till.py", TOTAL.replace("total", "one") + TOTAL.replace("total", "two"))
    shop.build()
    shop.write("till.py", TOTAL.replace("total", "two"))
    shop.build()
    found = ask(shop, ReferenceQuery(at.chunk_id))
    assert [one.symbol for one in found.candidates] == ["two"]


def test_an_unfinished_index_says_of_the_dead_only_that_they_are_not_found_yet(shop: Project) -> None:
    at = chunk(shop, "total")
    shop.write("shop.py", NOTIFY)
    shop.build()
    shop.index._pending = 3
    found = ask(shop, ReferenceQuery(at.chunk_id))
    assert (found.state, found.candidates) == ("unchecked", ())
    assert found.reason == "Not found so far; the index of this root is not finished yet."
    assert found.was is not None
    assert found.was.symbol == "total"


def test_a_text_that_is_no_place_in_code_is_unresolved_and_says_what_it_is(shop: Project) -> None:
    found = ask(shop, ReferenceQuery("https://example.org/a.py"))
    assert found == record(
        shop, "https://example.org/a.py", "unresolved",
        reason="'https://example.org/a.py' is a url, not a place in code.",
    )  # fmt: skip


# -- what is the same code


CLASSES = {
    "a.rb": (
        "class A\n  def one(x)\n    y = x + 1\n    y * 2\n  end\n{}end\n",
        "\n  def two\n    'other'\n  end\n",
    ),
    "a.js": (
        "class A {{\n  one(x) {{\n    return x * 2;\n  }}\n{}}}\n",
        "\n  two() {{\n    return 3;\n  }}\n",
    ),
    "A.cs": (
        "namespace N\n{{\n  class A\n  {{\n    int one(int x) {{\n      return x * 2;\n    }}\n{}  }}\n}}\n",
        "\n    int two() {{\n      return 3;\n    }}\n",
    ),
    "a.cpp": (
        "class A {{\n  int one(int x) {{\n    return x * 2;\n  }}\n{}}};\n",
        "\n  int two() {{\n    return 3;\n  }}\n",
    ),
    "a.py": (
        "class A:\n    def one(self, x):\n        return x * 2\n{}",
        "\n    def two(self):\n        return 3\n",
    ),
}


@pytest.mark.parametrize("path", CLASSES)
def test_a_method_added_behind_the_last_one_changes_nothing_of_that(project: Project, path: str) -> None:
    code, second = CLASSES[path]
    project.write(path, code.format(""))
    project.build()
    snapshot = kept(project, "A.one")
    project.write(path, code.format(second.format()))
    project.build()
    assert project.id_of("A.two"), "it is a method"
    found = ask(project, ReferenceQuery(f"{path}::A.one", snapshot=snapshot))
    assert (found.state, found.similarity) == ("valid", 1.0)
    project.write(path, code.format(second.format()).replace("* 2", "* 3"))
    project.build()
    assert ask(project, ReferenceQuery(f"{path}::A.one", snapshot=snapshot)).state == "changed"


def test_a_function_that_was_only_put_into_a_class_or_called_otherwise_has_moved(shop: Project) -> None:
    snapshot = kept(shop, "total")
    reference = ReferenceQuery("shop.py::total", snapshot=snapshot)
    inner = "".join(f"    {line}\n" if line else "\n" for line in TOTAL.split("\n"))
    shop.write("shop.py", f"class Prices:\n{inner}{NOTIFY}")
    shop.build()
    found = ask(shop, reference)
    assert (found.state, found.symbol, found.similarity) == ("moved", "Prices.total", 1.0)
    shop.write("shop.py", TOTAL.replace("total", "sum_of") + NOTIFY)
    shop.build()
    found = ask(shop, reference)
    assert (found.state, found.symbol, found.similarity) == ("moved", "sum_of", 1.0)
    shop.write("shop.py", TOTAL.replace("total", "sum_of").replace("rates[", "costs[") + NOTIFY)
    shop.build()
    assert ask(shop, reference).state == "changed"
