"""From a syntax tree to the definitions in it, by the tables of a `Spec`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from codebase_server.chunks.comments import documentation
from codebase_server.chunks.kinds import CLASS_LIKE
from codebase_server.chunks.names import child_of, names_of, plain, text_of
from codebase_server.chunks.spec import LARGE_LINES, Assignment, Rule, Spec

if TYPE_CHECKING:
    from tree_sitter import Node

SIGNATURE_CHARACTERS: Final = 400
"""Of a signature kept; longer ones are parameter tables, and the chunk has them whole."""
DEEPEST: Final = 60
"""Levels of nesting looked into; machine-written code goes deeper than Python's stack likes."""

_SPACE = re.compile(r"\s+")


@dataclass(slots=True)
class Item:
    """A definition: its lines (1-based, with the comments and decorators before it) and its members.

    ``declared`` is the line of the definition itself. ``own`` says whether it
    gets a chunk of its own; ``listed`` whether it is a definition to be found.
    """

    name: str
    qualified: str
    kind: str
    start: int
    end: int
    declared: int
    signature: str
    doc: str
    parent: str
    own: bool
    listed: bool
    members: bool
    children: list[Item] = field(default_factory=list)


def items_of(root: Node, source: bytes, spec: Spec) -> list[Item]:
    """The definitions of a file, nested, in the order of their lines; `source` is what was parsed."""
    return _Walker(spec, source).inside(root, _Scope("", "", 0))


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a node stands: the qualified name around it, what kind that is, and how deep."""

    qualified: str
    kind: str
    depth: int

    def name(self, name: str) -> str:
        return f"{self.qualified}.{name}" if self.qualified else name


@dataclass(slots=True)
class _Lead:
    """Comments and decorators that stand directly before what comes next."""

    nodes: list[Node] = field(default_factory=list)

    def take(self, before: Node) -> list[Node]:
        """Those that belong to `before`: no blank line between."""
        taken: list[Node] = []
        row = before.start_point.row
        for node in reversed(self.nodes):
            if _last_row(node) < row - 1:
                break
            taken.append(node)
            row = node.start_point.row
        self.nodes = []
        return taken[::-1]


class _Walker:
    def __init__(self, spec: Spec, source: bytes) -> None:
        self._spec = spec
        self._source = source

    def inside(self, node: Node, scope: _Scope) -> list[Item]:
        """The definitions among a node's children."""
        if scope.depth > DEEPEST:
            return []
        found: list[Item] = []
        lead = _Lead()
        previous_row = -1
        for child in node.named_children:
            if child.type in self._spec.comments or child.type in self._spec.leading:
                # A comment behind code on its line speaks of that code.
                if child.start_point.row != previous_row:
                    lead.nodes.append(child)
                continue
            previous_row = _last_row(child)
            self._add(found, self._defined(child, child, lead, scope))
            lead.nodes = []
        return found

    def _add(self, found: list[Item], new: Sequence[Item]) -> None:
        for item in new:
            last = found[-1] if found else None
            if last is not None and self._continues(last, item):
                last.end = item.end
                continue
            found.append(item)

    def _continues(self, last: Item, item: Item) -> bool:
        """Whether two neighbours are one definition: a signature and its equations."""
        same = last.qualified == item.qualified and last.kind == item.kind
        return same and bool(self._spec.continued) and item.start <= last.end + 2

    def _defined(self, node: Node, outer: Node, lead: _Lead, scope: _Scope) -> list[Item]:
        """What a node defines; `outer` is the wrapper (decorator, export) that belongs to it."""
        spec = self._spec
        rule = spec.rules.get(node.type)
        if rule is not None:
            return self._by_rule(node, outer, lead, scope, rule, names_of(node, rule.name))
        assignment = spec.assignments.get(node.type)
        if assignment is not None:
            return self._by_assignment(node, outer, lead, scope, assignment)
        called = self._call_rule(node)
        if called is not None:
            if called.name == "@wrapped":
                return self._through(node, outer, lead, scope)
            return self._by_rule(node, outer, lead, scope, called, names_of(node, called.name))
        if node.type in spec.wrappers:
            found = self._through(node, outer, lead, scope)
            if found or node.type not in spec.transparent:
                return found
        if node.type in spec.transparent:
            return self.inside(node, replace(scope, depth=scope.depth + 1))
        return []

    def _through(self, node: Node, outer: Node, lead: _Lead, scope: _Scope) -> list[Item]:
        """What the children of a wrapper define, as if they stood in its place."""
        found: list[Item] = []
        deeper = replace(scope, depth=scope.depth + 1)
        if deeper.depth > DEEPEST:
            return found
        for child in node.named_children:
            if child.type in self._spec.comments or child.type in self._spec.leading:
                continue
            inner = child if child.type in ("argument_list", "arguments") else None
            if inner is not None:
                found.extend(self._through(inner, outer, lead, deeper))
            else:
                found.extend(self._defined(child, outer, lead, deeper))
        return found

    def _call_rule(self, node: Node) -> Rule | None:
        calls = self._spec.calls
        if calls is None or node.type not in calls.nodes:
            return None
        callee = child_of(node, calls.callee)
        return calls.rules.get(text_of(callee)) if callee is not None else None

    def _by_rule(
        self, node: Node, outer: Node, lead: _Lead, scope: _Scope, rule: Rule, names: list[str]
    ) -> list[Item]:
        leading = lead.take(outer)
        if not names:
            # A scope without a name (``class << self``): what is in it stands in the scope around.
            return self.inside(self._body(node, rule) or node, scope) if rule.members else []
        body = self._body(node, rule)
        start = min([outer.start_point.row, *(one.start_point.row for one in leading)]) + 1
        end = max(_last_row(outer), _last_row(node)) + 1
        kind = "method" if rule.kind == "function" and scope.kind in CLASS_LIKE else rule.kind
        own = rule.own == "always" or (rule.own == "large" and end - start + 1 >= LARGE_LINES)
        made: list[Item] = []
        for name in names:
            qualified = scope.name(name)
            made.append(
                Item(
                    name=name.rsplit(".", 1)[-1],
                    qualified=qualified,
                    kind=kind,
                    start=start,
                    end=end,
                    declared=node.start_point.row + 1,
                    signature=_signature(self._source, node, body),
                    doc=documentation(self._spec, leading, body),
                    parent=scope.qualified,
                    own=own and not made,
                    listed=rule.define,
                    members=rule.members,
                )
            )
        if rule.members:
            first = made[0]
            inner = _Scope(first.qualified, rule.kind, scope.depth + 1)
            first.children = self.inside(body if body is not None else node, inner)
        return made

    def _body(self, node: Node, rule: Rule) -> Node | None:
        body = child_of(node, rule.body)
        if body is None and self._spec.calls is not None and node.type in self._spec.calls.nodes:
            return next(_bodies_of_call(node), None)
        return body

    def _by_assignment(
        self, node: Node, outer: Node, lead: _Lead, scope: _Scope, assignment: Assignment
    ) -> list[Item]:
        target, value = child_of(node, assignment.target), child_of(node, assignment.value)
        name = plain(text_of(target)) if target is not None else ""
        if value is not None and value.type.endswith("_list") and value.named_child_count == 1:
            value = value.named_children[0]
        rule = self._spec.values.get(value.type) if value is not None else None
        if not _is_name(name) or (rule is None and not assignment.bare):
            lead.take(outer)
            return []
        if rule is None or value is None:
            kind = "constant" if name.isupper() and assignment.kind == "variable" else assignment.kind
            own = "never" if assignment.kind == "field" else "large"
            bare = Rule(kind, "", assignment.value, own=own)  # type: ignore[arg-type]  # one of the words of Own
            return self._by_rule(node, outer, lead, scope, bare, [name])
        made = self._by_rule(node, outer, lead, scope, replace(rule, members=False), [name])
        if rule.members and made:
            body = child_of(value, rule.body)
            inner = _Scope(made[0].qualified, rule.kind, scope.depth + 1)
            made[0].children = self.inside(body if body is not None else value, inner)
            made[0].members = True
        return made


def _bodies_of_call(node: Node) -> Iterator[Node]:
    """Blocks that a call is given: a block of its own, or the body of a function among its arguments."""
    for child in node.named_children:
        if child.type in ("do_block", "block", "statement_block"):
            yield child
        elif child.type in ("arguments", "argument_list", "call_suffix"):
            for argument in child.named_children:
                body = argument.child_by_field_name("body")
                if body is not None:
                    yield body


def _signature(source: bytes, node: Node, body: Node | None) -> str:
    """What stands before the body, on one line."""
    if body is not None and body.start_byte > node.start_byte:
        raw = source[node.start_byte : body.start_byte]
    else:
        raw = source[node.start_byte : node.end_byte].split(b"\n", 1)[0]
    head = raw[: 4 * SIGNATURE_CHARACTERS].decode("utf-8", "replace")
    return _SPACE.sub(" ", head).strip().rstrip("{:=").strip()[:SIGNATURE_CHARACTERS]


def _last_row(node: Node) -> int:
    """The last row that a node has text on: a node that ends with a line break ends on the line before."""
    end = node.end_point
    return end.row - 1 if end.column == 0 and end.row > node.start_point.row else end.row


def _is_name(text: str) -> bool:
    return bool(text) and len(text) < 120 and bool(re.fullmatch(r"[\w$.#@?!-]+", text))
