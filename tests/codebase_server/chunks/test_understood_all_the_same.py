"""A file with an error in it: what its tree understood is taken from there, what was lost is parsed alone."""

from __future__ import annotations

import pytest
from tree_sitter import Node

from codebase_server.chunks import split
from codebase_server.chunks.recovery import levels
from codebase_server.records import ParsedFile, SourceFile


def parsed(language: str, text: str) -> ParsedFile:
    return split(SourceFile("file", text, "", language, "code", len(text)))


def symbols(file: ParsedFile) -> dict[str, str]:
    return {one.qualified: one.kind for one in file.definitions}


def test_one_broken_function_among_many_costs_its_own_parses(parses: list[object]) -> None:
    whole = [f"export function whole{number}(a) {{\n  return a;\n}}\n" for number in range(300)]
    whole[100] = "export function broken(a) {\n  return a ? ) : 1;\n}\n"
    found = symbols(parsed("typescript", "\n".join(whole)))
    assert {f"whole{number}" for number in range(300) if number != 100} <= found.keys()
    assert "broken" in found
    assert len(parses) < 20


def test_one_broken_method_among_many_costs_its_own_parses(parses: list[object]) -> None:
    methods = [f"    def whole{number}(self):\n        return {number}\n" for number in range(300)]
    methods[100] = "    def broken(self):\n        return 1 ? 2\n"
    found = symbols(parsed("python", "import os\n\n\nclass Large:\n" + "\n".join(methods)))
    assert found["Large"] == "class"
    assert {f"Large.whole{number}" for number in range(300) if number != 100} <= found.keys()
    assert found["Large.whole299"] == "method"
    assert len(parses) < 30


def test_each_of_many_breaks_is_looked_for_in_its_own_class(monkeypatch: pytest.MonkeyPatch) -> None:
    """To go through the whole file for each takes minutes where a thousand classes are broken."""
    looked_through: list[int] = []
    original = levels._around

    def recorded(top: Node, first: int, last: int) -> Node | None:
        looked_through.append(top.child_count)
        return original(top, first, last)

    monkeypatch.setattr(levels, "_around", recorded)
    broken = "  broken(a) {\n    return a ? ) : 1;\n  }\n\n  later() {\n    return 2;\n  }\n"
    found = symbols(parsed("typescript", "\n".join(f"class C{at} {{\n{broken}}}\n" for at in range(100))))
    assert {f"C{at}.later" for at in range(100)} <= found.keys()
    assert len(looked_through) > 100
    assert sum(children > 50 for children in looked_through) == 1


MARGINS = {
    "csharp": """
namespace Shop
{
    public class Basket
    {
        public int First() { return 1; }
#pragma warning disable 618
        public int Broken( { return (; }
#pragma warning restore 618
        public int Later() { return 2; }

#if DEBUG
        public int Last() { return 3; }
#endif
    }
}
""",
    "swift": """
class Basket {
    func first() -> Int { return 1 }

#if os(macOS)
    func broken( -> Int { return ( }
#endif

    func later() -> Int {
        return 2
    }

    func last() -> Int { return 3 }
}
""",
}


@pytest.mark.parametrize("language", MARGINS)
def test_a_directive_at_the_margin_does_not_end_the_class_that_it_stands_in(language: str) -> None:
    found = symbols(parsed(language, MARGINS[language]))
    kinds = {name.lower(): kind for name, kind in found.items()}
    assert kinds["basket"] == "class"
    for name in ("first", "later", "last"):
        assert kinds[f"basket.{name}"] == "method", found


def test_what_a_broken_method_swallowed_is_not_taken_for_understood() -> None:
    """The grammar ends the class at the break and reads its fields as variables of a function."""
    broken = "    void head() { }\n\n        run(a);\n    }\n"
    lost = "    static int count = 1;\n    final String word = name();\n"
    text = f"class Store {{\n{broken}\n{lost}\n    int get() {{ return count; }}\n}}\n"
    found = symbols(parsed("java", text))
    assert found["Store.count"] == found["Store.word"] == "field"
    assert found["Store.get"] == "method"


def test_a_line_that_is_lost_in_part_is_parsed_by_itself() -> None:
    fields = "    cdef readonly object version  # of the protocol\n"
    text = f"cdef class Message:\n{fields}\n    def __init__(self):\n        pass\n"
    found = symbols(parsed("python", text))
    assert "Message.version" in found
    assert found["Message.__init__"] in ("method", "constructor")
