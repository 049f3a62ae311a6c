"""Numbers of things and long lists read the same in every answer."""

import pytest

from bridge.agreed.wording import counted, first_of


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 items"), (1, "1 item"), (2, "2 items"), (1_000, "1,000 items")]
)
def test_a_number_of_things(number: int, said: str) -> None:
    assert counted(number, "item") == said


def test_a_plural_of_its_own() -> None:
    assert counted(1, "open child", "open children") == "1 open child"
    assert counted(3, "open child", "open children") == "3 open children"


def test_a_list_that_fits_is_told_whole_and_of_a_longer_one_how_many_are_left() -> None:
    assert first_of(["a", "b"], 2) == "a, b"
    assert first_of(["a", "b", "c"], 2) == "a, b and 1 more"
    assert first_of(["a", "b", "c"], 2, "; ") == "a; b; and 1 more"
    assert first_of([], 2) == ""


def test_the_first_of_more_than_were_looked_up() -> None:
    assert first_of(["a", "b"], 2, of=2_002) == "a, b and 2,000 more"
