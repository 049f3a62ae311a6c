"""Parsing: what the parser is shown is the text, whatever its length, and nothing of it stays in memory."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codebase_server.chunks import blanks, grammars
from codebase_server.chunks.grammars import READ_SIZE, STRETCH_SIZE

if TYPE_CHECKING:
    from tree_sitter import Node, Tree


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


def test_a_stretch_is_read_as_far_as_it_goes() -> None:
    data = functions(400)
    start, end = data.index(b"def", STRETCH_SIZE + 1), data.rindex(b"def")
    tree = grammars.parse("python", data, [(start, end)])
    assert tree is not None
    assert not tree.root_node.has_error
    assert (tree.root_node.start_byte, tree.root_node.end_byte) == (start, end)
    found = [node.child_by_field_name("name") for node in tree.root_node.named_children]
    whole = names(data)
    first = whole.index(data[start + 4 : data.index(b"(", start)].decode())
    assert [node.text.decode() for node in found if node and node.text] == whole[first:-1]


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


C_CODE = "".join(f"API_{n % 3} int f_{n}(int a) {{\n  return a + {n};\n}}\n\n" for n in range(300)).encode()


@pytest.mark.parametrize(
    "blanked",
    [
        pytest.param(lambda code: code, id="nothing"),
        pytest.param(lambda code: code.replace(b"API_1", b"     "), id="a word on every third line"),
        pytest.param(lambda code: b" " * 5 + code[5:], id="the first line"),
        pytest.param(lambda code: code[:-9] + blanks.blanks(code[-9:]), id="the last lines"),
        pytest.param(blanks.blanks, id="everything"),
        pytest.param(lambda code: code[:2000] + blanks.blanks(code[2000:4000]) + code[4000:], id="a part"),
    ],
)
def test_what_was_blanked_out_is_read_as_if_from_nothing(blanked: Callable[[bytes], bytes]) -> None:
    after = blanked(C_CODE)
    tree = grammars.parse("c", C_CODE)
    assert tree is not None
    from_nothing = grammars.parse("c", after)
    again = grammars.parse("c", after, before=blanks.edited(tree, C_CODE, after))
    assert from_nothing is not None
    assert again is not None
    assert outline(again.root_node) == outline(from_nothing.root_node)


def test_of_a_text_with_one_word_blanked_out_little_is_read_again() -> None:
    before = "".join(f"static int f_{n}(int a) {{\n  return a;\n}}\n\n" for n in range(300)).encode()
    after = before.replace(b"static int f_100(", b"       int f_100(")
    assert after != before
    tree = grammars.parse("c", before)
    assert tree is not None

    def steps(earlier: Tree | None) -> int:
        allowance = grammars.Allowance(len(after))
        given = allowance.steps
        grammars.parse("c", after, allowance=allowance, before=earlier)
        return given - allowance.steps

    assert steps(blanks.edited(tree, before, after)) < steps(None) / 4


def outline(node: Node) -> list[object]:
    """Types and places of a node and all below it."""
    return [node.type, node.start_point, node.end_point, node.is_missing, *map(outline, node.children)]


@pytest.mark.parametrize("text", [b"x = 1\ndef f():\n    pass", "é = 1\n\ndef f():\n    pass\n".encode()])
def test_a_stretch_stands_on_its_own_rows_and_columns(text: bytes) -> None:
    start = text.index(b"def")
    tree = grammars.parse("python", text, [(start, len(text))])
    assert tree is not None
    [node] = tree.root_node.named_children
    assert node.start_point == (text.count(b"\n", 0, start), 0)
    assert node.end_point == (text.count(b"\n", 0, text.rindex(b"pass")), 8)
