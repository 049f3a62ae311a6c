"""What finds places and names in text, cuts broken code, and tells what became of references, as targets."""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, get_args

from bridge.agreed import proof
from bridge.agreed.resolution import ReferenceQuery, Resolution
from bridge.agreed.snapshots import Snapshot as Kept
from bridge.agreed.states import ReferenceState
from codebase_server.chunks import split
from codebase_server.chunks.languages import SPECS
from codebase_server.chunks.nesting import levels
from codebase_server.identity import resolve
from codebase_server.index import IndexOptions, RootIndex
from codebase_server.records import SourceFile
from codebase_server.search import frames, places
from codebase_server.search.query import understand
from codebase_server.search.verbatim import pasted
from codebase_server.store import Registry
from codebase_server.symbols import inner

_LANGUAGES: Final = sorted(SPECS)
_STATES: Final = frozenset(get_args(ReferenceState))


def traces(data: bytes) -> None:
    """A trace that was pasted as a question: its places, and the function that each line names."""
    text = data.decode("utf-8", "replace")
    for place in places.places(text):
        if not place.parts or place.line < 0:
            raise AssertionError(f"no place: {place}")
    at = data[0] % (len(text) + 1) if data else 0
    name = frames.frame_name(text, at, min(at + 12, len(text)))
    if name and name not in text:
        raise AssertionError(f"{name!r} stands nowhere in the text")


def inner_names(data: bytes) -> None:
    """Lines that may define a name, in the language that the first byte picks."""
    language = _LANGUAGES[data[0] % len(_LANGUAGES)] if data else "python"
    name, _, text = data[1:].decode("utf-8", "replace").partition("\n")
    if name.isidentifier():
        for kind, start, end in inner.places(text, name, language):
            if text[start:end] != name or not kind:
                raise AssertionError(f"{text[start:end]!r} is not {name!r}")


def pasted_text(data: bytes) -> None:
    """A question that may be a piece of code, and code that may hold it."""
    question, _, content = data.decode("utf-8", "replace").partition("\n\n")
    text = pasted(understand(question[:300]))
    if text is not None:
        length, line = text.found_in(content)
        if length < 0 or not 0 <= line <= content.count("\n"):
            raise AssertionError(f"line {line} of {content.count(chr(10)) + 1}")


def proofs(data: bytes) -> None:
    """What a stranger at the port answers to a challenge, and what one asks: neither ever passes."""
    proof.challenge_in(data)
    if proof.fits(data, "the token", ("127.0.0.1", 8010), "ab" * 32):
        raise AssertionError("a proof was made without the token")
    length = proof._length(data)
    if length < -1 or length > len(data) + proof.MAX_ANSWER_BYTES + 9_999:
        raise AssertionError(f"an answer of {length} bytes")
    with contextlib.suppress(ValueError, RecursionError):
        json.loads(data)


def broken_sources(data: bytes) -> None:
    """Code of nearly any language, mostly broken: every line is of one chunk, definitions are within."""
    language = _LANGUAGES[data[0] % len(_LANGUAGES)] if data else "python"
    text = data[1:].decode("utf-8", "replace").replace("\r", "")
    levels(text)
    parsed = split(SourceFile("file", text, "", language, "code", len(data)))
    at = 0
    for chunk in parsed.chunks:
        if chunk.start_line != at + 1:
            raise AssertionError(f"line {at + 1} of a {language} file is owned by no chunk or by two")
        at = chunk.end_line
    if at != parsed.line_count:
        raise AssertionError(f"{parsed.line_count - at} lines at the end are owned by no chunk")
    for one in parsed.definitions:
        if not 1 <= one.start_line <= one.end_line <= parsed.line_count:
            raise AssertionError(f"{one.name} at {one.start_line}-{one.end_line} of {parsed.line_count}")


FUNCTION: Final = (
    "def {0}(given):\n    total = {1}\n    for each in given:\n        total += each.{0}\n    return total\n"
)
NAMES: Final = ("open", "close", "turn", "polish", "count", "carry")
PATHS: Final = ("a.py", "b.py", "src/c.py", "src/d/e.py")


class World:
    """A small root and its index, without workers and watchers, kept from input to input."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="fuzz-root-")).resolve()
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self.root = self.folder / "root"
        (self.root / "src" / "d").mkdir(parents=True)
        options = IndexOptions(embedder="none", watch=False, workers=0)
        self.index = RootIndex(self.root, Registry(self.folder / "data"), options, repository="r_fuzz")

    def write(self, path: str, functions: dict[str, int]) -> None:
        """A file with some functions, each of a variant."""
        text = "\n\n".join(FUNCTION.format(name, number) for name, number in functions.items())
        (self.root / path).write_text(text)

    def ask(self, queries: list[ReferenceQuery]) -> list[Resolution]:
        """What became of references."""
        with self.index.snapshot() as snapshot:
            found = resolve.resolve(snapshot, queries, content=True)
        for one in found:
            if one.state not in _STATES:
                raise AssertionError(f"{one.state} is no state")
        return found


@functools.cache
def _still() -> World:
    world = World()
    for number, path in enumerate(PATHS):
        world.write(path, dict.fromkeys(NAMES[number:], number))
    (world.root / "a::b.py").write_text(FUNCTION.format("odd", 1))
    world.index.run_pass()
    return world


def references_as_written(data: bytes) -> None:
    """A reference as a person writes it, asked of an index, with and without what was kept of it."""
    text = data.decode("utf-8", "replace")[:600]
    kept = Kept(repository="r_fuzz", chunk_ids=(), path="a.py", content_hash="0" * 32, code="total = 1")
    _still().ask([ReferenceQuery(text), ReferenceQuery(text, snapshot=kept)])


_moving: list[World] = []
_INPUTS_A_WORLD: Final = 40
_asked = [0]


def moves(data: bytes) -> None:
    """Edits, copies, deletions and moves of functions and files; what nobody touched stays what it is."""
    if not _moving or _asked[0] >= _INPUTS_A_WORLD:
        while _moving:
            gone = _moving.pop()
            gone.index.close()
            shutil.rmtree(gone.folder, ignore_errors=True)
        _moving.append(World())
        _asked[0] = 0
    _asked[0] += 1
    world = _moving[0]
    files = {path: dict.fromkeys(NAMES, number) for number, path in enumerate(PATHS[:2])}
    _laid(world, files)
    linked = world.ask([ReferenceQuery(f"{path}::{name}") for path in files for name in NAMES])
    queries = [ReferenceQuery(one.chunk_id, snapshot=_kept(one)) for one in linked if one.chunk_id]
    if len(queries) != len(linked):
        raise AssertionError("a function is not found by its name")
    before = {path: dict(functions) for path, functions in files.items()}
    for at in range(0, min(len(data), 18), 3):
        _moved(files, *data[at : at + 3].ljust(3, b"\0"))
        if data[at] & 0x80:
            _laid(world, files)
            world.ask(queries)
    _laid(world, files)
    for query, found in zip(queries, world.ask(queries), strict=True):
        assert query.snapshot is not None
        path, symbol = query.snapshot.path, query.snapshot.symbol
        if files.get(path) == before[path] and (found.state, found.file_path) != ("valid", path):
            raise AssertionError(f"{path}::{symbol}, as it was, is {found.state} in {found.file_path}")


def _kept(one: Resolution) -> Kept:
    return Kept(
        repository="r_fuzz",
        chunk_ids=(one.chunk_id,),
        path=one.file_path,
        start_line=one.start_line,
        end_line=one.end_line,
        symbol=one.symbol,
        content_hash=one.content_hash,
        code=one.content,
    )


def _moved(files: dict[str, dict[str, int]], what: int, where: int, which: int) -> None:
    path, other, name = PATHS[where % 4], PATHS[where // 4 % 4], NAMES[which % len(NAMES)]
    functions = files.get(path, {})
    match what % 6:
        case 0:
            functions[name] = which
            files[path] = functions
        case 1:
            functions.pop(name, None)
        case 2:
            files.pop(path, None)
        case 3:
            files[other] = dict(functions)
        case 4:
            if path in files:
                files[other] = files.pop(path)
        case _:
            if name in functions:
                files.setdefault(other, {})[name] = functions[name]


def _laid(world: World, files: dict[str, dict[str, int]]) -> None:
    for path in PATHS:
        if path in files:
            world.write(path, files[path])
        else:
            (world.root / path).unlink(missing_ok=True)
    world.index.run_pass()


TARGETS: Final[dict[str, tuple[Callable[[bytes], None], int]]] = {
    "traces": (traces, 120_000),
    "inner names": (inner_names, 40_000),
    "pasted text": (pasted_text, 20_000),
    "proofs": (proofs, 200_000),
    "references as written": (references_as_written, 30_000),
    "broken sources": (broken_sources, 8_000),
    "moves": (moves, 600),
}
"""Each with the number of inputs of a long run: 418,600 in all."""

SEEDS: Final[dict[str, tuple[bytes, ...]]] = {
    "traces": (
        b'  File "a/b.py", line 3, in send\n    x()\n',
        b"\tat com.acme.Pool.take(Pool.java:12)\n at async Pool.take (/src/pool.ts:40:3)\n",
        b"   at A.B(Int32 x) in /src/a.cs:line 3\n",
        b"   3: a::b::{{closure}}\n             at src/a.rs:4:5\nmain.f(0x1)\n\t/x/a.go:9 +0x1\n",
        b"a.rb:3:in `each'\nhttps://h/o/r/blob/main/src/a.py#L3-L9",
        b"<" * 300 + b"(" * 300,
    ),
    "inner names": (
        b"\x00f\ndef f(x):\n    f = lambda: 1\n",
        b"\x10send\n  async send(a, b) {\n  const send = async (x) => {\n",
        b"\x05f\nstatic int\nf(int a)\n{\n",
        b"\x20f\n" + b"f(" * 400,
    ),
    "pasted text": (
        b"request timed out after\n\nraise Error('Request timed out after %s', x)\n",
        b"x = a[b] + c\n\nif x:\n    x = a[b] + c\n",
        b"a a a a a a\n\na a a",
    ),
    "proofs": (
        b"challenge=" + b"ab" * 32,
        b'{"proof": "AAAA"}',
        b'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"proof":',
        b'{"proof": ' + b"[" * 900,
    ),
    "references as written": (
        b"a.py::open",
        b"src/c.py:3-9",
        b"a::b.py::odd",
        b"src/d/e.py",
        b"turn()",
        b"c_abcdefghijkl",
        b"wi_abcdefg",
        b"b.py::polish::x#L3",
        b"/a.py",
        b"src/../a.py::open.close",
    ),
    "broken sources": (
        b"\x00def f(:\n  pass\nclass A(\n  def g(self):\n",
        b"\x0aclass A { void f() { \n void g() {}\n}",
        b'\x15"""\ndef f():\n  x = """\n',
        b"\x22#if A\nint f() {\n#else\nint f(int a) {\n#endif\n}\n",
        b"\x31`${\n`",
        b"\x02<script>\nfunction f( {\n</script>\n",
    ),
    "moves": (
        b"\x83\x04\x00\x82\x00\x00",
        b"\x05\x04\x01\x81\x00\x01",
        b"\x04\x08\x00",
        b"\x80\x00\x07\x03\x04\x00\x82\x00\x00\x84\x06\x00",
    ),
}
"""Inputs that a run starts from."""
