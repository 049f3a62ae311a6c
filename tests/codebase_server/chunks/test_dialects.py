"""What a grammar reads one dialect of: zsh by that of Bash, Protocol Buffers by that of proto3."""

from __future__ import annotations

import textwrap

import pytest

from codebase_server.chunks import split
from codebase_server.files import language_of
from codebase_server.records import ParsedFile, SourceFile


def parsed(path: str, text: str) -> ParsedFile:
    text = textwrap.dedent(text).lstrip("\n")
    return split(SourceFile(path, text, "", language_of(path), "code", len(text)))


def defined(path: str, text: str) -> list[tuple[str, str, int, int]]:
    return [(d.kind, d.qualified, d.start_line, d.end_line) for d in parsed(path, text).definitions]


MESSAGES = """
package shop;

message Door {
  string name = 1;
}

service Doors {
  rpc Open(Door) returns (Door);
}
"""
NAMED = [
    ("message", "Door", 3, 5),
    ("field", "Door.name", 4, 4),
    ("service", "Doors", 7, 9),
    ("method", "Doors.Open", 8, 8),
]


@pytest.mark.parametrize("first", ["", 'syntax = "proto3"; ', 'syntax = "proto2"; ', 'edition = "2023"; '])
def test_protocol_buffers_are_named_whatever_syntax_they_say_or_none(first: str) -> None:
    assert defined("door.proto", first + MESSAGES.lstrip()) == NAMED


def test_a_syntax_said_behind_a_licence_is_read_too() -> None:
    licence = "// All rights reserved.\n"
    moved = [(kind, name, start + 2, end + 2) for kind, name, start, end in NAMED]
    for syntax in ("proto2", "proto3"):
        assert defined("door.proto", f'{licence}syntax = "{syntax}";\n{MESSAGES.lstrip()}') == moved


def test_what_only_proto2_has_hides_no_name() -> None:
    text = """
        syntax = "proto2";

        message Door {
          required int32 width = 1;
          extensions 100 to 199;
          repeated group Hinge = 3 {
            optional int32 size = 1;
          }
        }

        extend shop.Door {
          optional int32 colour = 107;
        }

        message House {
          optional Door door = 1;
        }
        """
    found = parsed("door.proto", text)
    assert {d.qualified for d in found.definitions} == {
        "Door",
        "Door.width",
        "Door.Hinge",
        "Door.Hinge.size",
        "House",
        "House.door",
    }
    signatures = {d.qualified: d.signature for d in found.definitions}
    assert signatures["Door.width"] == "required int32 width = 1;"
    assert signatures["Door.Hinge"] == "repeated group Hinge = 3"
    assert not found.had_errors


ZSH = """
    _shop() {
      local -a doors=( ${(@)all} )
      print -r -- ${(q)doors[1]} *(.N)
    }

    (( $+functions[_shop_types] )) ||
    _shop_types() {
      doors=( ${${(f)"$(_call_program types shop --list)"}//:/[1]} )
    }

    function _shop_colours {
      echo ${${doors%%:*}:u}
    }
    """


@pytest.mark.parametrize(
    ("path", "first"),
    [("shop.zsh", ""), (".zshrc", ""), ("shop.sh", "#!/usr/bin/env zsh\n"), ("shop.sh", "#compdef shop\n")],
)
def test_functions_of_zsh_are_named_whatever_is_expanded_in_them(path: str, first: str) -> None:
    found = parsed(path, first + textwrap.dedent(ZSH).lstrip("\n"))
    more = first.count("\n")
    assert [(d.qualified, d.start_line - more, d.end_line - more) for d in found.definitions] == [
        ("_shop", 1, 4),
        ("_shop_types", 7, 9),
        ("_shop_colours", 11, 13),
    ]
    assert not found.had_errors


def test_a_shell_function_that_does_not_parse_costs_no_other() -> None:
    text = """
        first() {
          echo ${a[@]} | ((
        }

        second() {
          echo 2
        }

        function third {
          echo 3
        }
        """
    assert {d.qualified for d in parsed("door.sh", text).definitions} >= {"second", "third"}


def test_values_in_locals_are_named_as_terraform_uses_them() -> None:
    text = """
        locals {
          gateways = 3
          tags = {
            owner = "shop"
          }
        }

        resource "shop_door" "front" {
          width = 3
          lifecycle {
            prevent_destroy = true
          }
        }
        """
    assert defined("main.tf", text) == [
        ("element", "locals", 1, 6),
        ("variable", "locals.gateways", 2, 2),
        ("variable", "locals.tags", 3, 5),
        ("element", "resource.shop_door.front", 8, 13),
    ]
