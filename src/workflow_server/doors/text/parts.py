"""The lists within one item, cut so that the item fits an answer.

Notes and history keep their newest entries, every other list its first ones; what is said of them names the
call or the place that has the rest.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

_NEWEST_LAST: Final = frozenset({"notes", "history"})
_INCLUDED: Final = frozenset({"notes", "history", "children"})


def with_lists_cut(
    item: Mapping[str, Any], fits: Callable[[Any], bool], where: str
) -> tuple[dict[str, Any], str]:
    """The item with as many entries of each of its lists as `fits` allows, and what is said of the others.

    All lists are cut to the same length, so that a long one gives way before a short one.
    """
    lists = {name: value for name, value in item.items() if isinstance(value, list)}

    def at_most(length: int) -> dict[str, Any]:
        return {**item, **{name: _ends(name, value, length) for name, value in lists.items()}}

    few, many = 0, max((len(value) for value in lists.values()), default=0)
    while few < many:
        middle = (few + many + 1) // 2
        few, many = (middle, many) if fits(at_most(middle)) else (few, middle - 1)
    lost = {name: value for name, value in lists.items() if len(value) > few}
    told = ", ".join(_shown(name, few, len(value)) for name, value in lost.items())
    ways = ["fewer parts in `include` leave room for more"] if len(_INCLUDED & lists.keys()) > 1 else []
    if "children" in lost:
        ways.append(f"list_work_items(parent_id={item['id']}) has all children")
    return at_most(few), f"Of {item['id']} are shown {told}; {'; '.join([*ways, where])}."


def _ends(name: str, value: list[Any], length: int) -> list[Any]:
    if name in _NEWEST_LAST:
        return value[max(0, len(value) - length) :]
    return value[:length]


def _shown(name: str, few: int, all_of_them: int) -> str:
    newest = "the newest " if name in _NEWEST_LAST else ""
    called = "events" if name == "history" else name.replace("_", " ")
    return f"{newest}{few} of {all_of_them} {called}"
