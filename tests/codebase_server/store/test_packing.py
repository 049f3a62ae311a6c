"""Stored code comes back as it was."""

from __future__ import annotations

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
