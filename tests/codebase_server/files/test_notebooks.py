"""A notebook is read as the text of its cells; pictures, markup and the JSON around them are left out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codebase_server.files import DEFAULT_MAX_FILE_BYTES, FileEntry, skip_by_stat
from codebase_server.files.reading import decode
from codebase_server.records import SourceFile

PICTURE = "iVBORw0KGgo" * 4_000


def cell(kind: str, source: object, **more: object) -> dict[str, Any]:
    outputs = [{"output_type": "display_data", "data": {"image/png": PICTURE}}] if kind == "code" else []
    return {"cell_type": kind, "metadata": {}, "outputs": outputs, "source": source, **more}


def notebook(*cells: object, metadata: object = None) -> bytes:
    kernel = {"kernelspec": {"language": "python", "name": "python3"}}
    about = kernel if metadata is None else metadata
    return json.dumps({"cells": list(cells), "metadata": about, "nbformat": 4}, indent=1).encode()


def source_of(data: bytes) -> SourceFile:
    found = decode("analysis/sales.ipynb", data)
    assert isinstance(found, SourceFile)
    return found


def test_cells_stand_one_after_the_other_each_below_its_mark() -> None:
    found = source_of(
        notebook(
            cell("markdown", ["# Sales\n", "\n", "By region."], id="a1"),
            cell("code", ["import csv\r\n", "print(1)\n"], id="b-2_"),
            cell("code", "x = 1"),
            cell("raw", "as it is"),
        )
    )
    assert found.text == (
        '# %% [markdown] id="a1"\n# Sales\n\nBy region.\n\n'
        '# %% id="b-2_"\nimport csv\nprint(1)\n\n'
        "# %%\nx = 1\n\n# %% [raw]\nas it is\n"
    )
    assert (found.language, found.kind) == ("python", "code")
    assert PICTURE not in found.text


def test_empty_cells_are_left_out_and_an_empty_notebook_is_an_empty_text() -> None:
    assert source_of(notebook(cell("code", []), cell("code", "  \n"), cell("markdown", "yes"))).text == (
        "# %% [markdown]\nyes\n"
    )
    assert source_of(notebook()).text == ""


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"language_info": {"name": "R"}}, "r"),
        ({"kernelspec": {"language": "julia", "name": "julia-1.9"}}, "julia"),
        ({"kernelspec": {"name": "python3"}}, "python"),
        ({"language_info": {"name": "Python"}, "kernelspec": 7}, "python"),
        ({"kernelspec": {"language": "klingon"}}, "notebook"),
        ({}, "notebook"),
        ([], "notebook"),
    ],
)
def test_the_language_is_that_of_the_kernel(metadata: object, language: str) -> None:
    assert source_of(notebook(cell("code", "x"), metadata=metadata)).language == language


def test_an_old_notebook_with_worksheets_is_read_too() -> None:
    old = {
        "metadata": {"name": "old"},
        "nbformat": 3,
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "heading", "level": 2, "source": "Setup"},
                    {"cell_type": "code", "input": ["x = 1\n", "y = 2"], "outputs": []},
                ]
            }
        ],
    }
    assert source_of(json.dumps(old).encode()).text == "# %% [markdown]\n## Setup\n\n# %%\nx = 1\ny = 2\n"


@pytest.mark.parametrize(
    "text",
    ["not json\n", "[1, 2]\n", '{"a": 1}\n', "[" * 5_000 + "]" * 5_000, '{"cells": [' + "9" * 5_000 + "]}"],
)
def test_what_only_bears_the_name_of_a_notebook_is_read_as_data(text: str) -> None:
    found = decode("x.ipynb", text.encode())
    assert not isinstance(found, SourceFile) or (found.text, found.language) == (text, "json")


def test_a_notebook_full_of_pictures_may_be_larger_than_other_files() -> None:
    def entry(path: str) -> FileEntry:
        return FileEntry(path, 3 * DEFAULT_MAX_FILE_BYTES, 0, 0, 0, 0o100644)

    assert skip_by_stat(entry("a.ipynb")) is None
    found = skip_by_stat(entry("a.py"))
    assert found is not None
    assert found.reason == "huge"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["cells", "worksheets", "source", "input", "cell_type", "id", "metadata", "level"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(JSON)
def test_no_json_breaks_the_reader_and_what_it_reads_can_be_written(value: object) -> None:
    found = decode("x.ipynb", json.dumps(value).encode())
    if isinstance(found, SourceFile):
        found.text.encode("utf-8")
