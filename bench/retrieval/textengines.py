"""Our postings, SQLite's FTS5 and tantivy on the same chunks and questions: a table for ``docs/decisions``.

``python -m bench.retrieval.textengines TREES QUERIES.json`` needs the package ``tantivy``.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from codebase_server import terms
from codebase_server.records import Chunk
from codebase_server.search.candidates import lexical, postings
from codebase_server.search.candidates.reader import SegmentReader
from codebase_server.search.query import understand

LINES = 30
MOST = 84_000
TOP = 50


def cut(trees: Path) -> list[tuple[Chunk, str, int]]:
    """Chunks of 30 lines with their path and file number."""
    found: list[tuple[Chunk, str, int]] = []
    for number, file in enumerate(sorted(trees.rglob("*.py"))):
        lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
        path = str(file.relative_to(trees))
        for start in range(0, len(lines), LINES):
            found.append(
                (Chunk(start + 1, start + LINES, "\n".join(lines[start : start + LINES])), path, number)
            )
        if len(found) >= MOST:
            break
    return found[:MOST]


def ours(chunks: list[tuple[Chunk, str, int]], file: Path) -> tuple[float, Callable[[str], object]]:
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode=WAL")
    for statement in postings.DDL:
        connection.execute(statement)
    began = time.perf_counter()
    made = [terms.document(chunk, path) for chunk, path, _ in chunks]
    analysed = time.perf_counter()
    for start in range(0, len(made), 8_000):
        postings.write_segment(connection, list(enumerate(made))[start : start + 8_000])
    connection.commit()
    print(f"  ours: analysing {analysed - began:.1f} s, writing {time.perf_counter() - analysed:.1f} s")
    built = time.perf_counter() - began
    reader = SegmentReader()
    live = np.arange(len(chunks), dtype=np.int32)
    of_file = np.array([number for _, _, number in chunks], dtype=np.int32)
    view = lexical.text_view(
        live, of_file, int(of_file.max()) + 1, reader.headers(connection, reader.segments(connection))
    )

    def ask(text: str) -> object:
        scores = lexical.score(connection, reader, view, understand(text), None).chunk
        return np.argpartition(-scores, TOP)[:TOP]

    return built, ask


def _text(chunk: Chunk, path: str) -> str:
    return f"{path}\n{chunk.content}"


def _split(text: str) -> str:
    return (
        " ".join(terms.stem(part) for part in terms.subwords(text.replace("\n", " ")))
        if text.isascii()
        else text
    )


def fts5(chunks: list[tuple[Chunk, str, int]], file: Path) -> tuple[float, Callable[[str], object]]:
    connection = sqlite3.connect(file)
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(body, content='', detail=none)")
    began = time.perf_counter()
    connection.executemany(
        "INSERT INTO t (rowid, body) VALUES (?, ?)",
        ((i, _split(_text(chunk, path))) for i, (chunk, path, _) in enumerate(chunks)),
    )
    connection.commit()
    built = time.perf_counter() - began

    def ask(text: str) -> object:
        match = " OR ".join(f'"{group.stem}"' for group in understand(text).groups)
        return connection.execute(
            "SELECT rowid FROM t WHERE t MATCH ? ORDER BY bm25(t) LIMIT ?", (match, TOP)
        ).fetchall()

    return built, ask


def tantivy_(chunks: list[tuple[Chunk, str, int]], folder: Path) -> tuple[float, Callable[[str], object]]:
    import tantivy  # type: ignore[import-not-found, unused-ignore]  # only where this bench is run

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body", stored=False, tokenizer_name="whitespace")
    builder.add_integer_field("id", stored=True, indexed=True)
    index = tantivy.Index(builder.build(), path=str(folder))
    began = time.perf_counter()
    writer = index.writer(heap_size=200_000_000, num_threads=1)
    for i, (chunk, path, _) in enumerate(chunks):
        writer.add_document(tantivy.Document(body=_split(_text(chunk, path)), id=i))
    writer.commit()
    writer.wait_merging_threads()
    built = time.perf_counter() - began
    index.reload()
    searcher = index.searcher()

    def ask(text: str) -> object:
        words = " OR ".join(group.stem for group in understand(text).groups)
        query = index.parse_query(words, ["body"])
        return searcher.search(query, TOP).hits

    return built, ask


def main() -> None:
    chunks = cut(Path(sys.argv[1]))
    asked = [
        q["query"] for entry in json.loads(Path(sys.argv[2]).read_text()).values() for q in entry["queries"]
    ]
    size = sum(len(chunk.content) for chunk, _, _ in chunks)
    print(
        f"{len(chunks):,} chunks of {LINES} lines, {size / 1e6:.0f} MB, {len(asked)} questions, first {TOP}"
    )
    print(f"{'engine':<10}{'build s':>9}{'disk MB':>9}{'p50 ms':>9}{'p95 ms':>9}")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "tantivy").mkdir()
        for name, make, place in (
            ("ours", ours, folder / "ours.db"),
            ("fts5", fts5, folder / "fts5.db"),
            ("tantivy", tantivy_, folder / "tantivy"),
        ):
            built, ask = make(chunks, place)
            for text in asked[:50]:
                ask(text)
            times = []
            for text in asked:
                began = time.perf_counter()
                ask(text)
                times.append((time.perf_counter() - began) * 1000)
            times.sort()
            files = [place] if place.is_file() else [f for f in place.rglob("*") if f.is_file()]
            disk = sum(f.stat().st_size for f in files) / 1e6
            median, slow = times[len(times) // 2], times[int(len(times) * 0.95)]
            print(f"{name:<10}{built:>9.1f}{disk:>9.0f}{median:>9.2f}{slow:>9.2f}")


if __name__ == "__main__":
    main()
