"""How answers, warnings and errors word numbers of things and lists too long to be told whole."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, one: str, several: str = "") -> str:
    """A number of things: ``1 item``, ``2,000 items``. :param several: the plural, where no s makes it."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def first_of(names: Sequence[str], most: int, separator: str = ", ", of: int | None = None) -> str:
    """The first `most` of some names, and how many more there are: ``a, b and 3 more``.

    :param of: how many there are, where `names` are only the first of them.
    """
    left = (len(names) if of is None else of) - most
    if left <= 0:
        return separator.join(names)
    return f"{separator.join(names[:most])}{'; and' if separator == '; ' else ' and'} {left:,} more"
