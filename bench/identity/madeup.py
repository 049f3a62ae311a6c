"""Programs made up from words, in six languages, so that a refactoring's outcome is known by construction.

A function carries a ``tag`` that no operation changes: whatever happens to its
name, place or form, the code with that tag is the same code.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

VERBS = "load save build parse check merge send fetch score split count group apply trace route".split()
NOUNS = (
    "invoice ticket vector customer payment parcel sensor window module ledger garden signal voyage engine "
    "bridge recipe planet branch folder packet singer puzzle harbor marble carpet mirror forest".split()
)
LANGUAGES = {"python": "py", "typescript": "ts", "go": "go", "rust": "rs", "java": "java", "c": "c"}
SNAKE = {"python", "rust", "c"}


@dataclass(frozen=True)
class Statement:
    """One line of a body, or a condition with one line in it."""

    target: str
    source: str
    sign: str
    number: int
    call: str = ""


@dataclass(frozen=True)
class Style:
    """What a formatter would change."""

    indent: int = 4
    brace_below: bool = False
    spaced: bool = False


@dataclass
class Function:
    """Code with an identity: ``tag`` stays what it is."""

    tag: int
    name: str
    body: list[Statement]
    parameters: list[str]
    comment: str
    owner: str = ""
    """The class it is a method of, or empty."""


@dataclass
class Program:
    """Files of functions. ``styles``: how each file is written, where not as the default."""

    language: str
    files: dict[str, list[Function]]
    random: random.Random
    style: Style = field(default_factory=Style)
    styles: dict[str, Style] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    tags: int = 0

    def copy(self) -> Program:
        files = {
            path: [replace(one, body=list(one.body), parameters=list(one.parameters)) for one in functions]
            for path, functions in self.files.items()
        }
        return replace(self, files=files, styles=dict(self.styles), used=set(self.used))

    def all(self) -> list[tuple[str, Function]]:
        return [(path, one) for path, functions in self.files.items() for one in functions]

    def name(self) -> str:
        """A name that nothing has yet."""
        while True:
            words = [self.random.choice(VERBS), self.random.choice(NOUNS), self.random.choice(NOUNS)]
            snake = self.language in SNAKE
            name = "_".join(words) if snake else words[0] + "".join(word.title() for word in words[1:])
            if name not in self.used:
                self.used.add(name)
                return name

    def statement(self) -> Statement:
        pick = self.random.choice
        call = f"{pick(VERBS)}{'_' if self.language in SNAKE else ''}{pick(NOUNS)}" if pick((0, 1, 1)) else ""
        return Statement(pick(NOUNS), pick(NOUNS), pick("+-*/%"), self.random.randrange(2, 900), call)

    def function(self, owner: str = "") -> Function:
        self.tags += 1
        body = [self.statement() for _ in range(self.random.randrange(7, 16))]
        comment = f"{self.random.choice(NOUNS)} before {self.random.choice(NOUNS)}"
        return Function(self.tags, self.name(), body, [self.random.choice(NOUNS)], comment, owner)

    def text(self, path: str) -> str:
        """The file as it is written to disk."""
        return _Writer(self.language, self.styles.get(path, self.style)).file(path, self.files[path])


def program(language: str, seed: int) -> Program:
    """A program of four files: functions, and methods where the language has them."""
    made = Program(language, {}, random.Random(seed))
    for at in range(4):
        path = f"{NOUNS[at]}.{LANGUAGES[language]}"
        made.files[path] = [made.function() for _ in range(made.random.randrange(3, 6))]
        if language != "c" and at % 2:
            owner = NOUNS[at + 10].title()
            made.files[path] += [made.function(owner) for _ in range(made.random.randrange(2, 5))]
    return made


class _Writer:
    def __init__(self, language: str, style: Style) -> None:
        self.language, self.style = language, style

    def file(self, path: str, functions: list[Function]) -> str:
        free = [one for one in functions if not one.owner]
        owners = list(dict.fromkeys(one.owner for one in functions if one.owner))
        blocks = [self._head()]
        if self.language == "java":
            stem = path.rsplit("/", 1)[-1].split(".")[0].title()
            blocks.append(self._class(stem, free))
        else:
            blocks += [self._function(one, 0) for one in free]
        blocks += [self._class(owner, [one for one in functions if one.owner == owner]) for owner in owners]
        return "\n\n".join(block for block in blocks if block) + "\n"

    def _head(self) -> str:
        return {
            "python": "import math",
            "typescript": 'import { tools } from "./tools";',
            "go": "package store",
            "rust": "use std::fmt;",
            "java": "package store;",
            "c": "#include <stdio.h>",
        }[self.language]

    def _class(self, name: str, methods: list[Function]) -> str:
        if not methods:
            return ""
        gap = "\n\n"
        if self.language == "go":
            parts = [f"type {name} struct {{\n{self._pad(1)}size int\n}}"]
            return gap.join(parts + [self._function(one, 0) for one in methods])
        inner = gap.join(self._function(one, 1) for one in methods)
        if self.language == "python":
            return f"class {name}:\n{inner}"
        if self.language == "rust":
            return f"pub struct {name} {{\n{self._pad(1)}size: usize,\n}}\n\nimpl {name} {{\n{inner}\n}}"
        head = f"export class {name}" if self.language == "typescript" else f"public class {name}"
        return f"{head}{self._open(0)}\n{inner}\n}}"

    def _function(self, one: Function, depth: int) -> str:
        pad, mark = self._pad(depth), "#" if self.language == "python" else "//"
        lines = [f"{pad}{mark} {one.comment}", f"{pad}{self._signature(one)}{self._open(depth)}"]
        for statement in one.body:
            lines += self._statement(statement, depth + 1)
            if self.style.spaced:
                lines.append("")
        if self.language != "python":
            lines.append(f"{pad}}}")
        return "\n".join(lines)

    def _signature(self, one: Function) -> str:
        names = one.parameters
        if self.language == "python":
            return f"def {one.name}({', '.join((['self'] if one.owner else []) + names)})"
        if self.language == "typescript":
            typed = ", ".join(f"{name}: number" for name in names)
            return f"{one.name}({typed}): void" if one.owner else f"export function {one.name}({typed}): void"
        if self.language == "go":
            receiver = f"(it *{one.owner}) " if one.owner else ""
            return f"func {receiver}{one.name}({', '.join(f'{name} int' for name in names)})"
        if self.language == "rust":
            listed = ["&self"] * bool(one.owner) + [f"{name}: i64" for name in names]
            return f"pub fn {one.name}({', '.join(listed)})"
        typed = ", ".join(f"int {name}" for name in names)
        if self.language == "java":
            return f"public {'' if one.owner else 'static '}void {one.name}({typed})"
        return f"void {one.name}({typed})"

    def _statement(self, one: Statement, depth: int) -> list[str]:
        pad, end = self._pad(depth), "" if self.language in {"python", "go"} else ";"
        value = f"{one.target} = {one.source} {one.sign} {one.number}{end}"
        if not one.call:
            return [pad + value]
        bare = self.language in {"python", "go", "rust"}
        condition = f"{one.source} > {one.number}"
        head = f"{pad}if {condition if bare else f'({condition})'}{self._open(depth)}"
        inner = f"{self._pad(depth + 1)}{one.target} = {one.call}({one.source}, {one.number}){end}"
        return [head, inner] if self.language == "python" else [head, inner, f"{pad}}}"]

    def _open(self, depth: int) -> str:
        if self.language == "python":
            return ":"
        below = self.style.brace_below and self.language != "go"
        return f"\n{self._pad(depth)}{{" if below else " {"

    def _pad(self, depth: int) -> str:
        return " " * self.style.indent * depth
