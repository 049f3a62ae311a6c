"""Doc comments are cut out whole: neither the question nor an open quote stays in the searched code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from bench.retrieval.docsentences import questions_of

PYTHON = '''def parse_cookie(cookie):
    """Parse a Cookie header into a dict of pairs.

    This parses the same way as browsers do.
    """
    pairs = cookie.split(";")
    return dict(p.split("=") for p in pairs)


def unescape(text):
    r"""Unescape a string escaped by the other one.

    May raise.
    """
    first = text[0]
    return first + text


def on_one_line(value):
    """Twice the value that was given."""
    doubled = value * 2
    return doubled


def opened_above(value):
    """
    Half the value that was given.
    """
    half = value / 2
    return half
'''

OTHERS = {
    "a.java": """class A {
    /**
     * Closes the connection and frees its buffers.
     */
    void close() {
        int a = 1;
        free(a);
    }
}
""",
    "a.ex": '''defmodule A do
  @doc """
  Closes the connection and frees its buffers.
  """
  def close(a) do
    b = a
    free(b)
  end
end
''',
    "a.c": """/* Closes the connection and frees its buffers.
 */
int close_it(int a) {
    int b = a;
    return b;
}
""",
    "a.go": """package a

// Close closes the connection and frees its buffers.
func Close(a int) int {
	b := a
	return b
}
""",
}


def test_a_python_file_without_its_doc_strings_is_still_python(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(PYTHON)
    questions, bare = questions_of(tmp_path)
    assert [(q.text, q.target.start_line) for q in questions] == [
        ("Parse a Cookie header into a dict of pairs.", 1),
        ("Unescape a string escaped by the other one.", 10),
        ("Twice the value that was given.", 19),
        ("Half the value that was given.", 25),
    ]
    text = bare["a.py"].text
    assert '"""' not in text
    assert text.count("\n") == PYTHON.count("\n"), "lines stay where they are"
    left = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    assert [node.name for node in left] == ["parse_cookie", "unescape", "on_one_line", "opened_above"]


@pytest.mark.parametrize("name", OTHERS)
def test_comment_marks_go_with_the_comment(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(OTHERS[name])
    (question,), bare = questions_of(tmp_path)
    assert "connection and frees its buffers" in question.text
    text = bare[name].text
    assert "buffers" not in text
    assert not any(mark in text for mark in ("/*", "*/", '"""', "//"))
    first = text.split("\n")[question.target.start_line - 1]
    assert "close" in first.lower(), "the target begins with the definition, not with the lines left blank"


def test_a_doc_string_longer_than_an_index_keeps_is_cut_out_whole(tmp_path: Path) -> None:
    """However long a doc string is, and where it is all there is, no line after it changes its meaning."""
    long = "\n".join(f"    Line {i} about nothing, with 0b12 and it's quotes." for i in range(300))
    text = (
        f'class Lost(Exception):\n    """Only a doc string stands here."""\n\n\n'
        f'class Long:\n    """Says a lot.\n{long}\n    """\n\n'
        f'    def answer(self, question):\n        """Answer the question that was asked of it.\n\n'
        f'        More.\n        """\n        words = question.split()\n        return words[0]\n'
    )
    (tmp_path / "long.py").write_text(text)
    questions, bare = questions_of(tmp_path)
    left = bare["long.py"].text
    assert [q.text for q in questions] == ["Answer the question that was asked of it."]
    assert len(left.split("\n")) == len(text.split("\n"))
    assert "Says a lot" not in left
    compile(left, "long.py", "exec")
