"""Names in scripts, build files and older languages: scopes before them, targets, stages, statements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codebase_server.chunks.names import MAX_NAME, child_of, described, field, plain, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_SCOPE = re.compile(r"(?:[abglstvw]|script|global|local|private|function|env):(?!:)|<SID>", re.IGNORECASE)
_SCOPED = re.compile(r"\$(?:script|global):([\w?]+)", re.IGNORECASE)
_TARGET = re.compile(r"[A-Za-z0-9][\w-]*")
_WORD = re.compile(r"\w+")


def unscoped(name: str) -> str:
    """``s:open`` and ``script:Open-Door`` without their scope; ``door#open`` as ``door.open``."""
    return plain(_SCOPE.sub("", name, count=1).replace("#", "."))


def vim_function(node: Node) -> list[str]:
    """Vim: ``function! s:open()``, ``door#util#close()``, ``s:door.swing()``."""
    head = child_of(node, "function_declaration")
    name = head.child_by_field_name("name") if head is not None else None
    return [unscoped(text_of(name))] if name is not None and "{" not in text_of(name) else []


def vim_variable(node: Node) -> list[str]:
    """Vim: ``let g:door_limit = 3``; what is set in a table, an option or a register is no definition."""
    target = next(iter(node.named_children), None)
    if target is None or target.type not in ("scoped_identifier", "identifier"):
        return []
    name = unscoped(text_of(target))
    return [name] if _WORD.fullmatch(name.replace(".", "_")) else []


def vim_command(node: Node) -> list[str]:
    """Vim: ``command! -nargs=1 OpenDoor ...``."""
    return field(node, "name")


def powershell_function(node: Node) -> list[str]:
    """PowerShell: ``function script:Open-Door``."""
    name = child_of(node, "function_name")
    return [unscoped(text_of(name))] if name is not None else []


def powershell_variable(node: Node) -> list[str]:
    """PowerShell: ``$script:Limit = 3``. Without a scope it is a variable of whoever runs the file."""
    target = child_of(node, "left_assignment_expression")
    found = _SCOPED.fullmatch(text_of(target)) if target is not None else None
    return [found[1]] if found else []


def powershell_property(node: Node) -> list[str]:
    """PowerShell: ``[string] $Name`` of a class."""
    variable = child_of(node, "variable")
    return [text_of(variable).lstrip("$")] if variable is not None else []


def powershell_test(node: Node) -> list[str]:
    """Pester: ``Describe "A door" { ... }``."""
    if (given := child_of(node, "command_elements")) is None:
        return []
    words = [
        one for one in given.named_children if one.type not in ("command_argument_sep", "command_parameter")
    ]
    return [described(text_of(words[0])) or "test"] if len(words) > 1 else []


def cmake_function(node: Node) -> list[str]:
    """CMake: the first argument of ``function(add_door NAME)``."""
    head = child_of(node, "function_command macro_command")
    given = child_of(head, "argument_list") if head is not None else None
    return _first_words(given)


def cmake_target(node: Node) -> list[str]:
    """CMake: the first argument of ``add_library(door STATIC ...)``; one made of variables has no name."""
    return _first_words(child_of(node, "argument_list"))


def _first_words(given: Node | None) -> list[str]:
    first = next(iter(given.named_children), None) if given is not None else None
    name = text_of(first).strip('"').replace("::", ".") if first is not None else ""
    return [name[:MAX_NAME]] if re.fullmatch(r"[\w.+-]+", name) else []


def make_targets(node: Node) -> list[str]:
    """Make: the targets that people ask for by name; files, patterns and variables are none."""
    targets = child_of(node, "targets")
    words = text_of(targets).split() if targets is not None else []
    return [word for word in words if _TARGET.fullmatch(word)]


def make_variable(node: Node) -> list[str]:
    """Make: ``CC ?= gcc``; not what holds for one target alone, nor a name made of others."""
    if node.child_by_field_name("target_or_pattern") is not None:
        return []
    return [name for name in field(node, "name") if re.fullmatch(r"[\w-]+", name)]


def just_recipe(node: Node) -> list[str]:
    """Just: the name in the head of a recipe."""
    head = child_of(node, "recipe_header")
    return field(head, "name") if head is not None else []


def stage(node: Node) -> list[str]:
    """Dockerfile: ``FROM image AS stage``."""
    return [text_of(name).replace(".", " ") for name in node.children_by_field_name("as")]


def label(node: Node) -> list[str]:
    """Batch: ``:build``."""
    word = re.match(r":\s*([^\s:+=,;]+)", text_of(node))
    return [word[1].replace(".", " ")] if word else []


def statement(node: Node) -> list[str]:
    """Fortran: the name in the statement that a module, type or procedure begins with."""
    head = next(iter(node.named_children), None)
    name = child_of(head, "name type_name") if head is not None and head.type.endswith("_statement") else None
    if name is not None:
        return [plain(text_of(name))]
    operator = child_of(head, "operator assignment") if head is not None else None
    return [re.sub(r"\s", "", text_of(operator))] if operator is not None else []


def submodule(node: Node) -> list[str]:
    """Fortran: ``submodule (ancestor) name``."""
    head = next(iter(node.named_children), None)
    names = [one for one in head.named_children if one.type == "name"] if head is not None else []
    return [plain(text_of(names[-1]))] if names else []


def fortran_variables(node: Node) -> list[str]:
    """Fortran: ``real :: x, y(3) = 0`` of a module or a type."""
    if node.parent is None or node.parent.type not in ("module", "submodule", "derived_type_definition"):
        return []
    return fortran_declared(node)


def fortran_declared(node: Node) -> list[str]:
    """Fortran: the declared names, without their sizes and values."""
    found = (_WORD.match(text_of(one)) for one in node.children_by_field_name("declarator"))
    return [match[0] for match in found if match]


def bound_procedures(node: Node) -> list[str]:
    """Fortran: ``procedure :: open => door_open, close`` of a type; an interface only gathers names."""
    if node.parent is None or node.parent.type != "derived_type_procedures":
        return []
    listed = text_of(node).partition("::")
    words = listed[2] if listed[1] else text_of(node).partition(" ")[2]
    return [match[0] for part in words.split(",") if (match := _WORD.match(part.strip()))]


def jsonnet_function(node: Node) -> list[str]:
    """Jsonnet: ``add(a, b):: ...``, ``local open(name) = ...``, ``f: function(x) ...``."""
    name = node.child_by_field_name("function")
    if name is None and child_of(node, "anonymous_function") is not None:
        name = child_of(node, "fieldname id")
    return [plain(text_of(name))] if name is not None and "[" not in text_of(name) else []


def scss_variable(node: Node) -> list[str]:
    """SCSS: ``$width: 12px``, with its sign, as it is written wherever it is used."""
    name = child_of(node, "variable_name")
    return [text_of(name)] if name is not None else []
