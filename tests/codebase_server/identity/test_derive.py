"""Derived ids: the same everywhere, in their form, and given once."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from codebase_server.identity import derived_id, unused_id


def test_a_derived_id_never_changes_between_releases() -> None:
    assert derived_id("r_example", "src/app.py", "App.run", 0) == GOLDEN


GOLDEN = "c_bpzivnmmeogn"


@given(st.text(), st.text(), st.integers(0, 99), st.integers(0, 9))
def test_its_form_is_fixed(path: str, symbol: str, ordinal: int, part: int) -> None:
    assert re.fullmatch(r"c_[a-z2-7]{12}", derived_id("r", path, symbol, ordinal, part))


def test_each_part_of_the_place_counts() -> None:
    base = ("r", "a.py", "f", 0, 0)
    others = [("s", "a.py", "f", 0, 0), ("r", "b.py", "f", 0, 0), ("r", "a.py", "g", 0, 0)]
    others += [("r", "a.py", "f", 1, 0), ("r", "a.py", "f", 0, 1)]
    assert len({derived_id(*place) for place in [base, *others]}) == 6


def test_a_used_id_is_salted() -> None:
    first = unused_id("r", "a.py", "f", 0, 0, set())
    second = unused_id("r", "a.py", "f", 0, 0, {first})
    assert first == derived_id("r", "a.py", "f", 0)
    assert second == derived_id("r", "a.py", "f", 0, salt=1) != first
