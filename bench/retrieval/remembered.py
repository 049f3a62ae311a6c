"""Vectors of a slow model kept in a file, so that the second run of a measurement takes minutes.

A row is known by the model's id and by a digest of the very text that was embedded: another model, another
composition of a chunk or another tree asks the model itself, never the file.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.retrieval.memory import Embedder
from codebase_server.embed import ComposedText
from codebase_server.terms import QueryTerms, TermDocument

_AT_ONCE = 256
"""Texts embedded before what was made is written down: a run that is stopped goes on from there."""


class Remembered:
    """An embedder of texts that asks ``model`` only for what ``file`` does not hold yet."""

    def __init__(self, model: Embedder, file: Path) -> None:
        self._model = model
        self.model_id = model.model_id
        file.parent.mkdir(parents=True, exist_ok=True)
        self._rows = sqlite3.connect(file)
        self._rows.execute(
            "CREATE TABLE IF NOT EXISTS vector (model TEXT, kind TEXT, digest BLOB, vector BLOB, "
            "PRIMARY KEY (model, kind, digest)) WITHOUT ROWID"
        )
        self.asked_model = 0
        """Texts that the file did not hold."""

    def encode_documents(self, documents: Sequence[TermDocument], texts: Sequence[str]) -> NDArray[np.int8]:
        """See `codebase_server.embed.Embedder`; ``documents`` are not read."""
        digests = [_digest(text) for text in texts]
        known = {digest: row for digest in digests if (row := self.kept("document", digest)) is not None}
        new = list({d: text for d, text in zip(digests, texts, strict=True) if d not in known}.items())
        for start in range(0, len(new), _AT_ONCE):
            batch = new[start : start + _AT_ONCE]
            made = self._model.encode_documents((), [text for _, text in batch])
            for (digest, _), vector in zip(batch, made, strict=True):
                known[digest] = vector.tobytes()
                self.keep("document", digest, known[digest])
            self._rows.commit()
        self.asked_model += len(new)
        rows = np.frombuffer(b"".join(known[digest] for digest in digests), dtype=np.int8)
        return rows.reshape(len(texts), -1) if len(texts) else rows.reshape(0, 0)

    def encode_query(self, text: str, analysed: QueryTerms) -> NDArray[np.float32]:
        """See `codebase_server.embed.Embedder`."""
        digest = _digest(text)
        row = self.kept("question", digest)
        if row is None:
            row = self._model.encode_query(text, analysed).astype(np.float32).tobytes()
            self.keep("question", digest, row)
            self._rows.commit()
            self.asked_model += 1
        return np.frombuffer(row, dtype=np.float32)

    def kept(self, kind: str, digest: bytes) -> bytes | None:
        """What the file holds of a text."""
        found = self._rows.execute(
            "SELECT vector FROM vector WHERE model = ? AND kind = ? AND digest = ?",
            (self.model_id, kind, digest),
        ).fetchone()
        return None if found is None else bytes(found[0])

    def keep(self, kind: str, digest: bytes, vector: bytes) -> None:
        """Put a row into the file; the caller commits."""
        self._rows.execute(
            "INSERT OR REPLACE INTO vector VALUES (?, ?, ?, ?)", (self.model_id, kind, digest, vector)
        )


def _digest(text: str) -> bytes:
    whole = f"{text.name}\0{text}" if isinstance(text, ComposedText) else text
    return hashlib.blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=16).digest()
