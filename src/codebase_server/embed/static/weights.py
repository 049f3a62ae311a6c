"""The learned numbers of a static model, and the file that holds them."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from codebase_server.embed.embedder import EmbedderError
from codebase_server.terms import FIELDS, TERMS_VERSION

FORMAT = 1


@dataclass(frozen=True, slots=True)
class StaticWeights:
    """A vector for each of n terms, and how a chunk's counts weigh them.

    ``terms``: sorted uint64 (n,). ``vectors``: int8 (n, d), to be multiplied by
    ``scales`` (n,). ``document_scales``: as ``scales``, but for terms in a
    chunk: a term can say much in a question and little in code. ``fields``:
    the weight of a count in each of `terms.FIELDS`. ``half``: the weighted count
    at which a term reaches half of its full weight.
    """

    terms: NDArray[np.uint64]
    vectors: NDArray[np.int8]
    scales: NDArray[np.float32]
    document_scales: NDArray[np.float32]
    fields: NDArray[np.float32]
    half: float

    def digest(self) -> str:
        """Hex digest of all numbers that a vector depends on."""
        state = hashlib.blake2b(digest_size=6)
        for array in (self.terms, self.vectors, self.scales, self.document_scales, self.fields):
            state.update(np.ascontiguousarray(array).tobytes())
        state.update(repr(float(self.half)).encode())
        return state.hexdigest()


def write_weights(path: Path, weights: StaticWeights) -> None:
    """Write a model file, uncompressed so that reading is copying."""
    about = {
        "format": FORMAT,
        "terms_version": TERMS_VERSION,
        "fields": list(FIELDS),
        "half": weights.half,
        "digest": weights.digest(),
    }
    with path.open("wb") as file:
        np.savez(
            file,
            about=np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
            terms=weights.terms,
            vectors=weights.vectors,
            scales=weights.scales.astype(np.float16),
            document_scales=weights.document_scales.astype(np.float16),
            fields=weights.fields,
        )


def read_weights(path: Path) -> tuple[StaticWeights, str]:
    """A model file and its digest as noted in it; `EmbedderError` if it is damaged or of another kind."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            about = json.loads(arrays["about"].tobytes())
            weights = StaticWeights(
                terms=arrays["terms"],
                vectors=arrays["vectors"],
                scales=arrays["scales"].astype(np.float32),
                document_scales=arrays["document_scales"].astype(np.float32),
                fields=arrays["fields"],
                half=about["half"],
            )
    except (OSError, EOFError, ValueError, KeyError, BadZipFile, zlib.error) as error:
        raise EmbedderError(f"The static model {path} cannot be read: {error}.", _REINSTALL) from error
    if (about["format"], about["terms_version"], about["fields"]) != (FORMAT, TERMS_VERSION, list(FIELDS)):
        raise EmbedderError(
            f"The static model {path} was made for terms of version {about['terms_version']}, "
            f"this program makes version {TERMS_VERSION}.",
            _REINSTALL,
        )
    return weights, about["digest"]


_REINSTALL = "Install tandem-mcp anew, or start with --embedder none."
