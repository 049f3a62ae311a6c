"""A word that is in no code and in no vocabulary is taken for the one it is a slip away from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.codebase_server.service.serving import served

from codebase_server.search.spelling import rewritten
from codebase_server.service import CodebaseService

FILES = {
    "shop/middleware.py": 'def run(request):\n    """Through the middleware."""\n    return request\n',
    "shop/database.py": 'def connect(dsn):\n    """Open a connection to the database."""\n    return dsn\n',
    "shop/parsing.py": "def parse_arguments(given):\n    return given.split()\n",
    "shop/zorblat.py": 'def zorblat(wibs):\n    """Wib by wib."""\n    return wibs\n',
    "shop/sockets.ts": "export class AsyncFrobNozzleClient {\n  open(): void {}\n}\n",
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodebaseService]:
    with served(tmp_path_factory.mktemp("slips"), FILES) as service:
        yield service


@pytest.mark.parametrize(
    ("question", "slip", "word", "path"),
    [
        ("where is the midddleware", "midddleware", "middleware", "shop/middleware.py"),  # one too many
        ("how is a conection opened", "conection", "connection", "shop/database.py"),  # one left out
        ("the databaze of the shop", "databaze", "database", "shop/database.py"),  # another one
        ("parsing of arugments", "arugments", "arguments", "shop/parsing.py"),  # two in the wrong order
        ("parse_arugments", "arugments", "arguments", "shop/parsing.py"),  # in a name
        ("the zorblta of wibs", "zorblta", "zorblat", "shop/zorblat.py"),  # of a word that only the code has
    ],
)
def test_a_slip_finds_what_was_meant_and_says_so(
    service: CodebaseService, question: str, slip: str, word: str, path: str
) -> None:
    answer = service.search_code(question)
    assert answer["results"][0]["file_path"] == path
    assert f'Nothing here has the word "{slip}"; "{word}" was looked for in its place.' in answer["warnings"]


@pytest.mark.parametrize(
    "question",
    [
        "zorblat wibs",  # strange, and in the code
        "the frobnozzle",  # two words of the code written as one
        "pool of connections",  # a word that people use, though nothing here has it
        "wie werden verbindungen geöffnet und geschlossen",  # another language
        'a "conection" in quotes',
        "xqzvy",  # near to nothing
        "tabelspoon",  # two slips away from anything
    ],
)
def test_what_is_no_slip_is_looked_for_as_it_is(service: CodebaseService, question: str) -> None:
    assert not any("in its place" in warning for warning in service.search_code(question)["warnings"])


def test_a_mended_word_keeps_its_case() -> None:
    slips = {"conection": "connection"}
    assert rewritten("Conection CONECTION myConection conection", slips) == (
        "Connection CONNECTION myConnection connection"
    )
