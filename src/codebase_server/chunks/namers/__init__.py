"""The ways to a definition's name, where a field alone does not hold it.

Each answers the names that a node gives, qualified with ``.`` as far as the
node itself says (``Type.method`` of a Go receiver); none when it has no name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from codebase_server.chunks import forms
from codebase_server.chunks.namers import conventions, declarations, scripts
from codebase_server.chunks.names import field, fields, first_name, plain, text_of

if TYPE_CHECKING:
    from tree_sitter import Node


_DECLARING = frozenset({"variable_declarator"})
_ELEMENTS = frozenset({"const_element", "property_element"})

NAMERS: dict[str, Callable[[Node], list[str]]] = {
    "@declarator": declarations.declarator,
    "@bodied": declarations.with_body,
    "@receiver": declarations.receiver,
    "@type": declarations.implemented_type,
    "@extended": declarations.extended,
    "@first": first_name,
    "@string": conventions.test_string,
    "@test_call": declarations.test_call,
    "@test_macro": conventions.test_macro,
    "@call": conventions.signature_call,
    "@equation": conventions.operator_or_name,
    "@instance": conventions.instance,
    "@self": conventions.self_method,
    "@text": lambda node: [plain(text_of(node))],
    "@bound": declarations.bound,
    "@macro": declarations.macro,
    "@fields": declarations.children_names(frozenset({"field_name"})),
    "@names": lambda node: fields(node, "name"),
    "@constructor": lambda _node: ["constructor"],
    "@init": lambda _node: ["init"],
    "@deinit": lambda _node: ["deinit"],
    "@this": lambda _node: ["this"],
    "@subscript": lambda _node: ["subscript"],
    "@initialized": first_name,
    "@dart_constructor": declarations.dart_constructor,
    "@dart_operator": declarations.dart_operator,
    "@companion": lambda node: field(node, "name") or ["Companion"],
    "@declarators": declarations.children_names(frozenset({"variable_declarator", "variable_declaration"})),
    "@elements": lambda node: [
        name.removeprefix("$") for name in declarations.children_names(_ELEMENTS)(node)
    ],
    "@cases": declarations.children_names(frozenset({"simple_enum_case", "full_enum_case"})),
    "@nested": lambda node: [
        name for child in node.named_children for name in declarations.children_names(_DECLARING)(child)
    ],
    "@destructor": lambda node: [f"~{name}" for name in field(node, "name")],
    "@argument": conventions.first_argument,
    "@arguments": conventions.all_arguments,
    "@string_argument": conventions.string_argument,
    "@defined": conventions.defined,
    "@implemented": conventions.implemented,
    "@attribute": conventions.attribute,
    "@selector": declarations.selector,
    "@last": declarations.last_word,
    "@whole": lambda node: [text_of(node)],
    "@block": conventions.block_labels,
    "@labelled": conventions.block_label,
    "@local": conventions.local_value,
    "@extension": declarations.extension,
    "@variable": declarations.variables,
    "@nameless": lambda _node: [],
    "@listed": forms.defined,
    "@values": forms.all_defined,
    "@library": forms.library,
    "@head": forms.first,
    "@vim_function": scripts.vim_function,
    "@vim_variable": scripts.vim_variable,
    "@vim_command": scripts.vim_command,
    "@ps_function": scripts.powershell_function,
    "@ps_variable": scripts.powershell_variable,
    "@ps_property": scripts.powershell_property,
    "@ps_test": scripts.powershell_test,
    "@cmake_function": scripts.cmake_function,
    "@cmake_target": scripts.cmake_target,
    "@targets": scripts.make_targets,
    "@make_variable": scripts.make_variable,
    "@recipe": scripts.just_recipe,
    "@stage": scripts.stage,
    "@label": scripts.label,
    "@statement": scripts.statement,
    "@submodule": scripts.submodule,
    "@fortran_variables": scripts.fortran_variables,
    "@fortran_declared": scripts.fortran_declared,
    "@bound_procedures": scripts.bound_procedures,
    "@jsonnet_function": scripts.jsonnet_function,
    "@scss_variable": scripts.scss_variable,
    "@operator": lambda node: [
        plain("operator " + op) for op in re.findall(r"operator\s*([^\s(]+)", text_of(node))[:1]
    ],
}


def names_of(node: Node, way: str) -> list[str]:
    """The names that a node gives, found by one of `NAMERS` or in a field."""
    names = NAMERS[way](node) if way.startswith("@") else field(node, way)
    return [name for name in names if name.strip("_")]
