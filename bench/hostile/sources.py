"""Sources that are hard on parsers and on regular expressions, with lines short enough to be read as code."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from codebase_server.chunks.languages import SPECS
from codebase_server.files.languages import LANGUAGES, language_of

SHAPES: Final = {
    "round": ("(\n", "1", ")\n"),
    "square": ("[\n", "1", "]\n"),
    "curly": ("{\n", "1", "}\n"),
    "pointed": ("A<\n", "B", ">\n"),
    "mixed": ("({[\n", "1", "]})\n"),
    "tags": ("<div>\n", "x", "</div>\n"),
    "blocks": ("if x {\n", "y()", "}\n"),
    "functions": ("function f() {\n", "y()", "}\n"),
    "classes": ("class A {\n", "int x;", "}\n"),
    "ends": ("if x then\n", "y()", "end\n"),
    "begins": ("begin\n", "y", "end\n"),
    "dos": ("foo do\n", "y", "end\n"),
    "lambdas": ("lambda a:\n", "a", ""),
    "arrows": ("a => {\n", "a", "}\n"),
    "templates": ("`${\n", "a", "}`\n"),
    "formatted": ('f"{\n', "a", '}"\n'),
    "calls": ("a(b,\n", "c", ")\n"),
    "strings": ('"\n', "a", ""),
    "comments": ("/*\n", "a", "*/\n"),
    "hashes": ("#if A\n", "a", "#endif\n"),
    "heredocs": ("<<A\n", "a", "A\n"),
    "operators": ("1 +\n", "1", ""),
    "powers": ("a ** -\n", "1", ""),
    "nots": ("!!-\n", "1", ""),
    "stars": ("**&\n", "a", ""),
    "choices": ("a ? b :\n", "c", ""),
    "members": ("a\n.", "b", ""),
    "elses": ("if (a) b(); else\n", "c();", ""),
    "types": ("std::vector<\n", "int", "> a;\n"),
    "quotes": ("> \n", "a", ""),
    "lists": ("- \n", "a", ""),
    "matches": ("match a { b =>\n", "c", "}\n"),
    "attributes": ("@a(\n", "b", ")\n"),
    "splices": ("#{\n", "a", "}\n"),
    "escapes": ("\\\n", "a", ""),
}
"""What is opened again and again, what stands in the middle, what closes it: each in each language."""

BYTES: Final = 40_000
"""A file of each, closed and not."""


def endings() -> dict[str, str]:
    """A file ending for each language that has a grammar, and for each other that is told by its ending."""
    from codebase_server.files.endings import BY_EXTENSION

    found: dict[str, str] = {}
    for ending, language in BY_EXTENSION.items():
        found.setdefault(language, ending)
    for language in set(SPECS) - set(found):  # told by its name, of which it may be the ending too
        if language_of(f"one.{language}") == language:
            found[language] = language
    assert set(SPECS) <= set(found), "every grammar is tried"
    return {language: found[language] for language in LANGUAGES if language in found}


def nested(folder: Path, _: int) -> None:
    """Each shape, thousands of levels deep, in each language: closed, and left open."""
    for language, ending in endings().items():
        for shape, (opening, middle, closing) in SHAPES.items():
            if language not in SPECS and shape not in ("mixed", "tags", "quotes", "lists"):
                continue
            levels = BYTES // (len(opening) + len(closing))
            (folder / f"{shape}.{ending}").write_text(opening * levels + middle + closing * levels)
            (folder / f"{shape}_open.{ending}").write_text(opening * (BYTES // len(opening)))
    # the same as large as a source may be, in a few languages
    for ending in ("py", "js", "cc", "rs", "sh"):
        for shape in ("round", "curly", "mixed", "blocks", "operators", "pointed"):
            opening, middle, closing = SHAPES[shape]
            levels = 990_000 // (len(opening) + len(closing))
            (folder / f"{shape}_large.{ending}").write_text(opening * levels + middle + closing * levels)
    # by indentation, a blank more a level, to the longest line that counts as written by hand
    for ending in ("py", "yaml", "hs", "coffee", "nim"):
        steps = "".join(f"{' ' * level}if x{level}:\n" for level in range(900))
        (folder / f"indented.{ending}").write_text(steps + " " * 900 + "y\n")


def wide(folder: Path, _: int) -> None:
    """One scope with tens of thousands of definitions, one line each, and names that all look alike."""
    shapes = {
        "py": "def f{0}(): pass\n",
        "js": "function f{0}() {{}}\n",
        "c": "int f{0}(void) {{ return {0}; }}\n",
        "rs": "fn f{0}() {{}}\n",
        "go": "func f{0}() {{}}\n",
        "java": "class A{0} {{ void f() {{}} }}\n",
        "md": "# h{0}\n",
        "sql": "CREATE TABLE t{0} (a int);\n",
        "yaml": "k{0}: 1\n",
        "txt": "\n{0}\n",
    }
    for ending, line in shapes.items():
        for name, what in (("many", "{}"), ("same", "1"), ("long", "a" * 200)):
            text, number = [], 0
            size = 0
            while size < (240_000 if ending in ("yaml", "txt") else 990_000):
                text.append(line.format(what.format(number)))
                size += len(text[-1])
                number += 1
            (folder / f"{name}.{ending}").write_text("".join(text))
    assert language_of("many.py") == "python"


RUNS: Final = (
    "a", "A", "aA", "a1", "_", "a_", "-", ".", "a.", "..", "/", "a/", ":", "::", "a::", " ", "\t", "0",
    "0x", "1e", "\"", "'", "\\", "`", "=", "==", "import ", "from a import ", "import a,", "require('",
    "#include ", "use a::", "export * from ", "@", "@a ", "$", "${", "#", "# ", "## ", "* ", "- ", "|",
    "| a ", "[a](", "[", "](", "![", "<", "<!--", "<a ", "key=", "password = '", "-----BEGIN ", "sk_live_",
    "AKIA", "eyJ.", "token: ", "do not edit ", "code generated ", "@generated", "/* ", "// ", "-- ",
    "\u00e9", "\u0435", "\u0130", "\u00df", "\ufb01", "\u6f22", "\U0001f600", "\u0301", "\u200d",
    "\u202e", "\ufeff", "int f(", "def f(", "a.b.c(", "x->", "a<b>(", "if (", "macro_A(", "define(",
    "A_B_C ", "aB", "a b ",
)  # fmt: skip
"""What is repeated, in lines just short of long and in one as long as a line may be."""


def slow_to_match(folder: Path, _: int) -> None:
    """Runs that a backtracking expression has many ways to share out, ended by what does not fit."""
    for number, run in enumerate(RUNS):
        line = (run * 990)[:990] + "!\n"
        long = (run * 40_000)[:40_000] + "!\n"
        for ending in ("py", "js", "md", "c", "rb", "txt", "html", "java"):
            size = 60_000
            body = line * (size // len(line.encode()))
            (folder / f"run{number}.{ending}").write_text(f"{body}{long if len(run) < 3 else line}")
