"""Names given by convention: in the arguments of a call, in a string, in equations and attributes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codebase_server.chunks.names import (
    MAX_NAME,
    arguments_of,
    child_of,
    described,
    field,
    first_name,
    plain,
    text_of,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_SPACE = re.compile(r"\s+")


def test_string(node: Node) -> list[str]:
    """The description of a test: a string of its own, or the first argument of the call.

    Zig's ``test open {}`` documents a function of that name, and must not be taken for it: ``test open``.
    """
    if node.type == "test_declaration" and (function := child_of(node, "identifier")) is not None:
        return [f"test {plain(text_of(function))}"]
    own = next((child for child in node.named_children if "string" in child.type), None)
    if own is not None:
        return [described(text_of(own))]
    for argument in arguments_of(node)[:2]:
        if argument.type in ("constant", "scope_resolution"):  # RSpec.describe Doors::Store
            return [plain(text_of(argument))]
        if any(word in argument.type for word in _DESCRIBING) or not argument.named_child_count:
            return [described(text_of(argument)) or "test"]
        if argument.type == "argument":  # a node around each argument
            return [described(text_of(argument)) or "test"]
    callee = child_of(node, "function")
    # ``test("name") { ... }``: a call of a call.
    return test_string(callee) if callee is not None and callee.type == node.type else ["test"]


_TEST_MACRO = re.compile(r"(?:\w+::)*(?:\w*_)?\w?\w?tests?(?:_\w+)?")


def test_macro(node: Node) -> list[str]:
    """Rust: the name that a macro made for tests is given first, ``rgtest!(finds_files, |dir| { ... })``."""
    macro, given = child_of(node, "macro"), child_of(node, "token_tree")
    if macro is None or given is None or not _TEST_MACRO.fullmatch(text_of(macro)):
        return []
    first = next(iter(given.named_children), None)
    return [plain(text_of(first))] if first is not None and first.type == "identifier" else []


_DESCRIBING = ("string", "member_expression", "template", "call")


def signature_call(node: Node) -> list[str]:
    """Julia: the called name of ``function Base.show(io, x) where T``, of ``Base.:(==)(a, b) = true``."""
    head = child_of(node, "signature") or node
    match = re.match(r"\s*(?:function|macro)?\s*(?:([^\s({]+\.):\(([^\s()]+)\)|([^\s({]+))", text_of(head))
    return [plain(match[3] or match[1] + match[2])] if match else []


def called(node: Node | None) -> bool:
    """Julia: whether what is assigned to is a call, ``f(x)::T where T``, and so makes a function."""
    while node is not None and node.type in ("where_expression", "typed_expression"):
        node = node.named_children[0] if node.named_children else None
    return node is not None and node.type == "call_expression"


def operator_or_name(node: Node) -> list[str]:
    """Haskell: ``f x``, ``(+++)``, and ``a +++ b``."""
    found = node.child_by_field_name("name")
    if found is not None:
        return [text_of(found).strip("() ")[:MAX_NAME]]
    infix = child_of(node, "infix")
    operator = infix.child_by_field_name("operator") if infix is not None else None
    return [text_of(operator).strip("` ")[:MAX_NAME]] if operator is not None else []


def instance(node: Node) -> list[str]:
    """Haskell: ``instance Show Foo`` is ``Show Foo``."""
    patterns = node.child_by_field_name("patterns")
    name = field(node, "name")
    return (
        [f"{name[0]} {_SPACE.sub(' ', text_of(patterns))}"[:MAX_NAME] if patterns is not None else name[0]]
        if name
        else []
    )


def self_method(node: Node) -> list[str]:
    """Ruby: ``def self.make`` is ``make``, ``def Foo.make`` is ``Foo.make``."""
    owner, name = node.child_by_field_name("object"), field(node, "name")
    if owner is None or not name or text_of(owner) == "self":
        return name
    return [f"{plain(text_of(owner))}.{name[0]}"]


def first_argument(node: Node) -> list[str]:
    """The first argument: ``defmodule A.B``, ``define("A", 1)``."""
    arguments = arguments_of(node)
    return [plain(text_of(arguments[0]).lstrip(":"))] if arguments else []


def all_arguments(node: Node) -> list[str]:
    """Ruby: ``attr_reader :a, :b``."""
    return [plain(text_of(one).lstrip(":")) for one in arguments_of(node)]


def string_argument(node: Node) -> list[str]:
    """R: the first text that a call is given, ``setClass("Person", ...)``."""
    found = next((one for one in arguments_of(node) if "string" in one.type or one.named_child_count), None)
    return [described(text_of(found))] if found is not None else []


def defined(node: Node) -> list[str]:
    """Elixir: ``def name(x) when ...``, ``def name``."""
    arguments = arguments_of(node)
    at = arguments[0] if arguments else None
    while at is not None and at.type == "binary_operator":
        at = at.child_by_field_name("left")
    if at is None:
        return []
    target = at.child_by_field_name("target") if at.type == "call" else at
    return [plain(text_of(target))] if target is not None else []


def implemented(node: Node) -> list[str]:
    """Elixir: ``defimpl Protocol, for: Type`` is ``Protocol Type``."""
    arguments = arguments_of(node)
    return (
        [plain(" ".join(text_of(one).replace("for:", "").strip() for one in arguments[:2]))]
        if arguments
        else []
    )


def attribute(node: Node) -> list[str]:
    """Elixir: ``@type name :: ...``, ``@callback name(...) :: ...``, of whose ``@`` this is the operand."""
    around = node.parent
    return defined(node) if around is not None and around.type == "unary_operator" else []


def block_labels(node: Node) -> list[str]:
    """HCL: ``resource "aws_instance" "web"`` is ``resource.aws_instance.web``; a block in another is none."""
    if node.parent is not None and node.parent.parent is not None and node.parent.parent.type == node.type:
        return []
    head = text_of(node).partition("{")[0]
    words = re.findall(r"[\w-]+", head)
    return [".".join(words)] if words else []


def block_label(node: Node) -> list[str]:
    """The last word before a block: ``model User {``."""
    return [name.rpartition(".")[2] for name in block_labels(node)]


def local_value(node: Node) -> list[str]:
    """HCL: ``count = 3`` in ``locals {}``, whose attributes have names that are used elsewhere."""
    block = node.parent.parent if node.parent is not None else None
    name = child_of(block, "identifier") if block is not None and block.type == "block" else None
    return first_name(node) if name is not None and text_of(name) == "locals" else []
