"""Jupyter notebooks as text: the sources of their cells, without outputs and the JSON around them.

What a notebook's file holds is mostly pictures and markup that its code printed. The text made of it has a
line ``# %%`` before each cell, ``# %% [markdown]`` before prose, with the id that the cell may have: the form
in which editors show a notebook as a script. Lines are counted in that text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from codebase_server.files.languages import LANGUAGES, language_named

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HEADING: Final = "heading"
"""A type of cell that notebooks had before their fourth format."""


def text_of_notebook(raw: str) -> tuple[str, str] | None:
    """The text of a notebook's cells and the language of its code (``notebook`` where none is known).

    None when ``raw`` is no notebook that can be read. Empty cells are left out.
    """
    try:
        notebook = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(notebook, dict):
        return None
    cells = list(_cells(notebook))
    if not cells and "cells" not in notebook and "worksheets" not in notebook:
        return None
    return "\n\n".join(cells) + "\n" if cells else "", _language(notebook.get("metadata"))


def _cells(notebook: dict[str, Any]) -> Iterator[str]:
    sheets = notebook.get("worksheets")
    for sheet in [notebook, *(sheets if isinstance(sheets, list) else [])]:
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        for cell in cells if isinstance(cells, list) else []:
            if isinstance(cell, dict) and (source := _source(cell)).strip():
                yield f"{_mark(cell)}\n{source}"


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return ""
    source = source.encode("utf-8", "replace").decode("utf-8")  # lone surrogates are valid in JSON alone
    text = source.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    if cell.get("cell_type") == _HEADING:
        level = cell.get("level")
        return "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1) + f" {text}"
    return text


def _mark(cell: dict[str, Any]) -> str:
    kind = cell.get("cell_type")
    name = cell.get("id")
    words = ["# %%"]
    if kind in ("markdown", _HEADING):
        words.append("[markdown]")
    elif kind != "code":
        words.append("[raw]")
    if isinstance(name, str) and _ID.fullmatch(name):
        words.append(f'id="{name}"')
    return " ".join(words)


def _language(metadata: object) -> str:
    about = metadata if isinstance(metadata, dict) else {}
    for place, key in (("language_info", "name"), ("kernelspec", "language"), ("kernelspec", "name")):
        kept = about.get(place)
        word = kept.get(key) if isinstance(kept, dict) else None
        if isinstance(word, str) and (language := language_named(word.rstrip("0123456789."))) in LANGUAGES:
            return language
    return "notebook"
