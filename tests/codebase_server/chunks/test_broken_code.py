"""Code as it is while somebody types it, or as nobody should write it: split all the same, each line once."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from codebase_server.chunks import split
from codebase_server.chunks.imports import MOST, imports_of
from codebase_server.records import ParsedFile, SourceFile


def parsed(language: str, text: str) -> ParsedFile:
    body = textwrap.dedent(text).lstrip("\n")
    file = split(SourceFile("file", body, "", language, "code", len(body)))
    lines = sorted((chunk.start_line, chunk.end_line) for chunk in file.chunks)
    assert [start for start, _ in lines] == [1, *(end + 1 for _, end in lines[:-1])], "each line once"
    assert lines[-1][1] == len(body.splitlines())
    return file


def symbols(file: ParsedFile) -> set[str]:
    return {one.qualified for one in file.definitions}


@pytest.mark.parametrize(
    ("language", "text", "kept"),
    [
        ("cpp", "int Store::\n\nvoid later() {\n  run();\n}\n", "Store.void.later"),
        ("cpp", "int (*\n\nint *f(\n", ""),
        ("c", "int (*handler)(int);\nint plain(int);\nint (*table[3])(void);\n", "plain"),
        ("go", "package a\n\nfunc (s *Store\n\nfunc Later() int {\n\treturn 1\n}\n", ""),
        ("go", "package a\n\nfunc () Nameless() int {\n\treturn 1\n}\n", "Nameless"),
        ("rust", "impl {\n    fn inside() {}\n}\n\nfn later() -> i32 {\n    1\n}\n", "later"),
        ("kotlin", "fun String.(\n\nfun later(): Int {\n    return 1\n}\n", ""),
        ("elixir", "def\n\ndefmodule A do\n  def later(x) do\n    x\n  end\nend\n", "A.later"),
        ("julia", "function\n\nfunction later(x)\n    return x\nend\n", "later"),
        ("python", "def (\n\nclass\n\ndef later():\n    return 1\n", "later"),
        ("ruby", "class A\n  private def secret(x)\n    x + 1\n  end\nend\n", "A.secret"),
        ("ruby", "class A\n  private(\n    # why\n    def other\n    2\n  end)\nend\n", "A.other"),
        ("ocaml", "let () = ()\n\nlet later x =\n  x + 1\n", "later"),
    ],
)  # fmt: skip
def test_what_is_whole_is_found_beside_what_is_not(language: str, text: str, kept: str) -> None:
    found = symbols(parsed(language, text))
    assert not kept or kept in found, found
    assert "" not in found


@pytest.mark.parametrize("language", ["python", "javascript", "ruby", "json"])
def test_nesting_without_end_has_an_end(language: str) -> None:
    depth = 400
    text = {
        "python": "".join(f"{' ' * level}class C{level}:\n" for level in range(depth))
        + " " * depth
        + "x = 1\n",
        "javascript": "export default wrap(" * depth + "function inner() {}" + ")" * depth + "\n",
        "ruby": "private " * depth + "def inner\n  1\nend\n",
        "json": '{"a":' * depth + "1" + "}" * depth + "\n",
    }[language]
    assert parsed(language, text).chunks


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("csharp", "a => {\n" * 4_400 + "a" + "}\n" * 4_400),
        ("starlark", "a => {\n" * 4_400 + "a" + "}\n" * 4_400),
        ("python", "/*\n" * 13_000),
        ("python", "x % *  # all\n" * 13_000),
        ("python", 'x = """\n' + "def f(): pass\n" * 50_000),
    ],
    ids=["braces", "braces of another", "operators", "operators and comments", "a quote"],
)
def test_what_is_left_open_in_thousands_of_places_is_read_all_the_same(language: str, text: str) -> None:
    """Once each took from a minute to hours. The child may take fifty times what it takes now."""
    script = (
        "import sys; from bridge.agreed import limits; from codebase_server.chunks import split; "
        "from codebase_server.records import SourceFile\n"
        "text = sys.stdin.read()\n"
        "with limits.at_most(30.0):\n"
        "    print(len(split(SourceFile('file', text, '', sys.argv[1], 'code', len(text))).chunks))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, language], input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0


def test_imports_are_those_that_a_person_wrote_and_not_without_end() -> None:
    long = "import " + "a" * 400
    assert imports_of(f"import os\n{long}\nfrom a.b import c\n") == ("os", "a.b")
    many = "\n".join(f"import module_{number}" for number in range(MOST + 50))
    assert len(imports_of(many)) == MOST
    assert imports_of('const a = require("./a.js");\nimport b from "./b.js";\n') == ("./a.js", "./b.js")
    assert imports_of("use crate::store::Store;\n#include <stdio.h>\n") == ("crate::store::Store", "stdio.h")
