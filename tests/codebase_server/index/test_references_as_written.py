"""References as people write them, and what is offered for those into code that went elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.codebase_server.index.test_copied_then_deleted import linked
from tests.codebase_server.index.test_resolving import NOTIFY, TOTAL, ask

from bridge.agreed.resolution import ReferenceQuery, Resolution

if TYPE_CHECKING:
    from tests.codebase_server.index.conftest import Project

SHELF = """
class Shelf:
    def put(self, book):
        self.books.append(book)
        return book.place
"""
HASHES = """
class Utils {
    static int murmur2(byte[] data) {
        int seed = 0x9747b28c;
        for (byte one : data) {
            seed = (seed ^ one) * 0x5bd1e995;
        }
        return seed ^ (seed >>> 15);
    }

    static int abs(int n) {
        return n == Integer.MIN_VALUE ? 0 : Math.abs(n);
    }
}
"""


def text(project: Project, ref: str) -> Resolution:
    return ask(project, ReferenceQuery(ref))


def offered(found: Resolution) -> list[tuple[str, str]]:
    return [(one.file_path, one.symbol) for one in found.candidates]


# -- as people write them


@pytest.mark.parametrize(
    ("ref", "symbol"),
    [
        ("shelf.py::sweep()", "sweep"),
        ("shelf.py::Shelf.put()", "Shelf.put"),
        ("shelf.py::Shelf#put", "Shelf.put"),
        ("shelf.py::Shelf->put(book)", "Shelf.put"),
        ("shelf.py::Shelf::put", "Shelf.put"),
        ("shelf.py::LIMIT()", ""),
    ],
)
def test_brackets_and_other_signs_between_names(project: Project, ref: str, symbol: str) -> None:
    project.write("shelf.py", "LIMIT = 3\n" + SHELF + "\n\ndef sweep():\n    return 1\n")
    project.build()
    found = text(project, ref)
    assert (found.state, found.symbol) == ("valid", symbol)
    assert ask(project, linked(project, ref)).state == "valid"


def test_the_operator_of_a_call_keeps_its_brackets(project: Project) -> None:
    project.write("a.cpp", "struct Adder {\n  int operator()(int a, int b) {\n    return a + b;\n  }\n};\n")
    project.build()
    assert text(project, "a.cpp::Adder::operator()").symbol == "Adder.operator()"


def test_a_receiver_of_go_and_a_macro_of_rust(project: Project) -> None:
    project.write(
        "stock.go", "package stock\n\nfunc (s *Shelf) Put(n int) int {\n\ts.n += n\n\treturn s.n\n}\n"
    )
    project.write("price.rs", "macro_rules! price {\n    ($x:expr) => {\n        Price::new($x)\n    };\n}\n")
    project.build()
    assert text(project, "stock.go::(*Shelf).Put").symbol == "Shelf.Put"
    assert text(project, "stock.go::(Shelf).Put").symbol == "Shelf.Put"
    assert text(project, "price.rs::price!").symbol == "price"


def test_a_name_behind_a_hash_or_with_brackets_and_without_its_file_is_offered(project: Project) -> None:
    project.write("shelf.py", SHELF + "\n\ndef sweep():\n    return 1\n")
    project.build()
    found = text(project, "shelf.py#sweep")
    assert (found.state, found.reason) == ("unresolved", "A definition is written shelf.py::sweep.")
    assert offered(found) == [("shelf.py", "sweep")]
    assert offered(text(project, "sweep()")) == [("shelf.py", "sweep")]


@pytest.mark.parametrize("ref", ["a::b.py", "a::b.py::total", "a::b.py:3", "a::b.py::total()"])
def test_a_file_with_colons_in_its_name(project: Project, ref: str) -> None:
    project.write("a::b.py", TOTAL)
    project.build()
    found = text(project, ref)
    assert (found.state, found.file_path) == ("valid", "a::b.py")


# -- code that went before it was looked for


def test_a_file_that_was_renamed_is_told_where_it_went(project: Project) -> None:
    project.write("matcher.py", TOTAL + NOTIFY)
    project.build()
    (project.folder / "matcher.py").rename(project.folder / "pairs.py")
    project.build()
    for ref in ("matcher.py::total", "matcher.py::notify()", "matcher.py:3", "matcher.py"):
        found = text(project, ref)
        assert found.state == "unresolved"
        assert found.reason == (
            "No file 'matcher.py' in the index any more: most of its code is now in 'pairs.py'."
        )
    assert offered(text(project, "matcher.py::total")) == [("pairs.py", "total")]
    assert text(project, "matcher.py::total").candidates[0].score == 0.95


def test_a_definition_that_left_its_file_is_offered_where_it_went(project: Project) -> None:
    project.write("shop.py", TOTAL + NOTIFY)
    project.build()
    project.write("shop.py", NOTIFY)
    project.write("prices.py", TOTAL.replace("def total", "def sum_of"))
    project.build()
    found = text(project, "shop.py::total")
    assert (found.reason, offered(found)) == (
        "No definition 'total' in 'shop.py'.",
        [("prices.py", "sum_of")],
    )


def test_of_a_name_that_one_other_class_has_that_one_is_offered(project: Project) -> None:
    project.write("Utils.java", HASHES.replace("murmur2", "crc"))
    project.write("Murmur.java", HASHES.replace("Utils", "Murmur").replace("abs(", "absolute("))
    checks = HASHES.replace("Utils", "HashTest").replace("abs(", "near(").replace("int seed", "int a, seed")
    project.write("HashTest.java", checks.replace("        return seed", "\n\n\n        return seed"))
    project.build()
    found = text(project, "Utils.java::Utils.murmur2")
    assert [(one.symbol, one.score) for one in found.candidates] == [
        ("Murmur.murmur2", 0.5), ("HashTest.murmur2", 0.5),
    ], "code before tests"  # fmt: skip
    for number in range(8):
        project.write(f"Other{number}.java", HASHES.replace("Utils", f"Other{number}"))
    project.build()
    assert text(project, "Utils.java::Utils.murmur2").candidates == (), (
        "a name that everybody has says nothing"
    )


# -- gone, and somebody else has its name


def test_a_method_that_moved_and_was_edited_a_lot_is_offered_with_how_much_is_left(project: Project) -> None:
    project.write("Utils.java", HASHES)
    project.build()
    reference = linked(project, "Utils.java::Utils.murmur2")
    project.write(
        "Utils.java", HASHES.replace("murmur2", "crc").replace("seed", "sum").replace("data", "all")
    )
    project.write("Murmur.java", "class Murmur {\n    static int murmur2(byte[] data) {\n"
                  "        return new Stream(data).fold(Murmur::mix);\n    }\n}\n")  # fmt: skip
    project.build()
    project.write("Utils.java", HASHES.split("    static int murmur2")[0] + "    int n;\n}\n")
    project.build()
    found = ask(project, reference)
    if found.state != "stale":
        pytest.fail(f"{found}")
    assert found.reason == "No such code is left in this root."
    assert offered(found) == [("Murmur.java", "Murmur.murmur2")]
    assert 0.0 < found.candidates[0].score < 0.5, "little of it is there, and that is said"


def test_a_name_that_everybody_has_makes_no_candidates_of_the_dead(project: Project) -> None:
    project.write("shop.py", TOTAL + NOTIFY)
    for number in range(9):
        project.write(f"other{number}.py", f"def total():\n    return {number} * CASES[{number}].size()\n")
    project.build()
    reference = linked(project, "shop.py::total")
    project.write("shop.py", NOTIFY)
    project.build()
    assert ask(project, reference).candidates == ()
