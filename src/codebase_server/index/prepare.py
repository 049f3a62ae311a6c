"""One file from disk to what the store takes: read, split, analysed, encoded. Runs in worker processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from codebase_server import chunks, files, terms
from codebase_server.identity.normal import normal_hash
from codebase_server.records import Chunk, ParsedFile, SourceFile
from codebase_server.store.batch import PreparedChunk, PreparedFile, SkippedFile
from codebase_server.store.packing import hash_of, pack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from codebase_server.embed.static import StaticEmbedder

FORMAT = 8
"""Raised when the same bytes would be cut or normalised differently: older files are then parsed anew."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """How to prepare files: where they are and with which embedder (a name, or empty for none)."""

    root: str
    max_file_bytes: int = files.DEFAULT_MAX_FILE_BYTES
    embedder: str = ""


def prepare(paths: Sequence[str], how: Preparation) -> list[PreparedFile | SkippedFile]:
    """Prepare files, in order; small ones cost less together. Never raises for what a file holds."""
    return prepare_read(read(paths, how), how)


def read(paths: Sequence[str], how: Preparation) -> list[SourceFile | files.Skip]:
    """Read files, in order."""
    return [files.read(Path(how.root), path, max_file_bytes=how.max_file_bytes) for path in paths]


def prepare_read(
    found: Sequence[SourceFile | files.Skip], how: Preparation
) -> list[PreparedFile | SkippedFile]:
    """Prepare files that were read, in order."""
    prepared = iter(prepare_sources([one for one in found if isinstance(one, SourceFile)], how.embedder))
    return [
        next(prepared) if isinstance(one, SourceFile) else SkippedFile(one.path, one.reason, one.detail)
        for one in found
    ]


def prepare_source(source: SourceFile, embedder: str = "") -> PreparedFile:
    """Split and analyse a file that was read."""
    return prepare_sources([source], embedder)[0]


def prepare_sources(sources: Sequence[SourceFile], embedder: str = "") -> list[PreparedFile]:
    """Split and analyse files that were read, in order."""
    parsed = [chunks.split(source) for source in sources]
    table = terms.documents(
        [(chunk, source.path) for source, file in zip(sources, parsed, strict=True) for chunk in file.chunks]
    )
    vectors = _encoded(embedder, table) if embedder and len(table) else None
    made, first = [], 0
    for source, file in zip(sources, parsed, strict=True):
        last = first + len(file.chunks)
        own = vectors[first:last] if vectors is not None and file.chunks else None
        made.append(_prepared_file(source, file, table.part(first, last), own))
        first = last
    return made


def _prepared_file(
    source: SourceFile, parsed: ParsedFile, table: terms.TermTable, vectors: NDArray[np.int8] | None
) -> PreparedFile:
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
        chunks=tuple(_prepared_chunk(chunk, parsed.language) for chunk in parsed.chunks),
        terms=table,
        vectors=vectors,
    )


def _prepared_chunk(chunk: Chunk, language: str) -> PreparedChunk:
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
        is_test=chunk.is_test,
    )


def _encoded(embedder: str, documents: terms.TermTable) -> NDArray[np.int8]:
    return _embedder(embedder).encode_table(documents)


@cache
def _embedder(name: str) -> StaticEmbedder:
    from codebase_server import embed
    from codebase_server.embed.static import StaticEmbedder

    loaded = embed.load(name)
    if not isinstance(loaded, StaticEmbedder):
        raise ValueError(f"Embedder {name!r} is not one that runs while files are parsed.")
    return loaded
