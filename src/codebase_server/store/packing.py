"""How code is stored: by the hash of its text, compressed where that pays."""

from __future__ import annotations

import hashlib
import zlib

_RAW, _ZLIB = b"\0", b"\1"

_WORTHWHILE = 1_000
"""Bytes. Most chunks have less: to compress those too takes three times the time for a fifth less code, which
is 5 % of a whole index."""

_LEVEL = 1
"""Levels above cost three times the time for 6 % of the space, measured on source code."""


def hash_of(text: str) -> bytes:
    """BLAKE2b-128 of the UTF-8 text: the key of stored content."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def pack(text: str) -> bytes:
    """The stored form of a text: one byte that names the packing, then the data."""
    raw = text.encode("utf-8", "surrogatepass")
    if len(raw) >= _WORTHWHILE:
        return _ZLIB + zlib.compress(raw, _LEVEL)
    return _RAW + raw


def unpack(data: bytes) -> str:
    """The text of a stored form. Raises `ValueError` for a packing that this version does not know."""
    if data[:1] == _ZLIB:
        return zlib.decompress(data[1:]).decode("utf-8", "surrogatepass")
    if data[:1] == _RAW:
        return data[1:].decode("utf-8", "surrogatepass")
    raise ValueError(f"Stored code begins with {data[:1]!r}, which names no known packing.")
