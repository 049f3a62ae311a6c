"""What a type may be is found by name, as a member of it: constructors, variants, cases."""

from __future__ import annotations

import pytest

from codebase_server.chunks import split
from codebase_server.records import SourceFile

CASES = {
    "haskell": (
        "module A where\ndata Shape = Circle Int | Square { side :: Int }\n",
        {"Shape.Circle": "member", "Shape.Square": "member", "Shape.Square.side": "field"},
    ),
    "ocaml": (
        "type t = Red | Blue of int\n"
        "type 'a r = { width : int; mutable height : 'a }\nlet f = function Red -> 1\n",
        {"t.Red": "member", "t.Blue": "member", "r.width": "field", "r.height": "field"},
    ),
    "scala": (
        "enum Colour:\n  case Red, Blue\n  case Mix(a: Int)\n",
        {"Colour.Red": "member", "Colour.Blue": "member", "Colour.Mix": "member"},
    ),
    "swift": (
        "enum Kind {\n  case one, two(Int)\n}\n",
        {"Kind.one": "member", "Kind.two": "member"},
    ),
    "rust": (
        "pub enum Kind { One, Two(u8), Three { x: u8 } }\n",
        {"Kind.One": "member", "Kind.Two": "member", "Kind.Three": "member"},
    ),
    "proto": ('syntax = "proto3";\nenum Kind { ONE = 0; }\n', {"Kind.ONE": "member"}),
    "graphql": ("enum Kind { ONE TWO }\n", {"Kind.ONE": "member", "Kind.TWO": "member"}),
    "solidity": ("enum Kind { One, Two }\n", {"Kind.One": "member", "Kind.Two": "member"}),
}


@pytest.mark.parametrize("language", CASES)
def test_each_case_of_a_type_is_a_member_of_it(language: str) -> None:
    text, members = CASES[language]
    file = split(SourceFile("file", text, "", language, "code", len(text)))
    found = {one.qualified: one.kind for one in file.definitions}
    assert {name: kind for name, kind in found.items() if "." in name} == members
