"""Reading nodes of a syntax tree, and the names in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_NAME = 200
"""Characters of a name that are kept; longer ones are not names."""

_EXPORTS = frozenset({"module.exports", "exports", "exports.default", "module.exports.default"})
"""Names that say only that something is exported."""

_NAMES = frozenset(
    "identifier type_identifier field_identifier simple_identifier"
    " property_identifier private_property_identifier name"
    " constant word variable constructor alias".split()
)
_SPACE = re.compile(r"\s+")
_OF_ARGUMENTS = re.compile(r"((?:(?!operator\b)\w|::|[.])*(?<!operator)\w)( ?<.*>)")
_PATH = re.compile(r"(?<!\w)(?:\w*+::)+|\.+")
"""What a name among arguments is qualified by; the points of a pack."""
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
    if name.isidentifier():
        return name[:MAX_NAME]
    name = " ".join(name.split()).strip("`\"'")
    if name.endswith(">") and (found := _OF_ARGUMENTS.match(name)):
        name = found[1] + _PATH.sub("", found[2])  # a point among the arguments would part the name
    if name.endswith(("operator->", "operator->*")):
        return name.replace("::", ".")[:MAX_NAME]
    return (
        name.replace("::", ".").replace("->", ".").replace(":", ".").replace("\\", ".").strip(".")[:MAX_NAME]
    )


def without_arguments(name: str) -> str:
    """``List<T>`` to ``List``, ``S[T]`` to ``S``."""
    previous = ""
    while previous != name:
        previous, name = name, _GENERIC.sub("", name)
    return plain(name)


def described(text: str) -> str:
    """A description without its quotes, as a name: a point would part it."""
    return _SPACE.sub(" ", text.strip().strip("\"'`").replace(".", " ")).strip()[:MAX_NAME]


def field(node: Node, way: str) -> list[str]:
    """The name in a field or in the first child of one of several types."""
    found = child_of(node, way)
    return [plain(text_of(found))] if found is not None else []


def fields(node: Node, way: str) -> list[str]:
    """All children in one field: ``var x, y``."""
    return [plain(text_of(child)) for child in node.children_by_field_name(way)]


def first(node: Node) -> str | None:
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


def first_name(node: Node) -> list[str]:
    """The same, as a list of one or none."""
    name = first(node)
    return [name] if name else []


def arguments_of(node: Node) -> list[Node]:
    """The arguments of a call."""
    listed = child_of(node, "arguments argument_list")
    return list(listed.named_children) if listed is not None else []


def told_apart(names: list[str], value: Node | None) -> list[str]:
    """Names without those that only export; of what is exported under none, the name it has of its own."""
    named = [name for name in names if name not in _EXPORTS]
    if named or value is None:
        return named or names[:1]
    own = value.child_by_field_name("name")
    return [plain(text_of(own))] if own is not None else names[:1]


def is_name(text: str) -> bool:
    """Whether the target of an assignment is a name, and no pattern or element."""
    return bool(text) and len(text) < 120 and bool(re.fullmatch(r"[\w$.#@?!-]+", text))
