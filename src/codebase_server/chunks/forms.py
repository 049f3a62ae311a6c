"""Definitions in languages whose code is lists (Clojure, Scheme, Racket, Lisp): ``(defn open [door])``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from codebase_server.chunks.names import MAX_NAME, described, text_of
from codebase_server.chunks.spec import Lists, Rule

if TYPE_CHECKING:
    from tree_sitter import Node

_FUNCTIONS: Final = frozenset({"lambda", "λ", "case-lambda", "named-lambda", "fn", "opt-lambda"})
_PLAIN: Final = frozenset({"define", "define*", "def", "defonce", "defvar", "defcustom", "defconst"})
"""Words after whose name no parameters come, though a list may."""

_SPACE: Final = re.compile(r"\s+")
_FUNCTION: Final = Rule("function", "@listed", "")
_QUOTES: Final = frozenset({"quote", "quoting_lit"})
_DEEPEST_HEAD: Final = 5
"""Brackets around the name of a function that makes functions: ``(define ((adder n) m) ...)``."""


def head_of(node: Node, lists: Lists) -> str:
    """The first word of a list, without its namespace; empty when a list begins otherwise."""
    if node.type not in lists.nodes:
        return ""
    first = next(iter(node.named_children), None)
    return symbol(first) if first is not None and first.type in lists.symbols else ""


def symbol(node: Node) -> str:
    """A symbol or keyword without metadata, namespace and colons."""
    named = node.child_by_field_name("name")
    return text_of(node if named is None else named).lstrip(":")[:MAX_NAME]


def rule_of(node: Node, lists: Lists, around: str) -> Rule | None:
    """What a list in a definition of the kind ``around`` defines."""
    head = head_of(node, lists)
    if not head:
        return None
    if (member := lists.members.get(around)) is not None and head not in lists.heads:
        return member
    known = lists.heads.get(head)
    if known is None and not _convention(lists.convention).fullmatch(head):
        return None
    target = _target(node)
    if target is None:
        return None
    if head == "defvar" and len(_forms(node)) == 2:  # only tells the compiler that it is defined elsewhere
        return None
    if known is not None and known.kind:
        return known
    given_name, *rest = _forms(node)[1:]
    if given_name.type in lists.parameters:  # (define (open door) ...)
        return _FUNCTION
    if (
        not known
        and lists.behind is None
        and any(one.type in lists.parameters for one in _past_documentation(rest)[:1])
    ):
        return _FUNCTION
    given = head_of(rest[-1], lists) if rest else ""
    if given in _FUNCTIONS:
        return _FUNCTION
    return lists.valued.get(given, lists.otherwise)


@cache
def _convention(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def defined(node: Node) -> list[str]:
    """The name that a list defines: its second form, or the first word in that."""
    target = _target(node)
    if target is None:
        return []
    name = symbol(target)
    forms = _forms(node)
    if forms and symbol(forms[0]) == "defmethod" and len(forms) > 2:  # of a multimethod: by what it is chosen
        chosen = _last_part(described(re.sub(r"[\[\]():^]", " ", text_of(forms[2]))))
        return [f"{name}.{chosen}"] if chosen else [name]
    return [name] if _is_name(name) else []


def all_defined(node: Node) -> list[str]:
    """``(define-values (a b) ...)``."""
    forms = _forms(node)
    return (
        [name for one in forms[1].named_children if _is_name(name := symbol(one))] if len(forms) > 1 else []
    )


def library(node: Node) -> list[str]:
    """``(library (app doors) ...)`` and ``(define-module (app doors))`` are ``app.doors``."""
    forms = _forms(node)
    if len(forms) < 2:
        return []
    parts = forms[1].named_children or [forms[1]]
    return [
        ".".join(
            filter(None, (symbol(part) for part in parts if not part.child_count or part.type == "sym_lit"))
        )
    ]


def first(node: Node) -> list[str]:
    """The first word: members of a protocol or a record."""
    forms = _forms(node)
    return [name] if forms and _is_name(name := symbol(forms[0])) else []


def signature(node: Node, lists: Lists, longest: int) -> str:
    """The first word, the name and the parameters; of what has none the whole where it is short, else its
    first line."""
    forms = _forms(node)
    if len(forms) < 2:
        return text_of(node)[:longest]
    head, target, *rest = forms
    if target.type in lists.parameters:  # (define (open door) ...), and a member's (open [this])
        return _SPACE.sub(" ", f"({text_of(head)} {text_of(target)})")
    word = symbol(head)
    takes: list[Node] = []
    if word == "defmethod" and "vec_lit" in lists.parameters:
        takes = [*rest[:1], *_parameters(rest[1:], lists)]
    elif word not in _PLAIN and (lists.behind is None or word in lists.behind):
        takes = _parameters(rest, lists)
    if takes:
        return _SPACE.sub(" ", f"({text_of(head)} {symbol(target)} {' '.join(map(text_of, takes))})")
    if node.end_point.row == node.start_point.row and node.end_byte - node.start_byte <= longest:
        return text_of(node)
    if target.child_by_field_name("meta") is not None:
        return f"({text_of(head)} {symbol(target)}"
    return text_of(node).partition("\n")[0].strip()


def _parameters(rest: Sequence[Node], lists: Lists) -> list[Node]:
    """The parameters behind a name; in Clojure those of every number of them."""
    rest = _past_documentation(rest)
    if rest and rest[0].type in lists.parameters:
        return [rest[0]]
    first = [one.named_children[0] for one in rest if one.type in lists.nodes and one.named_children]
    return [one for one in first if one.type == "vec_lit"] if "vec_lit" in lists.parameters else []


def documentation(node: Node) -> str:
    """The string after the name or the parameters, if something follows it; ``:doc`` of the metadata."""
    forms = _forms(node)
    is_namespace = bool(forms) and symbol(forms[0]) in ("ns", "defprotocol")
    for at in range(2, min(5, len(forms))):
        is_last = at + 1 == len(forms)
        if _is_string(forms[at]) and (not is_last or is_namespace or (at > 2 and symbol(forms[0]) in _PLAIN)):
            return _text(forms[at])
        if (
            at > 2
            and not _is_string(forms[at])
            and forms[at].type not in ("vec_lit", "list", "list_lit", "kwd_lit")
        ):
            break
    documented = (
        re.search(r':doc\s+"((?:\\.|[^"\\])*)"', text_of(forms[1])[:2_000]) if len(forms) > 1 else None
    )
    return _clean(documented[1]) if documented else ""


def _target(node: Node) -> Node | None:
    """What is given a name, out of its brackets."""
    forms = _forms(node)
    if len(forms) < 2:
        return None
    target = forms[1]
    if target.type in _QUOTES:
        target = next(iter(target.named_children), target)
    for _ in range(_DEEPEST_HEAD):
        if symbol_like(target):
            return target
        inner = next((one for one in target.named_children if "comment" not in one.type), None)
        if inner is None or _is_string(target):
            return None
        target = inner
    return None


def symbol_like(node: Node) -> bool:
    """Whether a form is a name: a symbol or a keyword."""
    return node.type in ("sym_lit", "kwd_lit", "symbol")


def _forms(node: Node) -> list[Node]:
    """The forms in a list, without comments, what is commented out, and metadata."""
    return [
        one
        for one in node.named_children
        if "comment" not in one.type and one.type not in ("dis_expr", "meta_lit", "old_meta_lit")
    ]


def _past_documentation(rest: Sequence[Node]) -> Sequence[Node]:
    """What follows a string, a map of attributes, and a type (``:- Long``)."""
    at = 0
    while at < len(rest) and (_is_string(rest[at]) or rest[at].type in ("map_lit", "kwd_lit")):
        at += 2 if rest[at].type == "kwd_lit" else 1
    return rest[at:]


def _is_string(node: Node) -> bool:
    return node.type in ("str_lit", "string")


def _text(node: Node) -> str:
    return _clean(text_of(node).strip('"'))


def _clean(text: str) -> str:
    return "\n".join(line.strip() for line in text.replace('\\"', '"').split("\n")).strip()


def _last_part(text: str) -> str:
    return " ".join(word.rpartition("/")[2] or word for word in text.split())


def _is_name(text: str) -> bool:
    return bool(text) and len(text) < MAX_NAME and not re.search(r"[\s\"(){}\[\]]", text)
