"""A notebook is cut by cell; what its code defines is found by name, and prose by its heading."""

from __future__ import annotations

import textwrap

from codebase_server.chunks import split
from codebase_server.records import ParsedFile, SourceFile

TEXT = '''
# %% [markdown] id="a1"
# Sales by region

Where they fell.

# %% id="b2"
%matplotlib inline
import pandas as pd
!pip install seaborn
frame = %sql select 1
pd.read_csv?

# %% id="c3"
def load(path):
    """Reads the table."""
    return pd.read_csv(path)

class Trend:
    def fit(self, rows):
        return rows

# %%
%%bash
def broken(:

# %% id="d4"
load("a.csv").head()
'''


def parsed(text: str, language: str = "python") -> ParsedFile:
    text = textwrap.dedent(text).lstrip("\n")
    return split(SourceFile("analysis/sales.ipynb", text, "0" * 32, language, "code", len(text)))


def test_a_notebook_without_a_cell_is_an_empty_file() -> None:
    assert parsed("").chunks == ()


def test_each_cell_begins_a_chunk_and_every_line_is_owned_once() -> None:
    file = parsed(TEXT)
    assert [(one.content.split("\n")[0], one.symbol) for one in file.chunks] == [
        ('# %% [markdown] id="a1"', "Sales by region"),
        ('# %% id="b2"', ""),
        ('# %% id="c3"', "load"),
        ("class Trend:", "Trend"),
        ("    def fit(self, rows):", "Trend.fit"),
        ("# %%", ""),
        ('# %% id="d4"', ""),
    ]
    assert "\n".join(one.content for one in file.chunks) + "\n" == TEXT.lstrip("\n")
    starts = [one.start_line for one in file.chunks]
    assert starts == [1, *(one.end_line + 1 for one in file.chunks[:-1])]
    assert not file.had_errors


def test_definitions_are_found_where_they_stand_and_magic_is_no_code() -> None:
    file = parsed(TEXT)
    found = {one.qualified: (one.kind, one.start_line) for one in file.definitions}
    assert found["load"] == ("function", 14)
    assert found["Trend.fit"] == ("method", 19)
    assert found["Sales by region"] == ("section", 2)
    assert "broken" not in found
    assert file.imports == ("pandas",)
    assert next(one for one in file.chunks if one.symbol == "load").doc == "Reads the table."


def test_a_notebook_of_another_language_is_read_by_its_grammar() -> None:
    file = parsed("# %%\nmean_of <- function(x) {\n  sum(x) %/% length(x)\n}\n", "r")
    assert [one.qualified for one in file.definitions] == ["mean_of"]


def test_a_notebook_of_no_known_language_is_cut_by_cell_all_the_same() -> None:
    file = parsed("# %% [markdown]\nProse.\n\n# %%\nfoo bar\n", "notebook")
    assert [(one.start_line, one.end_line) for one in file.chunks] == [(1, 3), (4, 5)]


def test_the_same_marks_in_a_script_mean_nothing() -> None:
    text = "# %%\nx = 1\n\n# %%\ny = 2\n"
    assert len(split(SourceFile("a.py", text, "0" * 32, "python", "code", len(text))).chunks) == 1
