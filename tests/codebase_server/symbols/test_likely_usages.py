"""A use that can only mean what was asked for is likely, however a language writes it."""

from __future__ import annotations

import pytest
from tests.codebase_server.symbols.conftest import Indexed

SPREAD_JS = """export const base = { y: 2 };
const a = { ...base, x: 1 };
const b = [...base];
run(...base);
run(other.base);
"""
RANGES = """fn lowest() -> usize { 0 }
fn count(list: &[u8]) -> &[u8] { &list[0..lowest()] }
fn full() -> Shape { Shape { x: 1, ..lowest() } }
"""
STRINGS_JOINED = """<?php
function suffix() { return 'x'; }
function name($all) { return 'a' .suffix() . join(...suffix()); }
"""
ELIXIR = """defmodule Store do
  def run(x) do
    if ready?(x), do: tidy(x)
    x |> tidy() |> tidy
    Enum.map(x, &tidy/1)
    tidy = 1
    x + tidy
  end
  defp ready?(x), do: x > 1
  defp tidy(x), do: x
end
"""
HASKELL = """module Shapes where
data Shape = Circle Int | Square { side :: Int }
trim :: String -> String
trim "" = ""
trim x = x
both = words . trim
tight = words.trim
area (Circle r) = r
area shape = side shape
new = Square { side = 1 }
away = Other.trim "x"
"""
ENUM_IN_C = """#include "color.h"
int paint(color_e c) {
    switch (c) {
    case RED_ONE: return 1;
    }
    return RED_ONE;
}
"""
RUST = """use Kind::*;
pub enum Kind { Alpha, Beta }
mod inner { pub fn deep() {} pub fn call() { deep() } }
pub fn f(k: Kind) -> i32 {
    match k {
        Alpha => 1,
        Kind::Beta => 2,
    }
}
"""
OCAML = """type colour = Red | Blue of int
module Paint = struct
  let mix x = x + 1
  let twice x = mix (mix x)
end
let f = function
  | Red -> 1
  | Blue n -> n
let other = List.map Paint.mix [1]
"""
SWIFT = """enum Kind { case alpha, beta }
func f(_ k: Kind) -> Int { switch k {
    case .alpha: return 1
    default: return 2 }
}
func each(list: [Int]) { for i in 0..<lowest() { print(i) } }
func lowest() -> Int { 1 }
"""
KOTLIN = """import app.Kind.*
enum class Kind { ALPHA, BETA }
fun lowest() = 1
fun f(k: Kind) = when (k) {
    ALPHA -> 1
    else -> 2
}
val all = 0..lowest()
"""
JULIA = """module Store
struct Door end
tidy(x) = x
run(x) = tidy(x)
end
"""
LUA = """local function suffix() return "x" end
local name = "a"..suffix()
"""


@pytest.mark.parametrize(
    ("file", "text", "name", "lines"),
    [
        ("a.ts", SPREAD_JS, "base", [2, 3, 4]),
        ("a.rs", RANGES, "lowest", [2, 3]),
        ("a.php", STRINGS_JOINED, "suffix", [3]),
        ("a.lua", LUA, "suffix", [2]),
        ("a.ex", ELIXIR, "tidy", [3, 4, 5]),
        ("a.ex", ELIXIR, "ready?", [3]),
        ("a.hs", HASKELL, "trim", [6, 7]),
        ("a.hs", HASKELL, "Circle", [8]),
        ("a.hs", HASKELL, "side", [9, 10]),
        ("a.rs", RUST, "Alpha", [6]),
        ("a.rs", RUST, "Beta", [7]),
        ("a.rs", RUST, "deep", [3]),
        ("a.ml", OCAML, "mix", [4, 9]),
        ("a.swift", SWIFT, "alpha", [3]),
        ("a.swift", SWIFT, "lowest", [6]),
        ("a.kt", KOTLIN, "ALPHA", [5]),
        ("a.kt", KOTLIN, "lowest", [8]),
        ("a.jl", JULIA, "tidy", [4]),
    ],
)
def test_the_plain_uses_of_a_name_are_likely(
    indexed: Indexed, file: str, text: str, name: str, lines: list[int]
) -> None:
    found = indexed({file: text}).find_symbol(name, usages=True)["usages"]
    assert [one["line"] for one in found if one["likely"] and one["manner"] != "import"] == lines


def test_constants_of_an_enum_in_c_are_likely_where_nothing_names_the_enum(indexed: Indexed) -> None:
    header = "typedef enum { RED_ONE, GREEN_TWO } color_e;\n"
    service = indexed({"color.h": header, "paint.c": ENUM_IN_C, "main.c": "int first = GREEN_TWO;\n"})
    red = service.find_symbol("RED_ONE", usages=True)["usages"]
    assert [(one["line"], one["likely"]) for one in red] == [(4, True), (6, True)]
    (green,) = service.find_symbol("GREEN_TWO", usages=True)["usages"]
    assert (green["file_path"], green["likely"]) == ("main.c", True)


def test_a_bare_call_in_another_module_that_has_its_own_is_less_likely(indexed: Indexed) -> None:
    other = "defmodule Other do\n  alias Store\n  def run(x), do: tidy(x)\n  def tidy(x), do: x\nend\n"
    found = indexed({"store.ex": ELIXIR, "other.ex": other}).find_symbol("Store.tidy", usages=True)["usages"]
    likely = {(one["file_path"], one["line"]): one["likely"] for one in found}
    assert not likely["other.ex", 3]
    assert likely["store.ex", 3]


def test_a_variable_named_like_the_module_makes_no_class_of_it(indexed: Indexed) -> None:
    other = "defmodule Other do\n  def store(x), do: x\nend\n"
    found = indexed({"store.ex": ELIXIR, "other.ex": other}).find_symbol("tidy", usages=True)["usages"]
    assert [one["line"] for one in found if one["likely"]] == [3, 4, 5]


TERRAFORM = {
    "variables.tf": 'variable "public_access" {\n  type = bool\n}\nlocals {\n  role = "x"\n}\n',
    "main.tf": (
        'resource "aws_eks_cluster" "this" {\n'
        "  public_access = var.public_access\n"
        "  role_arn      = local.role\n"
        "}\n"
        'output "arn" {\n  value = aws_eks_cluster.this.arn\n}\n'
    ),
    "README.md": "# Cluster\n\nThe public_access of it.\n",
    "examples/main.tf": (
        'module "eks" {\n  source        = "../"\n  public_access = true\n}\n'
        'resource "aws_other" "that" {\n  public_access = false\n}\n'
    ),
}


def test_what_terraform_does_with_a_variable_is_code(indexed: Indexed) -> None:
    found = indexed(TERRAFORM).find_symbol("public_access", usages=True)["usages"]
    assert [(one["file_path"], one["line"], one["manner"], one["likely"]) for one in found] == [
        ("examples/main.tf", 3, "use", True),
        ("main.tf", 2, "use", True),
        ("examples/main.tf", 6, "use", False),
        ("README.md", 3, "text", True),
    ]


def test_a_type_of_resource_finds_its_resources(indexed: Indexed) -> None:
    service = indexed(TERRAFORM)
    answer = service.find_symbol("aws_eks_cluster", usages=True)
    assert [one["symbol"] for one in answer["results"]] == ["resource.aws_eks_cluster.this"]
    assert answer["warnings"] == ["aws_eks_cluster is a type of resource: shown are those of it."]
    assert [(one["line"], one["manner"]) for one in answer["usages"]] == [(6, "use")]
