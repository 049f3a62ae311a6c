"""Names with more or less around them than the definition has: a keyword before, a sign left out."""

from __future__ import annotations

import pytest

from .conftest import Indexed

FILES = {
    "buffer.c": "struct evbuffer {\n  int length;\n};\n\nenum flavour {\n  SWEET,\n};\n",
    "shop.py": "class Shop:\n    def load(self, path):\n        return path\n",
    "web.ts": (
        "export interface Route {\n  path: string;\n}\n\n"
        "export function render(page: string) {\n  return page;\n}\n"
    ),
    "lib.rs": "pub fn parse(text: &str) -> usize {\n    text.len()\n}\n",
    "comment.rb": (
        "class Comment\n  def breaks_speed_limit?\n    false\n  end\n\n"
        "  def check\n    return if breaks_speed_limit?\n    nil\n  end\nend\n"
    ),
    "README.md": "# Shop\n\n## class Guide\n\nHow a class is written.\n",
}


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("struct evbuffer", "evbuffer"),
        ("enum flavour", "flavour"),
        ("class Shop", "Shop"),
        ("def load(self, path):", "Shop.load"),
        ("interface Route", "Route"),
        ("export function render", "render"),
        ("pub fn parse", "parse"),
        ("class Sho*", "Shop"),
    ],
)
def test_a_word_that_defines_is_none_of_the_name(indexed: Indexed, name: str, symbol: str) -> None:
    answer = indexed(FILES).find_symbol(name)
    assert answer["results"][0]["symbol"] == symbol
    assert answer["warnings"] == []


def test_usages_are_those_of_the_name_without_its_keyword(indexed: Indexed) -> None:
    files = FILES | {"use.c": "void drain(void) {\n  struct evbuffer *one = make();\n}\n"}
    answer = indexed(files).find_symbol("struct evbuffer", usages=True)
    assert [(one["file_path"], one["line"]) for one in answer["usages"]] == [("use.c", 2)]


def test_a_heading_that_begins_with_such_a_word_has_it_in_its_name(indexed: Indexed) -> None:
    answer = indexed(FILES).find_symbol("class Guide")
    assert [one["file_path"] for one in answer["results"]] == ["README.md"]


def test_a_method_asked_without_the_sign_of_its_name_is_shown_and_so_are_its_usages(
    indexed: Indexed,
) -> None:
    service = indexed(FILES)
    for name in ("Comment#breaks_speed_limit", "breaks_speed_limit"):
        answer = service.find_symbol(name, usages=True)
        assert [one["symbol"] for one in answer["results"]] == ["Comment.breaks_speed_limit?"]
        assert [one["line"] for one in answer["usages"]] == [7]
        assert answer["warnings"] == [
            "No definition is named breaks_speed_limit: breaks_speed_limit? is shown, sign and all."
        ]


WRITTEN = {
    "lib/config.ex": (
        'defmodule Config do\n  @doc "Where."\n  @default_port 4000\n'
        "  def port(x), do: x + @default_port\nend\n"
    ),
    "lib/other.ex": "defmodule Other do\n  def port(x), do: x\nend\n",
    "app/UserController.php": (
        "<?php\nclass UserController {\n  protected $fillable = [];\n  public function show($id) {}\n}\n"
    ),
    "app/PostController.php": "<?php\nclass PostController {\n  public function show($id) {}\n}\n",
    "size.rb": "class Box\n  def initialize\n    @size = 1\n  end\n  def twice\n    @size * 2\n  end\nend\n",
}


@pytest.mark.parametrize(
    ("name", "symbols"),
    [
        ("config.ex:port", ["Config.port"]),
        ("lib/config.ex:port", ["Config.port"]),
        ("UserController@show", ["UserController.show"]),
        ("$fillable", ["UserController.fillable"]),
        ("@default_port", ["Config.default_port"]),
        ("@size", ["Box.size"]),
        ("@doc", []),
    ],
)
def test_signs_and_files_that_a_language_or_a_tool_writes_before_a_name(
    indexed: Indexed, name: str, symbols: list[str]
) -> None:
    assert [one["symbol"] for one in indexed(WRITTEN).find_symbol(name)["results"]] == symbols
