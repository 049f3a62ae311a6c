"""Assignments: the names on their left, and what the value on their right makes of these."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from codebase_server.chunks.bodies import bodies_of_call
from codebase_server.chunks.names import child_of, plain, text_of, told_apart
from codebase_server.chunks.spec import Assignment, Rule, Spec

if TYPE_CHECKING:
    from tree_sitter import Node

LONGEST_IMPORT: Final = 300
"""Bytes of a statement that only brings in a module."""

LONGEST_BEGINNING: Final = 200
"""Characters of a value by which `Spec.beginning` tells it."""


def assigned(spec: Spec, node: Node, assignment: Assignment) -> tuple[list[str], Node | None]:
    """The names that an assignment gives to a value, two in ``a.b = a.c = function () {}``, and the value."""
    target, value = child_of(node, assignment.target), child_of(node, assignment.value)
    if target is not None and target.type == "typed_expression":  # Julia: ``x::Int = 3``
        target = target.named_children[0] if target.named_children else None
    names = [plain(text_of(target))] if target is not None else []
    while value is not None and (again := spec.assignments.get(value.type)):
        target, value = child_of(value, again.target), child_of(value, again.value)
        names += [plain(text_of(target))] if target is not None else []
    if value is not None and value.type.endswith("_list") and value.named_child_count == 1:
        value = value.named_children[0]
    if len(names) > 1 or (value is not None and value.child_by_field_name("name") is not None):
        names = told_apart(names, value)
    return names, value


def only_imports(spec: Spec, node: Node, value: Node | None) -> bool:
    """Whether a value is another module, which the name makes nothing new of."""
    importing = spec.importing
    if not importing or node.end_byte - node.start_byte > LONGEST_IMPORT:
        return False
    text = text_of(node)
    given = text_of(value) if value is not None else text.partition("=")[2]
    return not text.startswith("pub") and re.fullmatch(importing, given.strip(" ;\n")) is not None


def value_rule(spec: Spec, value: Node | None, names: Sequence[str]) -> Rule | None:
    """What an assigned value makes of its name; a call makes a class only with a block."""
    if value is None:
        return None
    if spec.beginning:
        text = text_of(value)[:LONGEST_BEGINNING]
        found = next((rule for pattern, rule in spec.beginning if re.match(pattern, text)), None)
        if found is not None:
            return found
    rule = spec.values.get(value.type)
    if rule is None or spec.calls is None or value.type not in spec.calls.nodes:
        return rule
    is_type = bool(names) and names[0][:1].isupper() and next(bodies_of_call(value), None) is not None
    return rule if is_type else None
