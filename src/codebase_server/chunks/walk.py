"""From a syntax tree to the definitions in it, by the tables of a `Spec`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from codebase_server.chunks import forms
from codebase_server.chunks.assigned import assigned, only_imports, value_rule
from codebase_server.chunks.bodies import bodies_of_call, body_of, unwrapped
from codebase_server.chunks.comments import documentation
from codebase_server.chunks.extents import last_line
from codebase_server.chunks.items import Item, Lead, Scope, last_row
from codebase_server.chunks.kinds import CALLABLE, CLASS_LIKE, kind_of
from codebase_server.chunks.namers import names_of
from codebase_server.chunks.namers.conventions import called
from codebase_server.chunks.names import arguments_of, child_of, is_name, text_of
from codebase_server.chunks.signatures import signature
from codebase_server.chunks.spec import LARGE_LINES, Assignment, Rule, Spec

if TYPE_CHECKING:
    from tree_sitter import Node

_FILE: Final = Scope("", "", 0)
_HOLDING: Final = CLASS_LIKE | {"module"}
DEEPEST: Final = 60
"""Levels of nesting looked into; machine-written code goes deeper than Python's stack likes."""


def items_of(root: Node, source: bytes, spec: Spec, scope: Scope = _FILE) -> list[Item]:
    """The definitions of a file, nested, in the order of their lines; `source` is what was parsed, and
    ``scope`` what it stands in where it is a part of a file."""
    return _Walker(spec, source).inside(root, scope)


class _Walker:
    def __init__(self, spec: Spec, source: bytes) -> None:
        self._spec = spec
        self._source = source

    def inside(self, node: Node, scope: Scope, before: Sequence[Node] = ()) -> list[Item]:
        """The definitions among a node's children; ``before`` are comments that stand just before them."""
        if scope.depth > DEEPEST:
            return []
        found: list[Item] = []
        lead = Lead(list(before))
        previous_row = -1
        for child in node.named_children:
            if self._is_leading(child):
                if child.type in self._spec.wrappers and (own := self._defined(child, child, lead, scope)):
                    self._add(found, own)
                    lead.nodes = []
                    continue
                # A comment behind code on its line speaks of that code.
                if child.start_point.row != previous_row:
                    lead.nodes.append(child)
                continue
            previous_row = last_row(child)
            self._add(found, self._defined(child, child, lead, scope))
            lead.nodes = []
        return found

    def _is_leading(self, node: Node) -> bool:
        """Whether a node belongs to what comes after it: a comment, an attribute, a declared type."""
        spec = self._spec
        if node.type in spec.comments or node.type in spec.leading:
            return True
        return (
            spec.lists is not None
            and bool(spec.lists.leading)
            and forms.head_of(node, spec.lists) in spec.lists.leading
        )

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

    def _defined(self, node: Node, outer: Node, lead: Lead, scope: Scope) -> list[Item]:
        """What a node defines; `outer` is the wrapper (decorator, export) that belongs to it."""
        spec = self._spec
        rule = spec.rules.get(node.type)
        if rule is not None:
            types = self._types_within(node, outer, lead, scope, rule)
            return [*types, *self._by_rule(node, outer, lead, scope, rule, names_of(node, rule.name))]
        assignment = spec.assignments.get(node.type)
        if assignment is not None:
            return self._by_assignment(node, outer, lead, scope, assignment)
        called = self._call_rule(node, scope)
        if called is not None:
            if called.name == "@wrapped":
                return self._through(node, outer, lead, scope)
            return self._by_rule(node, outer, lead, scope, called, names_of(node, called.name))
        if node.type in spec.wrappers:
            found = self._through(node, outer, lead, scope)
            if found or node.type not in spec.transparent:
                return found
        if node.type in spec.transparent or (
            spec.lists is not None and forms.head_of(node, spec.lists) in spec.lists.inside
        ):
            return self.inside(node, scope.deeper(), lead.nodes)
        return self._in_call(node, outer, lead, scope)

    def _in_call(self, node: Node, outer: Node, lead: Lead, scope: Scope) -> list[Item]:
        """What is defined within a call: in its blocks, or in a function called at once or handed to it."""
        spec, at_top = self._spec, not scope.qualified
        if spec.calls is None:
            return []
        if spec.enters_blocks and node.type in spec.calls.nodes and (at_top or scope.kind in _HOLDING):
            found = [item for body in bodies_of_call(node) for item in self.inside(body, scope.deeper())]
            # a variable of a block that no class holds is the block's own
            return [item for item in found if item.kind != "variable"] if at_top else found
        if spec.enters_calls and at_top:
            bare = unwrapped(node)
            if bare.type in spec.calls.nodes:
                found = self._in_called(bare, scope.deeper())
                if any(item.kind in CALLABLE or item.kind in CLASS_LIKE for item in found):
                    return found
                return self._given(bare, outer, lead, scope) or found
        return []

    def _types_within(self, node: Node, outer: Node, lead: Lead, scope: Scope, rule: Rule) -> list[Item]:
        """C: the class that a declaration defines, with a name for a variable of it behind or without."""
        if rule.name != "@declarator" or rule.members:
            return []
        declared = node.child_by_field_name("type")
        if declared is None or declared.type not in self._spec.rules:
            return []
        alone = node.child_by_field_name("declarator") is None
        return self._defined(declared, outer if alone else declared, lead, scope.deeper())

    def _in_called(self, node: Node, scope: Scope) -> list[Item]:
        """What a function around a module defines: ``(function () { ... })()``, ``define(...)``, and both
        in one, where what is called at once is a loader and the module its argument."""
        callee = node.child_by_field_name("function")
        if callee is not None and callee.type == "member_expression":  # (function () { ... }).call(this)
            callee = callee.child_by_field_name("object")
        if self._spec.components and callee is not None and text_of(callee) in self._spec.components:
            return [item for argument in arguments_of(node) for item in self.inside(argument, scope)]
        own = unwrapped(callee).child_by_field_name("body") if callee is not None else None
        bodies = [*([own] if own is not None else []), *bodies_of_call(node)]
        return [item for body in bodies for item in self.inside(body, scope)]

    def _given(self, call: Node, outer: Node, lead: Lead, scope: Scope) -> list[Item]:
        """The one named function that a call at the top is given: ``get('ip', function ip() {...})``."""
        rule = self._spec.rules.get("function_declaration")
        named = [one for one in arguments_of(call) if one.type.endswith("function_expression")]
        names = [name for one in named for name in names_of(one, "name")]
        if rule is None or len(names) != 1:
            return []
        return self._by_rule(named[0], outer, lead, scope, rule, names)

    def _through(self, node: Node, outer: Node, lead: Lead, scope: Scope) -> list[Item]:
        """What the children of a wrapper define, as if they stood in its place."""
        found: list[Item] = []
        deeper = scope.deeper()
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

    def _call_rule(self, node: Node, scope: Scope) -> Rule | None:
        if self._spec.lists is not None:
            return forms.rule_of(node, self._spec.lists, scope.kind)
        calls = self._spec.calls
        if calls is None or node.type not in calls.nodes:
            return None
        callee = child_of(node, calls.callee)
        if callee is not None and callee.type in calls.nodes:  # test("...") { ... }, each(...)("...")
            callee = child_of(callee, calls.callee)
        return calls.rules.get(text_of(callee)) if callee is not None else None

    def _by_rule(
        self,
        node: Node,
        outer: Node,
        lead: Lead,
        scope: Scope,
        rule: Rule,
        names: list[str],
        value: Node | None = None,
    ) -> list[Item]:
        """What a node defines by a rule; ``value`` is what is assigned to its name and holds the body."""
        if rule.members and scope.kind == "type" and names == [scope.qualified.rpartition(".")[2]]:
            # ``typedef struct point {...} point``, ``data Point = Point {...}``: one thing, named twice.
            return self.inside(self._body(node, rule) or node, scope)
        leading = lead.take(outer)
        if not names:
            # A scope without a name (``class << self``): what is in it stands in the scope around.
            return self.inside(self._body(node, rule) or node, scope) if rule.members else []
        holder = node if value is None else value
        body = self._body(holder, rule)
        start = min([outer.start_point.row, *(one.start_point.row for one in leading)]) + 1
        end = last_line(self._spec, self._source, node, outer)
        kind = kind_of(self._spec, node, rule, scope.kind)
        kind, is_test = self._tested(kind, leading)
        is_test |= scope.is_test
        own = _has_its_own_chunk(rule, body, end - start + 1)
        made: list[Item] = []
        for name in names:
            is_of_class = kind == "function" and "." in name and rule.name == "@declarator"
            made.append(
                Item(
                    name=name.rsplit(".", 1)[-1],
                    qualified=scope.name(name),
                    kind="method" if is_of_class else kind,
                    start=start,
                    end=end,
                    declared=self._named_line(node),
                    signature=signature(self._spec, self._source, node, outer, body, kind),
                    doc=documentation(self._spec, leading, body, node),
                    parent=scope.qualified,
                    own=own and not made,
                    listed=rule.define and kind != "extension",
                    members=rule.members,
                    is_test=is_test,
                )
            )
        if rule.members:
            first = made[0]
            inner = first.scope(scope.depth + 1)
            before = self._comments_before(body, holder)
            first.children = self.inside(holder if body is None else body, inner, before)
        return made

    def _tested(self, kind: str, leading: Sequence[Node]) -> tuple[str, bool]:
        """The kind of a definition, which what stands before may make a test, and whether it is for tests."""
        spec = self._spec
        if spec.testing and kind in CALLABLE and any(re.search(spec.testing, text_of(n)) for n in leading):
            return "test", True
        if spec.for_tests and any(re.search(spec.for_tests, text_of(n)) for n in leading):
            return kind, True
        return kind, kind == "test"

    def _named_line(self, node: Node) -> int:
        """The line that a definition's name is on: annotations stand before it."""
        named = node.child_by_field_name("name")
        if named is None and self._spec.headed:
            named = child_of(node, self._spec.headed)
        return (node if named is None else named).start_point.row + 1

    def _comments_before(self, body: Node | None, node: Node) -> list[Node]:
        """Comments between the head of a class and the node of its body: they speak of the first member."""
        if body is None or body == node:
            return []
        return [
            child
            for child in node.named_children
            if child.type in self._spec.comments
            and child.end_byte <= body.start_byte
            and child.start_point.row > node.start_point.row
        ]

    def _body(self, node: Node, rule: Rule) -> Node | None:
        body = body_of(node, rule.body)
        if body is None and self._spec.calls is not None and node.type in self._spec.calls.nodes:
            return next(bodies_of_call(node), None)
        return body

    def _by_assignment(
        self, node: Node, outer: Node, lead: Lead, scope: Scope, assignment: Assignment
    ) -> list[Item]:
        if assignment.called is not None and called(child_of(node, assignment.target)):
            short = assignment.called
            return self._by_rule(node, outer, lead, scope, short, names_of(node, short.name))
        names, value = assigned(self._spec, node, assignment)
        rule = value_rule(self._spec, value, names)
        if rule is not None and rule.kind == "object" and node.type.endswith("field_definition"):
            rule = replace(rule, kind=assignment.kind)
        if only_imports(self._spec, node, value):
            lead.take(outer)
            return []
        is_local = rule is None and scope.kind in CALLABLE
        if is_local or not all(map(is_name, names)) or not names or (rule is None and not assignment.bare):
            lead.take(outer)
            return []
        if rule is None or value is None:
            kind = "constant" if names[0].isupper() and assignment.kind == "variable" else assignment.kind
            own = "never" if assignment.kind == "field" else "large"
            bare = Rule(kind, "", assignment.value, own=own)  # type: ignore[arg-type]  # one of the words of Own
            return self._by_rule(node, outer, lead, scope, bare, names)
        return self._by_rule(node, outer, lead, scope, rule, names, value)


def _has_its_own_chunk(rule: Rule, body: Node | None, lines: int) -> bool:
    if rule.own == "large":
        return lines >= LARGE_LINES
    return rule.own == "always" or (rule.own == "bodied" and body is not None)
