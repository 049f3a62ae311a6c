"""Stored code comes back as it was."""

from __future__ import annotations

import hashlib
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codebase_server.store.packing import hash_of, pack, unpack


@given(st.text(st.characters()))
def test_any_text_comes_back(text: str) -> None:
    assert unpack(pack(text)) == text
    assert unpack(pack(text * 50)) == text * 50


def test_long_code_is_compressed_and_short_code_is_not() -> None:
    assert len(pack("for line in lines:\n    total += line\n" * 40)) < 200
    assert pack("x = 1") == b"\0x = 1"


def test_an_unknown_packing_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"b'\\x07'"):
        unpack(b"\7abc")


def test_the_hash_is_of_the_text() -> None:
    assert hash_of("a") != hash_of("a\n")
    assert len(hash_of("")) == 16


def test_the_packing_is_chosen_by_size() -> None:
    """A thousand bytes are the least that is compressed."""
    assert pack("a" * 999) == b"\0" + b"a" * 999
    assert pack("a" * 1000)[:1] == b"\1"
    assert pack("ä" * 500)[:1] == b"\1", "bytes, not characters"
    noise = "".join(map(chr, random.Random(5).choices(range(128), k=1000)))
    assert unpack(pack(noise)) == noise


def test_stored_forms_of_earlier_releases_are_read() -> None:
    assert unpack(b"\0x = 1") == "x = 1"
    assert unpack(b"\1" + zlib.compress("ä\ud800".encode("utf-8", "surrogatepass"), 9)) == "ä\ud800"
    assert (
        hash_of("ä\ud800").hex()
        == hashlib.blake2b("ä\ud800".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    )
    with pytest.raises(ValueError, match=r"^Stored code begins with b'', which names no known packing\.$"):
        unpack(b"")
