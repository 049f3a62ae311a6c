"""What reads text that others wrote, as fuzz targets: bytes in, nothing out.

A target may refuse with the errors that its parser documents. Anything else that
is raised is a finding, and so is an input that takes more than a second of
processor time.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bench.fuzz import looking
from bridge.agreed import endpoint, resolution, syntax
from bridge.agreed.errors import TandemError
from bridge.hosts import jsonc, toml
from bridge.loopback import guard
from codebase_server import terms
from codebase_server.chunks import split
from codebase_server.files.ignore import IgnoreRules
from codebase_server.records import SourceFile
from codebase_server.search.globs import compile_glob
from codebase_server.search.query import understand
from codebase_server.symbols.wanted import Wanted
from workflow_server.exchange.archive.form import read_archive
from workflow_server.exchange.readers import FORMATS, read_foreign
from workflow_server.references import commits

SLOW_SECONDS: Final = 1.0
_SAMPLE_PATHS: Final = ("a" * 200, "/".join("ab" * 40), "src/a.py", "a/b/c/d/test_x.ts", "\udcff\n\0")
_LANGUAGES: Final = ("python", "javascript", "c", "rust", "markdown", "json", "text")

Target = Callable[[bytes], None]


class SlowInput(Exception):  # noqa: N818 - a finding, not an error of ours
    """An input that took longer than `SLOW_SECONDS` of processor time."""


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass" if len(data) % 2 else "replace")


def references(data: bytes) -> None:
    """A reference as given: text, or an object out of JSON."""
    try:
        text = _text(data)
    except UnicodeDecodeError:
        return
    syntax.parse(text)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    with contextlib.suppress(TandemError):
        syntax.parse(syntax.given(value).ref)
    with contextlib.suppress(TandemError):
        syntax.given(text)


def endpoint_files(data: bytes) -> None:
    """A file that claims to tell where a server listens."""
    file = _scratch() / "codebase-endpoint.json"
    file.write_bytes(data)
    endpoint.read(file)


def wire_bodies(data: bytes) -> None:
    """A request to resolve and an answer to one."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return
    for read in (resolution.request_from_json, functools.partial(resolution.response_from_json, expected=())):
        with contextlib.suppress(resolution.WireError):
            read(body)


def queries(data: bytes) -> None:
    """A question, and a symbol's name."""
    text = data.decode("utf-8", "replace")[:2000]
    understand(text)
    terms.of_query(text)
    Wanted.parse(text[:500])


def globs(data: bytes) -> None:
    """A path glob, tried on paths that make a backtracking matcher sweat."""
    try:
        matcher = compile_glob(data.decode("utf-8", "replace")[:1024])
    except ValueError:
        return
    for path in _SAMPLE_PATHS:
        matcher.match(path)


def ignore_rules(data: bytes) -> None:
    """The lines of an ignore file, tried on the same paths."""
    rules = IgnoreRules(data.decode("utf-8", "surrogateescape").split("\n")[:50])
    for path in _SAMPLE_PATHS:
        rules.verdict(path, is_folder=len(path) % 2 == 0)


def imports(data: bytes) -> None:
    """A file of another tracker, in the format that its first byte picks."""
    formats = [*FORMATS, "archive"]
    name = formats[data[0] % len(formats)] if data else "csv"
    folder = _scratch()
    file = folder / "import.txt"
    file.write_bytes(data[1:])
    try:
        if name == "archive":
            read_archive(file)
        elif name == "backlog":
            (folder / "tasks").mkdir(exist_ok=True)
            (folder / "tasks" / "task-1 - a.md").write_bytes(data[1:])
            read_foreign(folder, name)
        else:
            read_foreign(file, name)
    except TandemError:
        pass


def settings_files(data: bytes) -> None:
    """A host's settings that `setup` would edit."""
    text = data.decode("utf-8", "replace")
    with contextlib.suppress(jsonc.NotJsonError):
        jsonc.with_member(text, ("mcpServers", "x"), {"command": "y"})
    with contextlib.suppress(toml.NotTomlError):
        toml.with_table(text, ("mcp_servers", "x"), {"command": "y"})


def diffs(data: bytes) -> None:
    """The output of `git diff`, and a commit message."""
    text = data.decode("utf-8", "replace")
    commits.touched(text)
    commits.trailers(text)


def headers(data: bytes) -> None:
    """Host and Origin."""
    host, _, origin = data.decode("latin-1").partition("\n")
    guard._name_of(host)
    guard._same(origin, host)


def sources(data: bytes) -> None:
    """A source file in a language that its first byte picks: every line is owned by one chunk."""
    language = _LANGUAGES[data[0] % len(_LANGUAGES)] if data else "python"
    text = data[1:].decode("utf-8", "replace").replace("\r", "")
    parsed = split(SourceFile("file", text, "", language, "code", len(data)))
    at = 0
    for chunk in parsed.chunks:
        if chunk.start_line != at + 1:
            raise AssertionError(f"line {at + 1} of a {language} file is owned by no chunk or by two")
        at = chunk.end_line
    if at != parsed.line_count:
        raise AssertionError(f"{parsed.line_count - at} lines at the end are owned by no chunk")


TARGETS: Final[dict[str, tuple[Target, int]]] = {
    "references": (references, 350_000),
    "endpoint files": (endpoint_files, 100_000),
    "wire bodies": (wire_bodies, 150_000),
    "queries": (queries, 5_000),
    "globs": (globs, 150_000),
    "ignore rules": (ignore_rules, 100_000),
    "imports": (imports, 50_000),
    "settings files": (settings_files, 50_000),
    "diffs": (diffs, 50_000),
    "headers": (headers, 200_000),
    "sources": (sources, 5_000),
    **looking.TARGETS,
}
"""Each target with the number of inputs of a long run: 1,580,000 in all."""

SEEDS: Final[dict[str, tuple[bytes, ...]]] = {
    "references": (
        b"src/a.py::A.f",
        b"a.py:3-9",
        b'{"ref": "a", "role": "test"}',
        b"c_abcdefghijkl",
        b'{"a":' * 20_000,
        b"https://x/y",
        b"a#L3-L9",
        b"[" * 50_000,
    ),
    "endpoint files": (
        b'{"url": "http://127.0.0.1:1", "token": "t", "pid": 1, "data_dir_id": "", "roots": []}',
        b'{"pid": 1e999, "url": "x"}',
        b"[" * 100_000,
    ),
    "wire bodies": (b'{"references": [{"ref": "a", "state": "valid", "snapshot": {}}], "generations": {}}',),
    "queries": (
        b'open "a quoted part" file',
        b"Session.send",
        b"parse_args foo::bar",
        b'"' * 1000,
        b"a." * 999,
    ),
    "globs": (
        b"src/**/*.{py,pyi}",
        b"*a*a*a*a*a*a*a*b",
        b"**/a/**/a/**/b",
        b"{{{,},},}[!a]",
        b"{*a*a*a*a*a,b}*b",
    ),
    "ignore rules": (b"*.py\n!a/**/b\n/c/\n[a-z]?", b"*a*a*a*a*a*a*a*a*b", b"**/a/**/a/**/a/**/b", b"\\"),
    "imports": (
        b'\x00{"id": "bd-1", "title": "x", "dependencies": [{"issue_id": "bd-1"}]}',
        b"\x01---\nid: task-1\ntitle: x\n---\n- [ ] #1 y\n",
        b'\x02{"tasks": [{"id": 1, "title": "x"}]}',
        b'\x03[{"number": 1, "title": "x", "labels": [{"name": "l"}]}]',
        b"\x04- [ ] one\n  - [x] two\n",
        b"\x05title,status\nx,done\n",
        b'\x06{"workflow_export": 1, "project": "p"}\n{"kind": "item"}',
        b"\x02" + b"[" * 100_000,
    ),
    "settings files": (b'{"mcpServers": {} /* c */, }', b'[mcp_servers.x]\ncommand = "y"\n', b"{" * 50_000),
    "diffs": (b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,3 @@\n+a\n", b"x\n\nTandem: wi_abcdefg\n"),
    "headers": (b"127.0.0.1:80\nhttp://localhost:80", b"[::1]:1\nhttp://[::1", b"evil@127.0.0.1\nnull"),
    "sources": (
        b"\x00def f():\n  pass\n",
        b"\x02" + b"{" * 4000,
        b"\x05" + b"[" * 4000,
        b"\x00" + b"(" * 4000,
    ),
    **looking.SEEDS,
}
"""Inputs that a run starts from: a plain one of each form and the worst of each kind."""


def checked(target: Target) -> Target:
    """The target, which raises `SlowInput` when it took too long."""

    def run(data: bytes) -> None:
        started = time.thread_time()
        target(data)
        seconds = time.thread_time() - started
        if seconds > SLOW_SECONDS:
            raise SlowInput(f"{seconds:.1f} s of processor for {len(data)} bytes: {data[:120]!r}")

    return run


@functools.cache
def _scratch() -> Path:
    """A folder of this process's own, in memory where there is such a place."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix=f"fuzz-{os.getpid()}-", dir=memory if memory.is_dir() else None))
