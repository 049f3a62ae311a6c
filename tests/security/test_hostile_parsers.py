"""Whatever bytes they are given, the parsers of others' text answer or refuse with their own errors.

The quick part of ``python -m bench.fuzz``, which gives each of them tens of thousands of inputs.
"""

from __future__ import annotations

import random

import pytest
from bench.fuzz.parsers import SEEDS, TARGETS, checked
from hypothesis import given, settings
from hypothesis import strategies as st

EACH = 150


@pytest.mark.parametrize("name", list(TARGETS))
def test_the_worst_that_is_known_of_each_kind(name: str) -> None:
    for seed in SEEDS[name]:
        checked(TARGETS[name][0])(seed)


@pytest.mark.parametrize("name", list(TARGETS))
@given(data=st.data())
@settings(max_examples=EACH, deadline=None)
def test_any_bytes_are_answered_or_refused(name: str, data: st.DataObject) -> None:
    junk = st.one_of(
        st.binary(max_size=300), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
    )
    TARGETS[name][0](data.draw(st.one_of(junk, mutated(name))))


def mutated(name: str) -> st.SearchStrategy[bytes]:
    """A seed with a part of it cut, doubled or overwritten."""

    def mutate(seed: bytes, number: int) -> bytes:
        source = random.Random(number)
        data = bytearray(seed[:2000])
        for _ in range(source.randint(1, 4)):
            at, size = source.randrange(len(data) + 1), source.randint(0, 8)
            data[at : at + size] = source.choice(
                [b"", bytes(data[at : at + size]) * 2, source.randbytes(size)]
            )
        return bytes(data)

    return st.builds(mutate, st.sampled_from(SEEDS[name]), st.integers(0, 2**32))
