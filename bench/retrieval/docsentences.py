"""Doc sentence to function: a question for every documented function, in every language, made automatically.

The doc comments are cut out of the tree; the first sentence of each, asked as a
question, should find the function it was cut from. Lines stay where they are.
"""

from __future__ import annotations

import ast
import random
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.retrieval.dataset import Target
from bench.retrieval.memory import read_tree
from codebase_server import chunks
from codebase_server.records import Chunk, SourceFile

_FUNCTIONS = frozenset({"function", "method", "constructor"})
_FEWEST_WORDS, _MOST_WORDS = 4, 40
_FEWEST_LINES, _MOST_LINES = 3, 120


@dataclass(frozen=True, slots=True)
class DocQuestion:
    """A doc comment's first sentence, and where the function stands that it was cut from."""

    repository: str
    language: str
    text: str
    target: Target


def questions_of(root: Path, most: int = 0, seed: int = 1) -> tuple[list[DocQuestion], dict[str, SourceFile]]:
    """The questions of a tree and its files without the doc comments, by path.

    With ``most`` a sample of so many questions, the same for the same seed. Tests
    are no targets; a sentence that several functions have is nobody's.
    """
    found: dict[str, list[DocQuestion]] = {}
    bare: dict[str, SourceFile] = {}
    for source in read_tree(root):
        parsed = chunks.split(source)
        lines = source.text.split("\n")
        strings = _docstrings(source.text) if source.language == "python" else None
        if strings:
            for line, instead in strings.items():
                lines[line - 1] = instead
        for chunk in parsed.chunks:
            if not chunk.doc or chunk.part > 1:
                continue
            if strings is None:
                cut = _doc_lines(chunk)
                for i in cut:
                    lines[chunk.start_line - 1 + i] = ""
            else:
                owned = range(chunk.start_line, chunk.end_line + 1)
                cut = [i for i, line in enumerate(owned) if line in strings]
            sentence = first_sentence(chunk.doc)
            size = chunk.end_line - chunk.start_line + 1 - len(cut)
            if (
                cut
                and source.kind == "code"
                and chunk.symbol_kind in _FUNCTIONS
                and not chunk.part
                and _FEWEST_LINES <= size <= _MOST_LINES
                and _FEWEST_WORDS <= len(sentence.split()) <= _MOST_WORDS
            ):
                # a comment above the function leaves blank lines, which may go to the chunk before it
                above = 0 if cut[0] else len(cut)
                place = Target(source.path, chunk.start_line + above, chunk.end_line)
                found.setdefault(sentence, []).append(
                    DocQuestion(root.name, source.language, sentence, place)
                )
        bare[source.path] = replace(source, text="\n".join(lines))
    questions = [same[0] for same in found.values() if len(same) == 1]
    questions.sort(key=lambda question: (question.target.path, question.target.start_line))
    return drawn(questions, most, seed), bare


def drawn(questions: Sequence[DocQuestion], most: int, seed: int = 1) -> list[DocQuestion]:
    """At most so many of a tree's questions (0: all), the same for the same seed."""
    if most and len(questions) > most:
        return random.Random(seed).sample(questions, most)
    return list(questions)


_TAG = re.compile(r"\s(?=[@:\\](?:param|return|returns|throws|raises|see|since|brief|type|rtype)\b)|\n\s*\n")
_END = re.compile(r"(?<=[.!?。])\s+(?=[A-Z\"'`(])")
_MARKUP = re.compile(r"<[^<>]{1,60}>|\{@\w+\s+([^}]*)\}|:\w+:`([^`]*)`|[`*]+")


def first_sentence(doc: str) -> str:
    """The first sentence of a doc comment, markup taken off."""
    start = _TAG.split(doc.strip(), maxsplit=1)[0]
    sentence = _END.split(" ".join(start.split()), maxsplit=1)[0]
    return " ".join(_MARKUP.sub(lambda m: m[1] or m[2] or "", sentence).split())


_OPENS = re.compile(
    r"""([rRuUbB]{0,2}("{3}|'{3})|@(module|type)?doc\s+(~[sS])?"{3}|/\*[*!]?|\{-\|?|=begin)\s*$"""
)
_CLOSES = re.compile(r"""("{3}|'{3}|\*+/|-\}|=end)$""")
_PREFIX = re.compile(r"""^([rRuUbB]{1,2}(?="{3}|'{3})|@(module|type)?doc\s+(~[sS])?(?=")|=begin\b)""")


def _doc_lines(chunk: Chunk) -> list[int]:
    """Which lines of a chunk its doc comment takes, counted from 0.

    Opening and closing marks that stand on lines of their own go with it: a
    quote left open would swallow the code that follows.
    """
    doc = _letters(chunk.doc)
    lines = chunk.content.split("\n")
    bare = [_letters(_PREFIX.sub("", line.strip())) for line in lines]
    inside = [
        bool(letters) and letters in doc and _is_prose(line, lines, i)
        for i, (line, letters) in enumerate(zip(lines, bare, strict=True))
    ]
    if not any(inside) or not doc:
        return []
    first = last = inside.index(True)
    for i in range(first + 1, len(lines)):  # to the end of this run: blank and marker-only lines belong to it
        if inside[i]:
            last = i
        elif bare[i]:
            break
    if first and _OPENS.match(lines[first - 1].strip()):
        first -= 1
    after = last + 1
    while after < len(lines) and not lines[after].strip():
        after += 1
    if after < len(lines) and _CLOSES.match(lines[after].strip()):
        last = after
    return list(range(first, last + 1))


def _docstrings(text: str) -> dict[int, str] | None:
    """The lines of Python's doc strings and what stands there without them; None if it cannot be parsed.

    Its own parser knows where each ends, however long it is. Where a body is nothing else, ``...`` stays.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tree's own odd escapes
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    found: dict[int, str] = {}
    lines = text.split("\n")
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            continue
        first = node.body[0] if node.body else None
        if not isinstance(first, ast.Expr) or not isinstance(first.value, ast.Constant):
            continue
        if not isinstance(first.value.value, str) or lines[first.lineno - 1][: first.col_offset].strip():
            continue  # a number, or on the line of the definition itself
        found.update(dict.fromkeys(range(first.lineno, (first.end_lineno or first.lineno) + 1), ""))
        if len(node.body) == 1 and not isinstance(node, ast.Module):
            found[first.lineno] = " " * first.col_offset + "..."
    return found


def _is_prose(line: str, lines: Sequence[str], at: int) -> bool:
    stripped = line.strip()
    if re.match(r"(///?|/\*|\*|#|--|%|;|\"\"\"|'''|@(module)?doc\b|r?\"|[|])", stripped):
        return True
    before = "\n".join(lines[:at])
    return (
        any(before.count(mark) % 2 for mark in ('"""', "'''"))
        or before.count("/*") > before.count("*/")
        or before.count("{-") > before.count("-}")
    )


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum()).lower()
