"""One file from disk to what the store takes: read, split, analysed, encoded. Runs in worker processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from codebase_server import chunks, files, terms
from codebase_server.identity.normal import normal_hash
from codebase_server.records import Chunk, SourceFile
from codebase_server.store.batch import PreparedChunk, PreparedFile, SkippedFile
from codebase_server.store.packing import hash_of, pack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from codebase_server.embed import Embedder

FORMAT = 2
"""Raised when the same bytes would be cut or normalised differently: older files are then parsed anew."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """How to prepare files: where they are and with which embedder (a name, or empty for none)."""

    root: str
    max_file_bytes: int = files.DEFAULT_MAX_FILE_BYTES
    embedder: str = ""


def prepare(paths: Sequence[str], how: Preparation) -> list[PreparedFile | SkippedFile]:
    """Prepare files, in order. Never raises for what a file holds."""
    return [_prepare_one(path, how) for path in paths]


def _prepare_one(path: str, how: Preparation) -> PreparedFile | SkippedFile:
    source = files.read(Path(how.root), path, max_file_bytes=how.max_file_bytes)
    if isinstance(source, files.Skip):
        return SkippedFile(path, source.reason, source.detail)
    return prepare_source(source, how.embedder)


def prepare_source(source: SourceFile, embedder: str = "") -> PreparedFile:
    """Split and analyse a file that was read."""
    parsed = chunks.split(source)
    documents = [terms.document(chunk, source.path) for chunk in parsed.chunks]
    prepared = tuple(
        _prepared_chunk(chunk, document, parsed.language)
        for chunk, document in zip(parsed.chunks, documents, strict=True)
    )
    vectors = _encoded(embedder, documents) if embedder and prepared else None
    return PreparedFile(
        path=source.path,
        content_hash=bytes.fromhex(source.content_hash),
        format=FORMAT,
        language=parsed.language,
        kind=source.kind,
        size=source.size,
        line_count=parsed.line_count,
        had_errors=parsed.had_errors,
        imports=parsed.imports,
        definitions=parsed.definitions,
        chunks=prepared,
        vectors=vectors,
    )


def _prepared_chunk(chunk: Chunk, document: terms.TermDocument, language: str) -> PreparedChunk:
    return PreparedChunk(
        start_line=chunk.start_line,
        end_line=chunk.end_line,
        symbol=chunk.symbol,
        symbol_kind=chunk.symbol_kind,
        ordinal=chunk.ordinal,
        part=chunk.part,
        signature=chunk.signature,
        doc=chunk.doc,
        derived=chunk.derived,
        content_hash=hash_of(chunk.content),
        data=pack(chunk.content),
        normal_hash=normal_hash(chunk.content, language),
        size=len(chunk.content),
        terms=document,
    )


def _encoded(embedder: str, documents: Sequence[terms.TermDocument]) -> NDArray[np.int8]:
    return _embedder(embedder).encode_documents(list(documents), [])


@cache
def _embedder(name: str) -> Embedder:
    from codebase_server import embed

    loaded = embed.load(name)
    if loaded is None or loaded.needs_texts:
        raise ValueError(f"Embedder {name!r} is not one that runs while files are parsed.")
    return loaded
