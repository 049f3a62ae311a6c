"""`find_symbol` answers as a language server would, in the main languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.codebase_server.symbols.conftest import Indexed
from tests.codebase_server.symbols.languages import TEXTS, read

each_language = pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.stem)


@each_language
def test_a_name_finds_what_go_to_definition_would(indexed: Indexed, text: Path) -> None:
    known = read(text)
    service = indexed(known.files)
    found = {
        name: [f"{one['file_path']}:{one['start_line']}" for one in service.find_symbol(name)["results"]]
        for name in known.defined
    }
    # Of a bare name more may follow: what is told here is what comes first.
    assert {name: places[: len(known.defined[name])] for name, places in found.items()} == known.defined


@each_language
def test_usages_are_the_lines_that_find_references_would_list(indexed: Indexed, text: Path) -> None:
    known = read(text)
    service = indexed(known.files)
    found = {
        name: [
            f"{one['file_path']}:{one['line']}"
            for one in service.find_symbol(name, usages=True, limit=50)["usages"]
        ]
        for name in known.used
    }
    # Behind those that are meant come the mentions that may be of another thing of the same name.
    first = {name: sorted(places[: len(known.used[name])]) for name, places in found.items()}
    assert first == {name: sorted(places) for name, places in known.used.items()}
