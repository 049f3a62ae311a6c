"""The ways to a definition's name, where a field alone does not hold it.

Each answers the names that a node gives, qualified with ``.`` as far as the
node itself says (``Type.method`` of a Go receiver); none when it has no name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_NAME = 200
"""Characters of a name that are kept; longer ones are not names."""

_DECLARATORS = frozenset(
    "pointer_declarator reference_declarator array_declarator parenthesized_declarator"
    " function_declarator init_declarator"
    " attributed_declarator".split()
)
_NAMES = frozenset(
    "identifier type_identifier field_identifier simple_identifier"
    " property_identifier private_property_identifier name"
    " constant word variable constructor alias".split()
)
_SPACE = re.compile(r"\s+")
_GENERIC = re.compile(r"<[^<>]*>|\[[^\[\]]*\]|\([^()]*\)")


def text_of(node: Node) -> str:
    """The source text of a node."""
    text = node.text
    return text.decode("utf-8", "replace") if text else ""


def child_of(node: Node, way: str) -> Node | None:
    """The child in a field, or the first child of one of several types separated by blanks."""
    if not way:
        return None
    found = node.child_by_field_name(way)
    if found is not None:
        return found
    types = way.split()
    return next((child for child in node.named_children if child.type in types), None)


def plain(name: str) -> str:
    """A name as it is asked for: one separator, no type arguments, no quotes, no white space."""
    name = _SPACE.sub(" ", name).strip().strip("`\"'")
    return (
        name.replace("::", ".").replace("->", ".").replace(":", ".").replace("\\", ".").strip(".")[:MAX_NAME]
    )


def without_arguments(name: str) -> str:
    """``List<T>`` to ``List``, ``S[T]`` to ``S``."""
    previous = ""
    while previous != name:
        previous, name = name, _GENERIC.sub("", name)
    return plain(name)


def _field(node: Node, way: str) -> list[str]:
    found = child_of(node, way)
    return [plain(text_of(found))] if found is not None else []


def _fields(node: Node, way: str) -> list[str]:
    """All children in one field: ``var x, y``."""
    return [plain(text_of(child)) for child in node.children_by_field_name(way)]


def _declarator(node: Node) -> list[str]:
    """C's declarators, unwrapped to the name inside them."""
    return [name for child in node.children_by_field_name("declarator") if (name := _declared(child))]


def _declared(node: Node) -> str:
    while node.type in _DECLARATORS:
        inner = node.child_by_field_name("declarator") or next(iter(node.named_children), None)
        if inner is None:
            return ""
        node = inner
    if node.type == "qualified_identifier":
        return ".".join(_qualified(node))
    if node.type == "operator_cast":
        return plain("operator " + text_of(node).removeprefix("operator").partition("(")[0])
    if node.type == "template_function":
        return _first(node) or ""
    return plain(text_of(node))


def _qualified(node: Node) -> Iterator[str]:
    """The parts of ``ns::Class<T>::method``."""
    while node.type == "qualified_identifier":
        scope = node.child_by_field_name("scope")
        if scope is not None:
            yield without_arguments(text_of(scope))
        inner = node.child_by_field_name("name")
        if inner is None:
            return
        node = inner
    yield _declared(node)


def _function_declarator(node: Node) -> list[str]:
    """The names of a C declaration, only where it declares functions."""
    return [
        name
        for child in node.children_by_field_name("declarator")
        if _is_prototype(child) and (name := _declared(child))
    ]


def _is_prototype(node: Node | None) -> bool:
    while node is not None and node.type in _DECLARATORS:
        if node.type == "function_declarator":
            inner = node.child_by_field_name("declarator")
            return inner is not None and inner.type not in _DECLARATORS
        node = node.child_by_field_name("declarator")
    return False


def _receiver(node: Node) -> list[str]:
    """Go: ``func (s *Store[T]) Get()`` is ``Store.Get``."""
    name = _field(node, "name")
    receiver = node.child_by_field_name("receiver")
    if receiver is None or not name:
        return name
    words = without_arguments(text_of(receiver)).replace("*", " ").strip("() ").split()
    inner = re.sub(r"\[.*", "", text_of(receiver).strip("() \n\t").replace("*", " "))
    words = inner.split() or words
    return [f"{words[-1]}.{name[0]}"] if words else name


def _type(node: Node) -> list[str]:
    """Rust: the type that an ``impl`` is for, without its arguments."""
    found = node.child_by_field_name("type")
    return [without_arguments(text_of(found))] if found is not None else []


def _extended(node: Node) -> list[str]:
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
        [f"{without_arguments(text_of(receiver)).rstrip('?')}.{plain(text_of(name))}"]
        if dotted and receiver
        else [plain(text_of(name))]
    )


_RECEIVER_TYPES = frozenset({"user_type", "nullable_type", "parenthesized_type"})


def _first(node: Node) -> str | None:
    """The first name anywhere below, breadth last: ``type_head`` of Julia, bindings of OCaml."""
    pending = [node]
    for _ in range(64):
        if not pending:
            return None
        at = pending.pop()
        if at.type in _NAMES or (at.type.endswith("_name") and at.named_child_count == 0):
            return plain(text_of(at))
        pending.extend(reversed(at.named_children))
    return None


def _first_name(node: Node) -> list[str]:
    name = _first(node)
    return [name] if name else []


def _children_names(types: frozenset[str]) -> Callable[[Node], list[str]]:
    def names(node: Node) -> list[str]:
        return [
            name
            for child in node.named_children
            if child.type in types and (name := (_named(child) or _first(child)))
        ]

    return names


def _named(node: Node) -> str | None:
    found = node.child_by_field_name("name")
    return plain(text_of(found)) if found is not None else None


def _string(node: Node) -> list[str]:
    """The description of a test."""
    found = next((child for child in node.named_children if "string" in child.type), None)
    return [described(text_of(found))] if found is not None else ["test"]


def described(text: str) -> str:
    """A description without its quotes, as a name."""
    return _SPACE.sub(" ", text.strip().strip("\"'`")).strip()[:MAX_NAME]


def _signature_call(node: Node) -> list[str]:
    """Julia: the called name of ``function Base.show(io, x) where T``."""
    head = child_of(node, "signature") or node
    match = re.match(r"\s*(?:function|macro)?\s*([^\s({]+)", text_of(head))
    return [plain(match[1])] if match else []


def _operator_or_name(node: Node) -> list[str]:
    """Haskell: ``f x``, ``(+++)``, and ``a +++ b``."""
    found = node.child_by_field_name("name")
    if found is not None:
        return [text_of(found).strip("() ")[:MAX_NAME]]
    infix = child_of(node, "infix")
    operator = infix.child_by_field_name("operator") if infix is not None else None
    return [text_of(operator).strip("` ")[:MAX_NAME]] if operator is not None else []


def _instance(node: Node) -> list[str]:
    """Haskell: ``instance Show Foo`` is ``Show Foo``."""
    patterns = node.child_by_field_name("patterns")
    name = _field(node, "name")
    return (
        [f"{name[0]} {_SPACE.sub(' ', text_of(patterns))}"[:MAX_NAME] if patterns is not None else name[0]]
        if name
        else []
    )


def _subscript(_node: Node) -> list[str]:
    return ["subscript"]


def _self_method(node: Node) -> list[str]:
    """Ruby: ``def self.make`` is ``make``, ``def Foo.make`` is ``Foo.make``."""
    owner, name = node.child_by_field_name("object"), _field(node, "name")
    if owner is None or not name or text_of(owner) == "self":
        return name
    return [f"{plain(text_of(owner))}.{name[0]}"]


def _arguments(node: Node) -> list[Node]:
    """The arguments of a call."""
    listed = child_of(node, "arguments argument_list")
    return list(listed.named_children) if listed is not None else []


def _argument(node: Node) -> list[str]:
    """The first argument: ``defmodule A.B``, ``define("A", 1)``."""
    arguments = _arguments(node)
    return [plain(text_of(arguments[0]).lstrip(":"))] if arguments else []


def _all_arguments(node: Node) -> list[str]:
    """Ruby: ``attr_reader :a, :b``."""
    return [plain(text_of(one).lstrip(":")) for one in _arguments(node)]


def _string_argument(node: Node) -> list[str]:
    found = next((one for one in _arguments(node) if "string" in one.type or one.named_child_count), None)
    return [described(text_of(found))] if found is not None else []


def _defined(node: Node) -> list[str]:
    """Elixir: ``def name(x) when ...``, ``def name``."""
    arguments = _arguments(node)
    at = arguments[0] if arguments else None
    while at is not None and at.type == "binary_operator":
        at = at.child_by_field_name("left")
    if at is None:
        return []
    target = at.child_by_field_name("target") if at.type == "call" else at
    return [plain(text_of(target))] if target is not None else []


def _implemented(node: Node) -> list[str]:
    """Elixir: ``defimpl Protocol, for: Type`` is ``Protocol Type``."""
    arguments = _arguments(node)
    return (
        [plain(" ".join(text_of(one).replace("for:", "").strip() for one in arguments[:2]))]
        if arguments
        else []
    )


def _attribute(node: Node) -> list[str]:
    """Elixir: ``@type name :: ...``; other attributes define nothing that is asked for."""
    match = re.match(r"@(?:type|typep|opaque|callback|macrocallback)\s+([\w?!]+)", text_of(node))
    return [match[1]] if match else []


def _selector(node: Node) -> list[str]:
    """Objective-C: ``- (void)move:(int)x to:(int)y`` is ``move:to:``."""
    head = text_of(node).partition("{")[0]
    parts = re.findall(r"(\w+)\s*:", re.sub(r"\([^()]*\)", "", head))
    if parts:
        return [".".join(parts)]
    words = re.findall(r"\w+", re.sub(r"\([^()]*\)", "", head))
    return words[:1]


def _last(node: Node) -> list[str]:
    words = re.findall(r"\w+", text_of(node).rstrip("; "))
    return words[-1:]


def _block(node: Node) -> list[str]:
    """HCL: ``resource "aws_instance" "web"`` is ``resource.aws_instance.web``."""
    head = text_of(node).partition("{")[0]
    words = re.findall(r"[\w-]+", head)
    return [".".join(words)] if words else []


def _extension(node: Node) -> list[str]:
    """Scala 3: the type that an extension adds to."""
    match = re.search(r":\s*([\w.]+)", text_of(node).partition(")")[0])
    return [match[1]] if match else []


_DECLARING = frozenset({"variable_declarator"})

NAMERS: dict[str, Callable[[Node], list[str]]] = {
    "@declarator": _declarator,
    "@prototype": _function_declarator,
    "@receiver": _receiver,
    "@type": _type,
    "@extended": _extended,
    "@first": _first_name,
    "@string": _string,
    "@call": _signature_call,
    "@equation": _operator_or_name,
    "@instance": _instance,
    "@self": _self_method,
    "@names": lambda node: _fields(node, "name"),
    "@constructor": lambda _node: ["constructor"],
    "@init": lambda _node: ["init"],
    "@deinit": lambda _node: ["deinit"],
    "@this": lambda _node: ["this"],
    "@subscript": _subscript,
    "@companion": lambda node: _field(node, "name") or ["Companion"],
    "@declarators": _children_names(frozenset({"variable_declarator", "variable_declaration"})),
    "@elements": _children_names(frozenset({"const_element", "property_element"})),
    "@cases": _children_names(frozenset({"simple_enum_case", "full_enum_case"})),
    "@nested": lambda node: [
        name for child in node.named_children for name in _children_names(_DECLARING)(child)
    ],
    "@destructor": lambda node: [f"~{name}" for name in _field(node, "name")],
    "@argument": _argument,
    "@arguments": _all_arguments,
    "@string_argument": _string_argument,
    "@defined": _defined,
    "@implemented": _implemented,
    "@attribute": _attribute,
    "@selector": _selector,
    "@last": _last,
    "@block": _block,
    "@extension": _extension,
    "@variable": _first_name,
    "@operator": lambda node: [
        plain("operator " + op) for op in re.findall(r"operator\s*([^\s(]+)", text_of(node))[:1]
    ],
}


def names_of(node: Node, way: str) -> list[str]:
    """The names that a node gives, found by one of `NAMERS` or in a field."""
    namer = NAMERS.get(way)
    names = namer(node) if namer else [] if way.startswith("@") else _field(node, way)
    return [name for name in names if name]
