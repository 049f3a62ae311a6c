"""Chunks follow syntax, own every line exactly once, and name what they define."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from codebase_server.chunks import split
from codebase_server.chunks.languages import SPECS
from codebase_server.chunks.runs import DEFINITION_LINES
from codebase_server.chunks.splitting import MOST_CHUNKS
from codebase_server.records import Chunk, ParsedFile, SourceFile


def parsed(text: str, language: str = "python") -> ParsedFile:
    body = textwrap.dedent(text).lstrip("\n")
    return split(SourceFile("file", body, "", language, "code", len(body)))


def own_every_line(file: ParsedFile, text: str) -> None:
    """The one rule that everything downstream rests on."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    assert file.line_count == len(lines)
    at = 0
    for chunk in file.chunks:
        assert chunk.start_line == at + 1
        assert chunk.content == "\n".join(lines[chunk.start_line - 1 : chunk.end_line])
        at = chunk.end_line
    assert at == len(lines)
    keys = [(chunk.symbol, chunk.ordinal, chunk.part) for chunk in file.chunks]
    assert len(keys) == len(set(keys)), "ordinals must tell chunks of one symbol apart"


def symbols(file: ParsedFile) -> list[str]:
    return [chunk.symbol for chunk in file.chunks if chunk.symbol]


def chunk_of(file: ParsedFile, symbol: str) -> Chunk:
    (found,) = (chunk for chunk in file.chunks if chunk.symbol == symbol and not chunk.ordinal)
    return found


SAMPLES: dict[str, tuple[str, list[str]]] = {
    "python": ("class A:\n    def f(self): pass\n\ndef g(): pass\n", ["A", "A.f", "g"]),
    "javascript": ("class A { f() { return 1 } }\nexport const g = () => 2\n", ["A.f", "g"]),
    "typescript": ("interface I { a: string }\nexport function g(x: I): void {}\n", ["I", "g"]),
    "go": ("package p\n\ntype S struct{}\n\nfunc (s *S) Get() int { return 1 }\n", ["S", "S.Get"]),
    "rust": ("struct S;\n\nimpl S {\n    fn get(&self) {}\n}\n", ["S", "S.get"]),
    "java": ("class A {\n  int f() { return 1; }\n}\n", ["A", "A.f"]),
    "c": ("int f(int a) {\n  return a;\n}\n", ["f"]),
    "cpp": ("namespace n {\nclass A {\n  void f() {}\n};\n}\nvoid n::A::g() {}\n", ["n.A", "n.A.f", "n.A.g"]),
    "csharp": ("class A {\n  int F() { return 1; }\n}\n", ["A", "A.F"]),
    "ruby": ("class A\n  def f\n    1\n  end\nend\n", ["A", "A.f"]),
    "php": ("<?php\nclass A {\n  function f() {}\n}\nfunction g() {}\n", ["A", "A.f", "g"]),
    "kotlin": ("class A {\n  fun f() = 1\n}\nfun g() {}\n", ["A", "A.f", "g"]),
    "swift": ("class A {\n  func f() {}\n}\nfunc g() {}\n", ["A", "A.f", "g"]),
    "scala": ("class A {\n  def f = 1\n}\n", ["A", "A.f"]),
    "elixir": ("defmodule A do\n  def f(x) do\n    x\n  end\nend\n", ["A", "A.f"]),
    "lua": ("local function f()\n  return 1\nend\n", ["f"]),
    "bash": ("f() {\n  echo 1\n}\n", ["f"]),
    "haskell": ("f :: Int -> Int\nf x = x\n", ["f"]),
    "zig": ("pub fn f() void {}\n", ["f"]),
    "markdown": ("# One\n\ntext\n\n## Two\n\nmore\n", ["One", "One.Two"]),
}


@pytest.mark.parametrize("language", SAMPLES)
def test_each_language_names_its_definitions(language: str) -> None:
    text, wanted = SAMPLES[language]
    file = parsed(text, language)
    own_every_line(file, text)
    found = {definition.qualified for definition in file.definitions} | set(symbols(file))
    assert set(wanted) <= found, found


def test_a_function_takes_its_comments_and_decorators_along() -> None:
    file = parsed(
        '''
        import os

        # Who may come in.
        @cache
        def admit(name: str) -> bool:
            """Check a name."""
            return True
        '''
    )
    chunk = chunk_of(file, "admit")
    assert chunk.content.startswith("# Who may come in.\n@cache\ndef admit")
    assert chunk.signature == "def admit(name: str) -> bool"
    assert chunk.doc == "Who may come in.\nCheck a name."
    assert file.imports == ("os",)


def test_the_head_of_a_class_its_methods_and_what_lies_between_are_chunks() -> None:
    text = textwrap.dedent(
        '''
        class Guard:
            """Keeps the door."""

            book: dict

            def admit(self): ...

            limit = 3
            other = 4

            def close(self): ...
        '''
    ).lstrip("\n")
    file = parsed(text)
    own_every_line(file, text)
    assert [(chunk.symbol, chunk.ordinal) for chunk in file.chunks] == [
        ("Guard", 0),
        ("Guard.admit", 0),
        ("Guard", 1),
        ("Guard.close", 0),
    ]
    head = chunk_of(file, "Guard")
    assert "Keeps the door." in head.doc
    assert "def admit(self)" in head.derived
    assert "def admit" not in head.content, "derived text is not owned"
    assert {definition.kind for definition in file.definitions if definition.parent == "Guard"} >= {"method"}


def test_a_long_definition_is_cut_into_numbered_parts() -> None:
    body = "\n".join(f"    x{number} = {number}" for number in range(DEFINITION_LINES * 2))
    text = f"def long():\n{body}\n"
    file = parsed(text)
    own_every_line(file, text)
    assert [chunk.part for chunk in file.chunks] == [1, 2, 3]
    assert {chunk.symbol for chunk in file.chunks} == {"long"}
    assert [bool(chunk.signature) for chunk in file.chunks] == [True, False, False]


def test_two_definitions_of_one_name_differ_by_ordinal() -> None:
    file = parsed("def f():\n    return 1\n\n\ndef f():\n    return 2\n")
    assert [(chunk.symbol, chunk.ordinal) for chunk in file.chunks] == [("f", 0), ("f", 1)]


def test_blank_lines_after_a_definition_belong_to_it_and_not_to_a_chunk_of_their_own() -> None:
    file = parsed("def f():\n    return 1\n\n\n\ndef g():\n    return 2\n")
    assert [(chunk.start_line, chunk.end_line) for chunk in file.chunks] == [(1, 5), (6, 7)]


def test_broken_code_is_chunked_all_the_same() -> None:
    text = "def f(:\n    return (\n\n\ndef g():\n    return 2\n"
    file = parsed(text)
    own_every_line(file, text)
    assert file.had_errors
    assert "g" in symbols(file)


def test_a_language_without_grammar_is_cut_at_blank_lines() -> None:
    text = "\n\n".join(f"paragraph {number}\n  more" for number in range(60)) + "\n"
    file = parsed(text, "no-such-language")
    own_every_line(file, text)
    assert len(file.chunks) > 1


@settings(deadline=None)  # a grammar is unpacked on its first use
@given(
    text=st.text(
        alphabet=st.sampled_from("abf ():{}[]\"'#/*\n\tdefclassfunctionif=;.,é漢🎉\x00"), max_size=400
    ),
    language=st.sampled_from([*sorted(SPECS), "markdown", "unknown"]),
)
@example(text="", language="python")
@example(text="\n", language="python")
@example(text="\n\n\nx", language="go")
@example(text="def a(): pass; b = 1", language="python")
def test_any_text_in_any_language_is_owned_line_by_line(text: str, language: str) -> None:
    own_every_line(split(SourceFile("f", text, "", language, "code", len(text))), text)


@pytest.mark.parametrize(("language", "line"), [("python", "def f{0}(): pass\n"), ("markdown", "# h{0}\n")])
def test_a_file_of_more_definitions_than_anybody_writes_is_cut_by_lines(language: str, line: str) -> None:
    """Each would cost a row, an id and a vector; every line is still owned by exactly one chunk."""
    few = parsed("".join(line.format(number) for number in range(3_000)), language)
    assert len(few.chunks) >= 3_000
    text = "".join(line.format(number) for number in range(MOST_CHUNKS + 1))
    many = parsed(text, language)
    assert len(many.chunks) < MOST_CHUNKS // 10
    assert many.definitions == ()
    own_every_line(many, text)
