"""What a model that reads texts is given of a chunk."""

import pytest

from codebase_server.embed import compose
from codebase_server.records import Chunk

CODE = "def close(self):\n    self.link.terminate()"


def chunk(symbol: str, doc: str = "") -> Chunk:
    return Chunk(content=CODE, symbol=symbol, symbol_kind="method", start_line=1, end_line=2, doc=doc)


@pytest.mark.parametrize(
    ("symbol", "name", "head"),
    [
        ("HTTPSession.closeAll", "HTTP Session close All", "close All. HTTP Session net session pool py"),
        ("parse_utf8", "parse utf 8", "parse utf 8.  net session pool py"),
        ("", "session pool py", ".  net session pool py"),
    ],
    ids=["a method", "a function", "code of no symbol"],
)
def test_name_and_place_come_first_and_in_words(symbol: str, name: str, head: str) -> None:
    made = compose(chunk(symbol), "net/session_pool.py")
    assert made.name == name
    assert made == f"{head}\n{CODE}"


def test_a_doc_comment_belongs_to_the_name_and_comes_before_the_code() -> None:
    made = compose(chunk("close", "Hangs up."), "net.py")
    assert made.name == "close\nHangs up."
    assert made == f"close.  net py\nHangs up.\n{CODE}"


def test_no_text_is_longer_than_models_read() -> None:
    made = compose(chunk("close", "word " * 10_000), "net.py")
    assert len(made) == len(made.name) == 6_000
