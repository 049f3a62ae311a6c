"""A tree indexed in memory, without a server: what the weights are made with."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from codebase_server import chunks, files, terms
from codebase_server.embed import compose
from codebase_server.records import Chunk, Definition, SourceFile
from codebase_server.search.candidates import postings, vectors
from codebase_server.search.corpus import Defined, FileRow, RootTable, VersionFacts
from codebase_server.terms import QueryTerms, TermDocument


class Embedder(Protocol):
    """What `embed.load` gives."""

    @property
    def model_id(self) -> str: ...
    def encode_documents(
        self, documents: Sequence[TermDocument], texts: Sequence[str]
    ) -> NDArray[np.int8]: ...
    def encode_query(self, text: str, analysed: QueryTerms) -> NDArray[np.float32]: ...


_AT_ONCE = 300
"""Chunks whose terms are made together, as many as a batch of the index has."""


@dataclass(frozen=True, slots=True)
class ParsedTree:
    """The files, chunks and terms of a tree; ``postings`` is the text index as SQLite serialises it.

    ``definitions``: each with the number of its file, in the order of the files.
    """

    root: str
    sources: list[SourceFile]
    chunks: list[Chunk]
    file_of: list[int]
    documents: list[TermDocument]
    postings: bytes
    definitions: list[tuple[int, Definition]]


def parse(root: Path, rewrite: Callable[[SourceFile], SourceFile] = lambda source: source) -> ParsedTree:
    """Read a tree, each file as ``rewrite`` gives it."""
    sources: list[SourceFile] = []
    found: list[Chunk] = []
    file_of: list[int] = []
    definitions: list[tuple[int, Definition]] = []
    for source in read_tree(root):
        rewritten = rewrite(source)
        parsed = chunks.split(rewritten)
        found.extend(parsed.chunks)
        file_of.extend([len(sources)] * len(parsed.chunks))
        definitions.extend((len(sources), definition) for definition in parsed.definitions)
        sources.append(rewritten)
    made = []
    for start in range(0, len(found), _AT_ONCE):
        files_of = file_of[start : start + _AT_ONCE]
        batch = [(chunk, sources[file].path) for chunk, file in zip(found[start:], files_of, strict=False)]
        made += terms.documents(batch).documents()
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in (*postings.DDL, *vectors.DDL):
            connection.execute(statement)
        postings.write_segment(connection, list(enumerate(made)))
        connection.commit()
        return ParsedTree(str(root), sources, found, file_of, made, connection.serialize(), definitions)


class MemoryCorpus:
    """A root's chunks, postings and vectors in an in-memory database."""

    def __init__(self, tree: ParsedTree, embedder: Embedder | None = None) -> None:
        self.root = tree.root
        self.generation = "memory.1"
        self.database = "memory"
        self.connection = sqlite3.connect(":memory:", check_same_thread=False)
        self.connection.deserialize(tree.postings)
        self.chunks, self.sources, self._file_of = tree.chunks, tree.sources, tree.file_of
        self._defined: dict[str, list[Defined]] = {}
        for file, d in tree.definitions:
            row = Defined(
                self.sources[file].path, d.name, d.qualified, d.parent, d.kind, d.start_line, d.end_line
            )
            self._defined.setdefault(d.name.lower(), []).append(row)
        self._special = [name for name in self._defined if "<" in name]
        if embedder is not None and self.chunks:
            texts = [
                compose(chunk, self.sources[file].path)
                for chunk, file in zip(self.chunks, self._file_of, strict=True)
            ]
            encoded = embedder.encode_documents(tree.documents, texts)
            ids = np.arange(len(self.chunks), dtype=np.int32)
            vectors.write_vectors(self.connection, embedder.model_id, ids, encoded)

    def table(self) -> RootTable:
        return RootTable(
            live=np.arange(len(self.chunks), dtype=np.int32),
            file_of=np.array(self._file_of, dtype=np.int32),
            starts=np.array([chunk.start_line for chunk in self.chunks], dtype=np.int32),
            ends=np.array([chunk.end_line for chunk in self.chunks], dtype=np.int32),
            paths=[source.path for source in self.sources],
            languages=[source.language for source in self.sources],
            kinds=[source.kind for source in self.sources],
            tests=np.array(
                [
                    c.is_test and self.sources[f].kind == "code"
                    for c, f in zip(self.chunks, self._file_of, strict=True)
                ],
                dtype=bool,
            ),
        )

    def touched_since(self, generation: str) -> list[str] | None:
        return None

    def files(self, paths: Sequence[str]) -> list[FileRow]:
        return []

    def facts(self, versions: Sequence[int]) -> dict[int, VersionFacts]:
        return {
            v: VersionFacts(
                f"c_{v}", self.chunks[v].symbol, self.chunks[v].symbol_kind, bool(self.chunks[v].doc)
            )
            for v in versions
        }

    def contents(self, versions: Sequence[int]) -> dict[int, str]:
        return {v: self.chunks[v].content for v in versions}

    def forget_definitions(self) -> None:
        """From now on the corpus knows no definition: names are looked for as words are."""
        self._defined.clear()
        self._special.clear()

    def defined(
        self, names: Sequence[str], inside: Sequence[str], limit: int, *, begun: bool = False
    ) -> list[Defined]:
        wanted = {name.lower() for name in names}
        beginning = names[0].lower() + ("" if begun else "<")
        special = [name for name in (self._defined if begun else self._special) if name.startswith(beginning)]
        found = [one for name in dict.fromkeys((*wanted, *special)) for one in self._defined.get(name, ())]
        found = [one for one in found if all(name.lower() in one.qualified.lower() for name in inside)]
        return sorted(found, key=lambda one: (one.path, one.start_line))[:limit]


def read_tree(root: Path) -> Iterable[SourceFile]:
    """The files of a root that an index would hold."""
    for entry in files.scan(root).entries:
        source = files.read(root, entry.path)
        if isinstance(source, SourceFile):
            yield source
