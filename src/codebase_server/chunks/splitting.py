"""`split`: one source file into chunks, definitions and imports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from codebase_server.chunks import (
    blanks,
    cells,
    conditionals,
    emacs,
    embedded,
    fixed,
    grammars,
    macros,
    prisma,
    protobuf,
    vim9,
    zsh,
)
from codebase_server.chunks.imports import imports_of
from codebase_server.chunks.pieces import chunks_of
from codebase_server.chunks.sections import PROSE, sections_of
from codebase_server.records import Definition, ParsedFile, SourceFile

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

    from codebase_server.chunks.items import Item


MOST_CHUNKS = 10_000
"""Of one file, which has a million bytes at most; four times what the largest of 10,000 real files has. Of a
scope of a hundred thousand, which a program has written, each would cost a row, an id and a vector."""


_SLOW_IN_GAPS: Final = frozenset({"cmake"})
"""Grammars that read white space again from each of its characters: seconds for 40,000 blank lines."""

_GAP: Final = re.compile(rb"\s{500}")

_LEAVING_OPEN: Final = frozenset({"python", "starlark"})

_DANGLES: Final = re.compile(rb"[/%|&^@][ \t]*\*[ \t]*(?:#[^\n]*)?\r?$", re.MULTILINE)
"""A line of Python that ends on an operator and a star, as none does outside of quotes. Each keeps all that
follows open: one step at the end of 13,000 of them takes the parser two minutes, and cannot be cut short."""

_MOST_DANGLING: Final = 200
"""Lines, for which it takes a twentieth of a second."""


def lines_of(text: str) -> list[str]:
    """The lines of a text, without a last empty one."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def split(source: SourceFile) -> ParsedFile:
    """Cuts a file along its syntax; every line is owned by exactly one chunk, in order.

    Never raises for any text: what a grammar does not understand, or has no
    grammar, is cut at blank lines and indentation.
    """
    lines = lines_of(source.text)
    found = cells.cells_of(lines) if cells.is_notebook(source.path) else []
    items, had_errors = _items(source, lines, found)
    if found:
        items = cells.items_with_cells(lines, found, items)
    chunks = chunks_of(lines, items, [cell.start for cell in found]) if lines else ()
    if len(chunks) > MOST_CHUNKS:
        items, chunks, had_errors = [], chunks_of(lines, []), True
    return ParsedFile(
        language=source.language,
        line_count=len(lines),
        chunks=chunks,
        definitions=tuple(_definitions(items)),
        imports=imports_of(source.text, source.language) if source.kind in ("code", "tests") else (),
        had_errors=had_errors,
    )


def _takes_for_ever(grammar: str, data: bytes) -> bool:
    """Whether a text has what is known to keep a grammar busy where it cannot be asked to stop."""
    if grammar in _SLOW_IN_GAPS:
        return _GAP.search(data) is not None
    return grammar in _LEAVING_OPEN and len(_DANGLES.findall(data)) > _MOST_DANGLING


def _items(source: SourceFile, lines: list[str], found: list[cells.Cell]) -> tuple[list[Item], bool]:
    from codebase_server.chunks.languages import SPECS
    from codebase_server.chunks.recovery import recovered
    from codebase_server.chunks.walk import items_of

    if source.language in PROSE:
        return sections_of(lines, source.language), False
    language = source.language
    data = cells.code_alone(lines, found, language) if found else source.text.encode("utf-8", "replace")
    if language in embedded.LANGUAGES:
        language, data = embedded.scripts_alone(language, data) or ("", b"")
    spec = SPECS.get(language)
    if spec is None:
        return [], False
    if source.language in embedded.LANGUAGES:
        spec = replace(spec, components=embedded.COMPONENTS)
    if _takes_for_ever(spec.grammar, data):
        return [], True
    if language in protobuf.LANGUAGES:
        data = protobuf.begun(data)
    read = _as_read(source, data)
    tree, data = _parsed(source.language, spec.grammar, read, data)
    if tree is None:
        return [], grammars.parser_of(spec.grammar) is not None
    items = items_of(tree.root_node, data, spec)
    if tree.root_node.has_error:
        # A bracket or a semicolon that is only missing hides nothing.
        return recovered(spec, source.language, read, tree, items), _not_understood(tree.root_node) > 0
    return items, False


def _parsed(language: str, grammar: str, read: bytes, data: bytes) -> tuple[Tree | None, bytes]:
    """The tree of a text, also without what a preprocessor would take away, and the text that is named from.

    :param read: ``data`` in the form that the grammar reads.
    """
    allowance = grammars.Allowance(len(read))
    tree = grammars.parse(grammar, read, allowance=allowance)
    if tree is None:
        return None, data
    if language in macros.LANGUAGES and (tree.root_node.has_error or macros.misleads(data)):
        return _without_preprocessor(grammar, data, tree, allowance), data
    if language in conditionals.LANGUAGES and tree.root_node.has_error:
        plain = conditionals.first_branches(data)
        before = blanks.edited(tree, data, plain)
        one_branch = grammars.parse(grammar, plain, allowance=allowance, before=before)
        if one_branch is not None and not one_branch.root_node.has_error:
            return one_branch, plain
    return tree, data


def _without_preprocessor(grammar: str, data: bytes, tree: Tree, allowance: grammars.Allowance) -> Tree:
    """The tree in which a grammar of the C family understands most, of what preprocessing would leave too."""
    least = _not_understood(tree.root_node)
    text, latest = data, tree
    for prepared in (bytes, conditionals.without_conditionals):  # the second only if errors stay
        masked = macros.masked(prepared(data))
        other = grammars.parse(
            grammar, masked, allowance=allowance, before=blanks.edited(latest, text, masked)
        )
        if other is None:
            continue
        if not other.root_node.has_error:
            return other
        text, latest = masked, other
        if (lost := _not_understood(other.root_node)) < least:
            tree, least = other, lost
    return tree


def _not_understood(root: Node) -> int:
    """Bytes of a tree that its grammar could make nothing of."""
    pending, lost = [root], 0
    while pending:
        node = pending.pop()
        if node.type == "ERROR":
            lost += node.end_byte - node.start_byte
        elif node.has_error:
            pending.extend(node.children)
    return lost


def _as_read(source: SourceFile, data: bytes) -> bytes:
    """The text in the form that the grammar of its language reads, every byte where it was."""
    if source.language in fixed.LANGUAGES:
        return fixed.as_free_form(source.path, data)
    if source.language in vim9.LANGUAGES:
        return vim9.as_vim8(data)
    if source.language in emacs.LANGUAGES:
        return emacs.as_clojure(data)
    if source.language in prisma.LANGUAGES:
        return prisma.as_blocks(data)
    if source.language in protobuf.LANGUAGES:
        return protobuf.as_proto3(data)
    if source.language in zsh.LANGUAGES and zsh.is_zsh(source.path, data):
        return zsh.as_bash(data)
    return data


def _definitions(items: Iterable[Item]) -> Iterator[Definition]:
    for item in items:
        if item.listed:
            yield Definition(
                name=item.name,
                qualified=item.qualified,
                kind=item.kind,
                start_line=item.declared,
                end_line=item.end,
                signature=item.signature,
                parent=item.parent,
            )
        yield from _definitions(item.children)
