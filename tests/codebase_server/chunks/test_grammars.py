"""Parsing: what the parser is shown is the text, whatever its length, and nothing of it stays in memory."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from codebase_server.chunks import grammars
from codebase_server.chunks.grammars import READ_SIZE


def functions(count: int, start: int = 0) -> bytes:
    return "\n\n".join(f"def función_{start + n}(a):\n    return a + {n}\n" for n in range(count)).encode()


def names(data: bytes) -> list[str]:
    tree = grammars.parse("python", data)
    assert tree is not None
    found = [node.child_by_field_name("name") for node in tree.root_node.named_children]
    return [node.text.decode() for node in found if node is not None and node.text is not None]


@pytest.mark.parametrize(
    "length", [0, 1, 2, 3, 255, 256, 257, 1000, READ_SIZE - 1, READ_SIZE, READ_SIZE + 1, 200_000]
)
def test_the_tree_is_that_of_the_whole_text(length: int) -> None:
    data = functions(length // 30 + 1)[:length]
    parser = grammars.parser_of("python")
    assert parser is not None
    tree = grammars.parse("python", data)
    assert tree is not None
    assert str(tree.root_node) == str(parser.parse(data).root_node)
    assert tree.root_node.end_byte == len(data)


THREADS = """
import threading
from tests.codebase_server.chunks.test_grammars import functions, names

wrong = []

def work(number):
    for turn in range(60):
        start = number * 1000 + turn
        if names(functions(40, start)) != [f"función_{start + n}" for n in range(40)]:
            wrong.append((number, turn))

threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert wrong == []
"""


def test_threads_may_parse_the_same_language_at_the_same_time() -> None:
    """In a process of its own: two threads with one parser ended the process, whatever else it did."""
    done = subprocess.run(
        [sys.executable, "-c", THREADS], cwd=Path(__file__).parents[3], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_no_text_stays_in_memory_once_it_is_parsed() -> None:
    """Found by the endurance bench: the library kept every piece of every file a server ever parsed."""
    names(functions(400))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for turn in range(30):
            assert len(names(functions(400, turn))) == 400
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 3 * len(functions(400)), "thirty texts were parsed, and less than three of them are here"
