"""How a language is described: which nodes of its grammar name things.

A language is a table of node types, nothing more. `walk` reads the tables; the
tables themselves are in `languages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Own = Literal["always", "bodied", "large", "never"]
"""Whether a definition gets a chunk of its own: always; when it has a body; when it is at least
`LARGE_LINES` long; never."""

LARGE_LINES = 5
"""Lines, comments before it included, from which a constant or a type alias has a chunk of its own."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a node of one type defines.

    ``name`` names the way to its name (a key of `names.NAMERS`, or a field).
    ``body`` is the field, or the child types separated by blanks, where its
    body begins (or a key of `bodies.BODIES`); the signature is what stands before it. The definitions in the
    body of one with ``members`` are qualified by its name. ``define`` is false
    for what continues a definition made elsewhere (an ``impl``, an extension).
    """

    kind: str
    name: str = "name"
    body: str = "body"
    members: bool = False
    own: Own = "always"
    define: bool = True


@dataclass(frozen=True, slots=True)
class Assignment:
    """A node that gives a name to a value: what it defines depends on the value.

    ``target`` and ``value`` are fields, or child types separated by blanks.
    """

    target: str
    value: str
    kind: str = "variable"
    bare: bool = True
    """Whether a value that is no function or class makes a variable."""
    called: Rule | None = None
    """What is defined where the target is a call: ``area(r) = pi * r^2``."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls that define by convention: ``describe("...", ...)``, ``defmodule A do``."""

    nodes: frozenset[str]
    callee: str
    rules: Mapping[str, Rule]
    arguments: str = "arguments"


@dataclass(frozen=True, slots=True)
class Lists:
    """A language whose code is lists: what one defines is said by its first word.

    ``heads`` are those words, without a namespace. Of any other that matches
    ``convention`` the list is a function where parameters follow the name, and
    ``otherwise`` where none do. Lists that begin with a word of ``inside`` are
    looked into; those that begin with one of ``leading`` belong to the
    definition after them. ``members`` is what a list in a definition of some
    kind is, whatever its first word. ``valued`` is what a name becomes by the
    first word of what it is given: ``(define door% (class ...))``. Parameters stand
    behind the name after the words in ``behind`` alone, where it is given.
    """

    nodes: frozenset[str]
    symbols: frozenset[str]
    heads: Mapping[str, Rule]
    convention: str
    otherwise: Rule
    parameters: frozenset[str]
    inside: frozenset[str] = frozenset()
    leading: frozenset[str] = frozenset()
    members: Mapping[str, Rule] = field(default_factory=dict)
    valued: Mapping[str, Rule] = field(default_factory=dict)
    behind: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Spec:
    """One language: its grammar's name and its tables.

    ``transparent`` nodes are looked into without being named; ``wrappers``
    (decorators, exports, templates) belong to the definition inside them;
    ``leading`` nodes belong to the definition after them, as comments do; one that is a wrapper too,
    unless it defines something itself.
    ``values`` says what an assigned value of a node type makes of its name.
    ``line_comments`` and ``block_comments`` are the markers of doc comments.
    """

    grammar: str
    rules: Mapping[str, Rule]
    transparent: frozenset[str] = frozenset()
    wrappers: frozenset[str] = frozenset()
    leading: frozenset[str] = frozenset()
    comments: frozenset[str] = frozenset({"comment"})
    assignments: Mapping[str, Assignment] = field(default_factory=dict)
    values: Mapping[str, Rule] = field(default_factory=dict)
    calls: Calls | None = None
    lists: Lists | None = None
    line_comments: tuple[str, ...] = ("//",)
    block_comments: tuple[tuple[str, str], ...] = (("/*", "*/"),)
    docstrings: bool = False
    """A string at the head of a body, or before a definition, is its documentation."""
    continued: frozenset[str] = frozenset()
    """Neighbours of these types with one name are one definition (a signature and its equations)."""
    refined: Mapping[str, str] = field(default_factory=dict)
    """What kind a class or type really is, by a keyword or node among its children."""
    documenting: str = ""
    """A regular expression of the leading nodes that document (``@doc``), the text as group 1."""
    importing: str = ""
    """A regular expression of values that only bring in a module: their names are no definitions here."""
    enters_blocks: bool = False
    """Whether blocks of calls hold members of the class around (``included do``), or definitions of the file
    (``Plugin.create do``)."""
    enters_calls: bool = False
    """Whether what is defined in a function called at once, or handed to a call, is defined by the file."""
    components: frozenset[str] = frozenset()
    """Calls whose object is a component (``defineComponent({...})``): the file defines what is in it."""
    beginning: tuple[tuple[str, Rule], ...] = ()
    """What a value makes of its name by how its text begins (regular expressions), before `values`."""
    commented_inside: str = ""
    """A regular expression of the comments among a definition's own children that document it."""
    until: frozenset[str] = frozenset()
    """What a node of these types defines goes on to the next of them: stages, labels."""
    unsaid: str = ""
    """A regular expression of lines in comments that say nothing themselves (``.SYNOPSIS``)."""
    one_line: bool = False
    """Whether a line break ends what a definition begins with."""
    margin: str = ""
    """A regular expression of lines that only definitions begin with: there a file is cut and each stretch
    parsed by itself where the grammar loses its way in the whole."""
    headed: str = ""
    """The type of the child whose line a definition is declared on, where its name is in no field."""
    beside: frozenset[str] = frozenset()
    """Types of the node behind a definition's that holds what it does: Dart's signatures have no body."""
    testing: str = ""
    """A regular expression of leading nodes that make a test of the function after them."""
    for_tests: str = ""
    """... of those that keep what is after them out of any build but that of the tests."""
    padded: bool = False
    """Whether nodes of this grammar end with the blank lines behind them."""

    @property
    def documented_inside(self) -> bool:
        """Whether anything but what stands before a definition may be its documentation."""
        return bool(self.docstrings or self.lists or self.commented_inside or self.documenting)


def words(text: str) -> frozenset[str]:
    """The set of the words of a text."""
    return frozenset(text.split())


def function(kind: str = "function", name: str = "name", body: str = "body") -> Rule:
    """Something that is called, in a chunk of its own."""
    return Rule(kind, name, body)


def container(kind: str = "class", name: str = "name", body: str = "body") -> Rule:
    """Something with members, which are chunks of their own."""
    return Rule(kind, name, body, members=True)


def scope(kind: str = "namespace", name: str = "name", body: str = "body") -> Rule:
    """A name for what is in it, whose own lines are module-level code."""
    return Rule(kind, name, body, members=True, own="never")


def value(kind: str, name: str = "name", body: str = "") -> Rule:
    """A named value or type: a chunk of its own when it is large."""
    return Rule(kind, name, body, own="large")


def member(kind: str = "field", name: str = "name") -> Rule:
    """A part of a class or enum: never a chunk of its own."""
    return Rule(kind, name, "", own="never")


def continuing(rule: Rule) -> Rule:
    """The same rule for what adds to a definition made elsewhere."""
    return replace(rule, define=False)
