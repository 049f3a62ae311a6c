"""A tree indexed in memory, without a server: what the weights are made with."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from codebase_server import chunks, files, terms
from codebase_server.records import Chunk, SourceFile
from codebase_server.search.candidates import postings, vectors
from codebase_server.search.corpus import RootTable, VersionFacts
from codebase_server.terms import QueryTerms, TermDocument


class Embedder(Protocol):
    """What `embed.load` gives."""

    @property
    def model_id(self) -> str: ...
    def encode_documents(
        self, documents: Sequence[TermDocument], texts: Sequence[str]
    ) -> NDArray[np.int8]: ...
    def encode_query(self, text: str, analysed: QueryTerms) -> NDArray[np.float32]: ...


class MemoryCorpus:
    """A root's chunks, postings and vectors in an in-memory database."""

    def __init__(
        self,
        root: Path,
        embedder: Embedder | None = None,
        rewrite: Callable[[SourceFile], SourceFile] = lambda source: source,
    ) -> None:
        self.root = str(root)
        self.generation = "memory.1"
        self.connection = sqlite3.connect(":memory:", check_same_thread=False)
        for statement in (*postings.DDL, *vectors.DDL):
            self.connection.execute(statement)
        self.chunks: list[Chunk] = []
        self.sources: list[SourceFile] = []
        self._file_of: list[int] = []
        for source in read_tree(root):
            rewritten = rewrite(source)
            parsed = chunks.split(rewritten)
            self.chunks.extend(parsed.chunks)
            self._file_of.extend([len(self.sources)] * len(parsed.chunks))
            self.sources.append(rewritten)
        made = [
            terms.document(chunk, self.sources[file].path)
            for chunk, file in zip(self.chunks, self._file_of, strict=True)
        ]
        postings.write_segment(self.connection, list(enumerate(made)))
        if embedder is not None and self.chunks:
            encoded = embedder.encode_documents(made, [chunk.content for chunk in self.chunks])
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
        )

    def facts(self, versions: Sequence[int]) -> dict[int, VersionFacts]:
        return {
            v: VersionFacts(
                f"c_{v}", self.chunks[v].symbol, self.chunks[v].symbol_kind, bool(self.chunks[v].doc)
            )
            for v in versions
        }

    def contents(self, versions: Sequence[int]) -> dict[int, str]:
        return {v: self.chunks[v].content for v in versions}


def read_tree(root: Path) -> Iterable[SourceFile]:
    """The files of a root that an index would hold."""
    for entry in files.scan(root).entries:
        source = files.read(root, entry.path)
        if isinstance(source, SourceFile):
            yield source
