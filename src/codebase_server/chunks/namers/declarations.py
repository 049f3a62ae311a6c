"""Names in declarations: declarators, receivers, extended types."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from codebase_server.chunks.names import (
    arguments_of,
    described,
    field,
    first,
    first_name,
    plain,
    text_of,
    without_arguments,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_DECLARATORS = frozenset(
    "pointer_declarator reference_declarator array_declarator parenthesized_declarator"
    " function_declarator init_declarator"
    " attributed_declarator".split()
)


def declarator(node: Node) -> list[str]:
    """C's declarators, unwrapped to the name inside them; ``TEST(Suite, Case) {`` is ``Suite.Case``."""
    if case := test_case(node):
        return [case]
    return [name for child in node.children_by_field_name("declarator") if (name := declared(child))]


_TESTING: Final = re.compile(r"(?=[A-Z])[A-Z0-9_]*(?:TEST|SCENARIO)[A-Z0-9_]*")
"""A macro that defines a test, as GoogleTest, Catch2 and their likes have them."""


def test_case(node: Node) -> str:
    """The name of a test that a macro makes: ``TEST(Suite, Case) {``, with a body, without a type."""
    if node.child_by_field_name("type") is not None:
        return ""
    head = node.child_by_field_name("declarator")
    if head is None or head.type != "function_declarator":
        return ""
    macro, parameters = head.child_by_field_name("declarator"), head.child_by_field_name("parameters")
    if macro is None or parameters is None or not _TESTING.fullmatch(text_of(macro)):
        return ""
    return ".".join(plain(text_of(one)) for one in parameters.named_children)


def test_call(node: Node) -> list[str]:
    """The same where the grammar takes it for a call: ``TEST_CASE("it opens") {``, ``TEST(A, B) {`` in C."""
    behind, call = node.next_named_sibling, next(iter(node.named_children), None)
    if behind is None or behind.type != "compound_statement" or call is None:
        return []
    macro = call.child_by_field_name("function")
    if macro is None or not _TESTING.fullmatch(text_of(macro)):
        return []
    given = arguments_of(call)
    said = next((one for one in given if one.type == "string_literal"), None)
    return [described(text_of(said)) if said is not None else ".".join(plain(text_of(one)) for one in given)]


def declared(node: Node) -> str:
    """The name in a declarator, without what is around it (``*f(int)``, ``a[3]``); empty where none is."""
    while node.type in _DECLARATORS:
        inner = _inside(node)
        if inner is None:
            return ""
        node = inner
    if node.type == "qualified_identifier":
        return ".".join(qualified(node))
    if node.type == "operator_cast":
        return plain("operator " + text_of(node).removeprefix("operator").partition("(")[0])
    if node.type == "template_function":
        return first(node) or ""
    return plain(text_of(node))


def qualified(node: Node) -> Iterator[str]:
    """The parts of ``ns::Class<T>::method``."""
    while node.type == "qualified_identifier":
        scope = node.child_by_field_name("scope")
        if scope is not None:
            yield without_arguments(text_of(scope))
        inner = node.child_by_field_name("name")
        if inner is None:
            return
        node = inner
    yield declared(node)


def declares_function(node: Node) -> bool:
    """Whether a C declaration is a prototype: ``int f(int);``, and no variable that holds a function."""
    return any(_is_prototype(child) for child in node.children_by_field_name("declarator"))


def _is_prototype(node: Node | None) -> bool:
    while node is not None and node.type in _DECLARATORS:
        inner = _inside(node)
        called = inner
        while called is not None and called.type == "parenthesized_declarator":  # int (f)(int);
            called = _inside(called)
        if node.type == "function_declarator" and called is not None and called.type not in _DECLARATORS:
            return True
        node = inner
    return False


def _inside(node: Node) -> Node | None:
    return node.child_by_field_name("declarator") or next(iter(node.named_children), None)


def receiver(node: Node) -> list[str]:
    """Go: ``func (s *Store[T]) Get()`` is ``Store.Get``."""
    name = field(node, "name")
    receiver = node.child_by_field_name("receiver")
    if receiver is None or not name:
        return name
    words = without_arguments(text_of(receiver)).replace("*", " ").strip("() ").split()
    inner = re.sub(r"\[.*", "", text_of(receiver).strip("() \n\t").replace("*", " "))
    words = inner.split() or words
    return [f"{words[-1]}.{name[0]}"] if words else name


def implemented_type(node: Node) -> list[str]:
    """Rust: the type that an ``impl`` is for, without its arguments."""
    found = node.child_by_field_name("type")
    if found is None:
        return []
    return [_BORROWED.sub("", without_arguments(text_of(found))).strip()]


_BORROWED = re.compile(r"&|'\w+\b|\b(?:mut|dyn)\b")


def extended(node: Node) -> list[str]:
    """Kotlin: ``fun String.shout()`` is ``String.shout``."""
    name = node.child_by_field_name("name")
    if name is None:
        return []
    receiver = next(
        (
            child
            for child in node.children
            if child.end_byte <= name.start_byte and child.type in _RECEIVER_TYPES
        ),
        None,
    )
    dotted = receiver is not None and b"." in (node.text or b"")[: name.start_byte - node.start_byte]
    return (
        [f"{without_arguments(text_of(receiver).strip('()')).rstrip('?')}.{plain(text_of(name))}"]
        if dotted and receiver
        else [plain(text_of(name))]
    )


_RECEIVER_TYPES = frozenset({"user_type", "nullable_type", "parenthesized_type"})


def variables(node: Node) -> list[str]:
    """Kotlin: the variables of a property; what annotates it, and the type that it extends, come before."""
    declared_ = [
        name
        for child in node.named_children
        if child.type in ("variable_declaration", "multi_variable_declaration")
        for one in (child.named_children if child.type.startswith("multi") else [child])
        if (name := first(one))
    ]
    return declared_ or first_name(node)


def dart_constructor(node: Node) -> list[str]:
    """Dart: ``Point.origin()`` in class ``Point`` is ``origin``, ``Point(this.x)`` is ``Point``."""
    named = [text_of(child) for child in node.named_children if child.type == "identifier"]
    return named[-1:]


def dart_operator(node: Node) -> list[str]:
    """Dart: ``bool operator ==(Object other)``."""
    match = re.search(r"operator\s*([^\s(\w]+)\s*\(", text_of(node))
    return [plain(f"operator {match[1]}")] if match else []


def with_body(node: Node) -> list[str]:
    """C: a structure that is only announced (``struct x;``) defines nothing."""
    return field(node, "name") if node.child_by_field_name("body") is not None else []


def children_names(types: frozenset[str]) -> Callable[[Node], list[str]]:
    """Names those of a node's children that are of some types: ``x, y int``."""

    def names(node: Node) -> list[str]:
        return [
            name
            for child in node.named_children
            if child.type in types and (name := (named(child) or first(child)))
        ]

    return names


def named(node: Node) -> str | None:
    """The text of the field ``name``; None where the grammar has none."""
    found = node.child_by_field_name("name")
    return plain(text_of(found)) if found is not None else None


def selector(node: Node) -> list[str]:
    """Objective-C: ``- (void)move:(int)x to:(int)y`` is ``move:to:``."""
    head = text_of(node).partition("{")[0]
    parts = re.findall(r"(\w+)\s*:", re.sub(r"\([^()]*\)", "", head))
    if parts:
        return [".".join(parts)]
    words = re.findall(r"\w+", re.sub(r"\([^()]*\)", "", head))
    return words[:1]


def last_word(node: Node) -> list[str]:
    """The last word: what is declared where the type stands first."""
    words = re.findall(r"\w+", text_of(node).rstrip("; "))
    return words[-1:]


def extension(node: Node) -> list[str]:
    """Scala 3: the type that an extension adds to."""
    match = re.search(r":\s*([\w.]+)", text_of(node).partition(")")[0])
    return [match[1]] if match else []


def bound(node: Node) -> list[str]:
    """Swift: ``var name: Type { get }`` of a protocol."""
    pattern = node.child_by_field_name("name")
    return first_name(pattern) if pattern is not None else []


_GUARDED_ROWS = 5
"""Rows of the least that a header guard guards."""


def macro(node: Node) -> list[str]:
    """C: a macro without a value that only guards its header against a second reading defines nothing."""
    around = node.parent
    if node.child_by_field_name("value") is None and around is not None and around.type == "preproc_ifdef":
        guards = (around.text or b"").startswith(b"#ifndef")
        if guards and field(around, "name") == field(node, "name"):
            first_row, last_row = around.start_point.row, around.end_point.row
            if last_row - first_row > _GUARDED_ROWS:
                return []
    return field(node, "name")
