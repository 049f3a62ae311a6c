"""The functions of a commit, read with grammars and nothing of the product's own splitting.

A function has a qualified name (its containers and its own name) and lines.
Only names that are unique in their file are used: of two functions with one
name nobody can say which one a later one is.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from semble_grammars import get_language
from tree_sitter import Node, Parser

LANGUAGES = {
    ".py": "python",
    ".ts": "typescript",
    ".js": "javascript",
    ".go": "go",
    ".rs": "rust",
    ".java": "java",
}
_FUNCTIONS = {
    "function_definition", "function_declaration", "method_definition", "method_declaration",
    "function_item", "constructor_declaration", "generator_function_declaration",
}  # fmt: skip
_CONTAINERS = {
    "class_definition", "class_declaration", "abstract_class_declaration", "interface_declaration",
    "enum_declaration", "record_declaration", "impl_item", "trait_item", "mod_item", "internal_module",
}  # fmt: skip


@dataclass(frozen=True)
class Function:
    """A function of one commit. Lines are 1-based, both ends included; ``text`` is what stands there."""

    path: str
    symbol: str
    start: int
    end: int
    text: str

    @property
    def name(self) -> str:
        return self.symbol.rsplit(".", 1)[-1]


@dataclass(frozen=True)
class Sources:
    """One commit of a repository."""

    repository: Path
    commit: str

    @cached_property
    def paths(self) -> dict[str, str]:
        """Files in a language that can be read here, each with the name of its blob."""
        listed = git(self.repository, "ls-tree", "-r", "-z", self.commit).split("\0")
        entries = [entry.split("\t", 1) for entry in listed if entry]
        wanted = {
            path: head.split()[2]
            for head, path in entries
            if Path(path).suffix in LANGUAGES and not path.endswith(".d.ts") and head.startswith("100")
        }
        _load(self.repository, set(wanted.values()) - _TEXTS.keys())
        return wanted

    def text(self, path: str) -> str:
        return _TEXTS[self.paths[path]]

    def functions(self, path: str) -> dict[str, Function]:
        """The functions of a file by qualified name, those whose name is not unique left out."""
        return _parsed(self.paths[path], path)[0]

    def doubled(self, path: str) -> frozenset[str]:
        """The qualified names that stand more than once in a file."""
        return _parsed(self.paths[path], path)[1]

    @cached_property
    def all(self) -> dict[tuple[str, str], Function]:
        """Every function of the commit by path and qualified name."""
        return {(path, one.symbol): one for path in self.paths for one in self.functions(path).values()}


def git(repository: Path, *arguments: str) -> str:
    """What git prints."""
    done = subprocess.run(["git", *arguments], cwd=repository, check=True, capture_output=True)
    return done.stdout.decode("utf-8", "replace")


_TEXTS: dict[str, str] = {}
"""Texts by the name of their blob: most files are the same at the next commit."""


def _load(repository: Path, blobs: set[str]) -> None:
    asked = "".join(f"{blob}\n" for blob in sorted(blobs)).encode()
    done = subprocess.run(
        ["git", "cat-file", "--batch"], input=asked, cwd=repository, check=True, capture_output=True
    )
    told, at = done.stdout, 0
    while at < len(told):
        end = told.index(b"\n", at)
        blob, _, size = told[at:end].decode().split()
        at = end + 1 + int(size)
        _TEXTS[blob] = told[end + 1 : at].decode("utf-8", "replace")
        at += 1


@cache
def _parsed(blob: str, path: str) -> tuple[dict[str, Function], frozenset[str]]:
    text = _TEXTS[blob]
    lines = text.split("\n")
    root = _parser(LANGUAGES[Path(path).suffix]).parse(text.encode()).root_node
    found: dict[str, Function] = {}
    doubled = set()
    for symbol, node in _within(root, ()):
        first, last = node.start_point[0], node.end_point[0]
        if symbol in found:
            doubled.add(symbol)
        found[symbol] = Function(path, symbol, first + 1, last + 1, "\n".join(lines[first : last + 1]))
    unique = {symbol: one for symbol, one in found.items() if symbol not in doubled}
    return unique, frozenset(doubled)


@cache
def _parser(language: str) -> Parser:
    return Parser(get_language(language))


def _within(node: Node, outer: tuple[str, ...]) -> Iterator[tuple[str, Node]]:
    for child in node.named_children:
        if child.type in _FUNCTIONS:
            name = _name(child)
            if name:
                receiver = _receiver(child)
                yield ".".join((*outer, *receiver, name)), child
        elif child.type in _CONTAINERS:
            yield from _within(child, (*outer, _name(child) or _text_of(child.child_by_field_name("type"))))
        else:
            yield from _within(child, outer)


def _name(node: Node) -> str:
    return _text_of(node.child_by_field_name("name"))


def _receiver(node: Node) -> tuple[str, ...]:
    """The type of a Go method's receiver."""
    receiver = node.child_by_field_name("receiver")
    if receiver is None:
        return ()
    words = _text_of(receiver).strip("()").split()
    return (words[-1].lstrip("*").split("[")[0],) if words else ()


def _text_of(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""
