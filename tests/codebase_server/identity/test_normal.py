"""What counts as the same code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codebase_server.chunks.languages import SPECS
from codebase_server.files import LANGUAGES
from codebase_server.identity import normal_hash, same_code
from codebase_server.identity.normal import WITHOUT_COMMENTS as UNCOMMENTED
from codebase_server.identity.normal import has_comments

CODE = {
    "python": 'def f(a, b):\n    # add them\n    return a + b if a else "x#y"\n',
    "typescript": "function f(a: number, b: number) {\n  // add\n  return a + b; /* done */\n}\n",
    "go": 'func f(a, b int) int {\n\t// add\n\treturn a + len("//b")\n}\n',
    "rust": "fn f<'a>(a: &'a str) -> usize {\n    // size\n    a.len()\n}\n",
    "java": 'int f(int a) {\n  /* twice */\n  return a * 2; // "two"\n}\n',
    "ruby": "def f(a)\n  # twice\n  a * 2\nend\n",
}
WITHOUT_COMMENTS = {
    "python": 'def f(a, b):\n    return a + b if a else "x#y"\n',
    "typescript": "function f(a: number, b: number) {\n  return a + b;\n}\n",
    "go": 'func f(a, b int) int {\n\treturn a + len("//b")\n}\n',
    "rust": "fn f<'a>(a: &'a str) -> usize {\n    a.len()\n}\n",
    "java": "int f(int a) {\n  return a * 2;\n}\n",
    "ruby": "def f(a)\n  a * 2\nend\n",
}


@pytest.mark.parametrize("language", sorted(CODE))
def test_comments_do_not_count(language: str) -> None:
    assert same_code(CODE[language], WITHOUT_COMMENTS[language], language)
    assert normal_hash(CODE[language], language) == normal_hash(WITHOUT_COMMENTS[language], language)


@pytest.mark.parametrize("language", sorted(CODE))
def test_every_token_counts(language: str) -> None:
    code = WITHOUT_COMMENTS[language]
    for old, new in (("a", "z"), ("return", "yield"), ("f", "g")):
        if old in code:
            assert not same_code(code, code.replace(old, new, 1), language)
            assert normal_hash(code, language) != normal_hash(code.replace(old, new, 1), language)


@pytest.mark.parametrize("language", sorted(CODE))
@given(depth=st.integers(1, 6), tabs=st.booleans())
def test_reindentation_does_not_count(language: str, depth: int, tabs: bool) -> None:
    indent = "\t" * depth if tabs else "    " * depth
    moved = "\n".join(indent + line if line else line for line in CODE[language].split("\n"))
    assert same_code(CODE[language], moved, language)
    assert normal_hash(CODE[language], language) == normal_hash(moved, language)


def test_what_a_formatter_does_is_the_same_code() -> None:
    before = "x = call(alpha, 'one', beta)\ny = {'k': 1}\n"
    after = 'x = call(\n    alpha,\n    "one",\n    beta,\n)\ny = {"k": 1}\n'
    assert same_code(before, after, "python")
    assert normal_hash(before, "python") == normal_hash(after, "python")


def test_where_indentation_is_meaning_its_shape_counts() -> None:
    inside = "if ready:\n    go()\n    stop()\n"
    outside = "if ready:\n    go()\nstop()\n"
    assert not same_code(inside, outside, "python")
    assert same_code(inside.replace("    ", "  "), inside, "python")
    assert same_code("if (r) {\n go();\n}", "if (r) {\n      go();\n}", "javascript")


def test_the_shape_of_indentation_is_not_where_a_statement_is_broken_or_how_it_quotes() -> None:
    before = "def t(self):\n    options['foo'] = 1\n    self.equal(['a', 'b'],\n               c)\n    go()\n"
    after = 'def t(self):\n    options["foo"] = 1\n    self.equal(\n        ["a", "b"], c\n    )\n    go()\n'
    assert same_code(before, after, "python")


@pytest.mark.parametrize("quote", ["'", '"', "'''", '"""'])
def test_a_statement_that_is_a_string_is_the_same_in_any_quotes(quote: str) -> None:
    before = 'def f():\n    "words"\n    return 1\n'
    assert same_code(before, before.replace('"', quote), "python")
    assert not same_code(before, before.replace('"', quote).replace("    ret", "ret"), "python")


def test_the_depth_of_a_line_is_counted_in_levels_and_a_tab_reaches_to_the_eighth_column() -> None:
    spaces = "if a:\n        one()\n        two()\nthree()\n"
    assert same_code(spaces, spaces.replace("        two", "\ttwo"), "python")
    assert same_code(spaces, spaces.replace("        two", "    \ttwo"), "python")
    deeper = "if a:\n  if b:\n    one()\n  two()\nthree()\n"
    assert same_code(deeper, deeper.replace("  ", "      "), "python")
    assert not same_code(deeper, deeper.replace("  two", "    two"), "python")
    assert not same_code(deeper, deeper.replace("  two", "two"), "python")


def test_within_brackets_indentation_is_formatting_and_after_them_meaning() -> None:
    before = "if a:\n    x = [1,\n2]\n    go()\n"
    assert same_code(before, before.replace("\n2]", "\n         2]"), "python")
    assert same_code(before, before.replace(",\n2]", ",\n    2\n]"), "python")
    assert not same_code(before, before.replace("    go", "go"), "python")
    odd = "if a:\n    x = ')'\n    go()\n"
    assert not same_code(odd, odd.replace("    go", "go"), "python"), "a bracket in a string closes nothing"


def test_grouping_is_not_formatting() -> None:
    assert not same_code("x = (a + b) * c", "x = a + b * c", "python")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("def f() -> Command | None:\n    return g", "def f() -> (\n    Command | None\n):\n    return g"),
        (
            "    def f(self):\n        x = a + b",
            "    def f(self):\n        x = (\n            a\n            + b\n        )",
        ),
        ("for a, b in c:\n    pass", "for (a, b) in c:\n    pass"),
    ],
)
def test_brackets_that_change_nothing_are_formatting(one: str, other: str) -> None:
    assert same_code(one, other, "python")
    assert same_code(other, one, "python")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = a", "x = (a,)"),
        ("f(a, b)", "f((a, b))"),
        ("return a", "return a()"),
        ("x = a - (b - c)", "x = a - b - c"),
        ("class A(B):", "class A((B)):"),  # no whole statement: not to be parsed
        ("x = " + "(" * 200 + "a" + ")" * 200, "x = a"),
    ],
)
def test_brackets_that_change_something_are_code(one: str, other: str) -> None:
    assert not same_code(one, other, "python")


def test_a_name_and_brackets_may_both_have_changed() -> None:
    one, other = "def total():\n    return a + b", "def whole():\n    return (a + b)"
    assert same_code(one, other, "python", ("Shop.total", "Shop.whole"))
    assert not same_code(one, other, "python")


def test_code_of_comments_only_says_nothing() -> None:
    assert normal_hash("# just\n# words\n", "python") == 0


@given(st.text(), st.sampled_from([*CODE, "text", "haskell", "html", "lua", "sql"]))
def test_any_text_has_a_normal_form_that_is_the_same_twice(text: str, language: str) -> None:
    assert normal_hash(text, language) == normal_hash(text, language)
    assert same_code(text, text, language)


@pytest.mark.parametrize(
    ("language", "code", "bare"),
    [
        (
            "php",
            "#[Route('/a')]\nfunction f() { # one\n  return 1; // two\n}",
            "#[Route('/a')]\nfunction f() {\n  return 1;\n}",
        ),
        ("lua", "--[[ long\n comment ]] local a = 1 -- end\n", "local a = 1"),
        ("haskell", "f a' = a' {- inner -} + 1 -- end\n", "f a' = a' + 1"),
        ("sql", "SELECT 1 /* one */ + 2 -- end\n", "SELECT 1 + 2"),
        ("html", "<p>a</p><!-- gone -->\n<b>c</b>", "<p>a</p><b>c</b>"),
        ("clojure", "(def a 'b) ; gone\n(f a)", "(def a 'b)(f a)"),
        ("erlang", 'f(A) -> "50%" ++ A. % gone\n', 'f(A) -> "50%" ++ A.'),
        ("javascript", "a = `// kept ${b}` // gone\n", "a = `// kept ${b}`"),
        ("css", "a { color: red /* gone */ }", "a { color: red }"),
        ("c", "int a; /* never closed", "int a;"),
        ("scheme", "(define a #| long\n one |# 'b) ; end\n", "(define a 'b)"),
        ("elisp", '(defun f () \'(a . "b;c")) ; end\n', '(defun f () \'(a . "b;c"))'),
        ("powershell", "<# long\n one #>\n$a = 1 # end\n", "$a = 1"),
        ("cmake", "#[==[ long ]]\n one ]==]\nset(A 1) # end\n", "set(A 1)"),
        ("vim", '" says "this"\nlet a = "b" . c\n', 'let a = "b" . c'),
        ("fortran", "C     Adds.\n* More.\n      A = B ! end\n", "      A = B"),
        ("batch", "rem gone\n:: gone\necho 1\n", "echo 1"),
        ("nix", "a = ''\n  # kept ''${b}\n''; # gone\n/* gone */", "a = ''\n  # kept ''${b}\n'';"),
        ("jsonnet", "{ a: 1 } // gone\n# gone\n", "{ a: 1 }"),
        ("bash", "echo ${a#b} $# # end\n", "echo ${a#b} $#"),
        ("ocaml", "let f (x : 'a) = (* gone *) x + 1\n", "let f (x : 'a) = x + 1"),
        ("fsharp", "let f (x: 'a) = x // gone\n(* gone *)\n", "let f (x: 'a) = x"),
        ("pascal", "x := 'a{b'; { gone } // gone\n", "x := 'a{b';"),
        ("vbnet", "Dim a = \"it's\" ' gone\n", 'Dim a = "it\'s"'),
        ("thrift", "struct A {} # gone\n// gone\n", "struct A {}"),
        ("lean", "/- gone -/ def f' := 1 -- gone\n", "def f' := 1"),
        ("gitignore", "# gone\n*.py[co]\n", "*.py[co]"),
    ],
)
def test_each_language_has_its_own_comments(language: str, code: str, bare: str) -> None:
    assert same_code(code, bare, language)
    assert normal_hash(code, language) == normal_hash(bare, language) != 0


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("python", "a = '# b'", "a = '# c'"),
        ("python", 'a = """\n# b\n"""', 'a = """\n# c\n"""'),
        ("php", "#[A]\nf();", "#[B]\nf();"),
        ("plaintext", "a # b", "a # c"),
        ("javascript", "a = `// b`", "a = `// c`"),
        ("bash", "echo ${a#b}", "echo ${a#c}"),
        ("dockerfile", "RUN sed s#a#b# x", "RUN sed s#a#c# x"),
        ("powershell", "Get-It a#b", "Get-It a#c"),
        ("fortran", "c = 1", "c = 2"),
        ("nix", "a = ''\n  # b\n'';", "a = ''\n  # c\n'';"),
        ("fsharp", "List.fold (*) 1 a", "List.fold (*) 1 b"),
        ("gitignore", "a#b", "a#c"),
    ],
)
def test_what_only_looks_like_a_comment_counts(language: str, one: str, other: str) -> None:
    assert not same_code(one, other, language)
    assert normal_hash(one, language) != normal_hash(other, language)


def test_of_each_language_it_is_known_how_comments_begin_or_that_they_count() -> None:
    """A new language stands in one of the two lists: of one that stands in none, each edit of a comment would
    be told as a change of the code.
    """
    silent = {language for language in LANGUAGES if not has_comments(language)}
    assert silent == UNCOMMENTED
    assert not silent & (SPECS.keys() - {"json"}), "a grammar that has comments, and no signs for them"


def test_only_whole_lines_that_close_something_say_nothing_at_the_end() -> None:
    method = "int next() {\n  step();\n  return at;\n}"
    assert same_code(method, f"{method}\n}}", "java"), "what closes the class behind the last method"
    short = "int next() {\n  step(); }"
    assert not same_code(short, "int next() {\n  step();", "java")
