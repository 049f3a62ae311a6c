"""A bracket that is not closed costs the definition that it is in, not those around it."""

from __future__ import annotations

import textwrap

import pytest

from codebase_server.chunks import split
from codebase_server.records import ParsedFile, SourceFile

PYTHON = '''
import os


class Pool:
    """Holds what is lent.

        def example(): a line of prose
    """

    def first(self):
        return 1

    def half(self, a, b):
        return (a + b)

    @property
    def last(self):
        return 3


def middle(a, b):
    return [a]


@cached
def later(x):
    return x


class Late:
    async def run(self):
        """Runs."""
        return 1
'''

BRACES = {
    "javascript": ("function middle(a) {", "class Pool {", "half(a, b) {"),
    "typescript": (
        "export function middle(a: number) {",
        "export class Pool {",
        "half(a: number, b: number) {",
    ),
    "php": ("function middle($a) {", "class Pool {", "public function half($a, $b) {"),
    "kotlin": ("fun middle(a: Int): Int {", "class Pool {", "fun half(a: Int, b: Int): Int {"),
    "swift": ("func middle(a: Int) -> Int {", "class Pool {", "func half(a: Int, b: Int) -> Int {"),
    "rust": ("fn middle(a: i32) -> i32 {", "impl Pool {", "fn half(a: i32, b: i32) -> i32 {"),
    "java": ("class Middle {", "public class Pool {", "public int half(int a, int b) {"),
    "csharp": ("class Middle {", "public class Pool {", "public int half(int a, int b) {"),
}
"""The heads of something at the margin, of a class, and of a method in it."""


def parsed(language: str, text: str) -> ParsedFile:
    body = textwrap.dedent(text).lstrip("\n")
    return split(SourceFile("file", body, "", language, "code", len(body)))


def symbols(file: ParsedFile) -> set[str]:
    return {one.qualified for one in file.definitions}


BODY = """
    if (a) {
        other();
    }
    return compute(a);
}
"""


def braces(language: str) -> str:
    top, holder, method = BRACES[language]
    opening = "<?php\n" if language == "php" else ""

    def members(*names: str) -> str:
        return "\n".join(textwrap.indent(method.replace("half", name) + BODY, "    ") for name in names)

    first = f"{top}\n}}\n" if "Middle" in top else top + BODY
    late = holder.replace("Pool", "Late")
    return f"{opening}{first}\n{holder}\n{members('first', 'half', 'last')}}}\n\n{late}\n{members('run')}}}\n"


@pytest.mark.parametrize(
    ("whole", "broken"),
    [
        ("half(self, a, b)", "half(self, a, b"),
        ("return (a + b)", "return (a + b"),
        ("middle(a, b)", "middle(a, b"),
        ("return [a]", "return [a"),
        ("return [a]", "return {'x': [(a"),
        ('"""Runs."""', '"""Runs.'),
        ('"""Holds what', '""Holds what'),
    ],
)
def test_python_keeps_all_definitions_around_a_break(whole: str, broken: str) -> None:
    sound, edited = parsed("python", PYTHON), parsed("python", PYTHON.replace(whole, broken, 1))
    assert symbols(edited) == symbols(sound)
    untouched = {chunk.symbol: chunk.content for chunk in sound.chunks if broken not in chunk.content}
    assert untouched["later"] in {chunk.content for chunk in edited.chunks}


def test_what_stands_in_a_sound_docstring_is_no_definition() -> None:
    text = PYTHON.replace(
        "        def example(): a line", "    ```python\n    def example():\n    ```\n    a line"
    )
    edited = parsed("python", text.replace("half(self, a, b)", "half(self, a, b"))
    assert not any("example" in name for name in symbols(edited))


def test_chunks_around_a_break_have_the_text_that_they_had() -> None:
    sound, edited = (
        parsed("python", PYTHON),
        parsed("python", PYTHON.replace("return (a + b)", "return (a + b")),
    )
    before, now = ({chunk.symbol: chunk.content for chunk in file.chunks} for file in (sound, edited))
    assert {symbol for symbol in before if before[symbol] != now[symbol]} == {"Pool.half"}


@pytest.mark.parametrize("language", BRACES)
@pytest.mark.parametrize("lost", ["compute(a", "    }\n\n", '"text', "if (a {"])
def test_a_bracket_or_quote_missing_in_a_method_costs_no_other(language: str, lost: str) -> None:
    text = braces(language)
    before, _, after = text.partition("half")
    change = {
        "compute(a": ("compute(a)", "compute(a"),
        "    }\n\n": ("\n    }\n\n", "\n\n"),
        '"text': ("compute(a)", '"text'),
        "if (a {": ("if (a) {", "if (a {"),
    }[lost]
    edited = parsed(language, before + "half" + after.replace(*change, 1))
    assert symbols(edited) >= symbols(parsed(language, text))


def test_texts_at_the_margin_hide_no_member_of_a_broken_class() -> None:
    text = textwrap.dedent('''
        class Cached {
            fun first(): Int {
                return compute(a)
            }

            fun told(): String {
                return """version 1
        fun nothing() = 2
        end"""
            }

            fun last(): Int {
                return show("1", "2")
            }
        }
    ''')
    names = {"Cached", "Cached.first", "Cached.told", "Cached.last"}
    assert symbols(parsed("kotlin", text)) == names
    assert symbols(parsed("kotlin", text.replace("compute(a)", "compute(a"))) == names


def test_go_keeps_what_follows_a_block_that_is_not_closed() -> None:
    text = textwrap.dedent("""
        package a

        func First() int {
            return g(1)
        }

        func (t *T) Go() int {
            return 2
        }

        type T struct {
            X int
        }
    """)
    for broken in ("return []X{", "return `a", "if a {"):
        assert symbols(parsed("go", text.replace("return g(1)", broken))) == {"First", "T.Go", "T", "T.X"}


def test_ruby_keeps_what_follows_an_end_that_is_missing() -> None:
    text = textwrap.dedent("""
        class A
          def first
            if a
              b(1)
            end
          end

          def last
            2
          end
        end

        def later
          3
        end
    """)
    for broken in ("      b(1\n    end\n", "      b(1)\n"):
        edited = text.replace("      b(1)\n    end\n", broken, 1)
        assert symbols(parsed("ruby", edited)) == {"A", "A.first", "A.last", "later"}


def test_a_sound_file_is_parsed_once(parses: list[tuple[tuple[int, int], ...]]) -> None:
    parsed("python", PYTHON)
    assert len(parses) == 1


def test_lines_that_cannot_be_taken_apart_are_parsed_once(
    parses: list[tuple[tuple[int, int], ...]],
) -> None:
    parsed("python", "cdef int first\ncdef int second\n\ndef later():\n    return 3\n")
    assert len(parses) > 2
    assert len(set(parses)) == len(parses)
