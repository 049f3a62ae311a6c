"""What an answer costs to read, and how a record is made to fit.

Tokens are estimated from above: English text and JSON take about four characters a token in today's
vocabularies, dense identifiers about three, and other scripts about one. An estimate that is too high cuts
early; one that is too low would break the promise that no answer exceeds 20,000 tokens.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

MOST_TOKENS = 9_000
"""What the text of an answer may cost by the estimate, and again its structured content: together under
20,000.
"""

_CHARACTERS_PER_TOKEN = 3
_SHORTEST_CUT = 120
_CUT = "… [{left:,} more characters; {where}]"


def estimated_tokens(text: str) -> int:
    """Tokens of `text`, from above."""
    ascii_only = len(text.encode("ascii", "ignore"))
    return (ascii_only + _CHARACTERS_PER_TOKEN - 1) // _CHARACTERS_PER_TOKEN + len(text) - ascii_only


def nominal_tokens(text: str) -> int:
    """Tokens as a caller's `max_tokens` counts them: characters divided by four."""
    return -(-len(text) // 4)


def fits(record: Any, most: int = MOST_TOKENS) -> bool:
    """Whether `record` as JSON stays within `most` tokens by the estimate."""
    return estimated_tokens(_json(record)) <= most


Rest = Callable[[str, Sequence[Any]], str]
"""How to get the rows of the list so named that an answer leaves out."""

Within = Callable[[Mapping[str, Any], Callable[[Any], bool]], tuple[dict[str, Any], str]]
"""One thing with the lists in it cut until the test says that it fits, and what is said of what they lost."""


def fitted(
    record: Mapping[str, Any],
    where: str,
    rest: Rest,
    most: int = MOST_TOKENS,
    within: Within | None = None,
) -> dict[str, Any]:
    """The record with its longest texts cut until it fits; a cut text says how much is missing and `where` it
    is.

    Should short texts alone be too many, the ends of its longest lists go, and `truncated` says how many are
    shown and, by `rest`, how to get the others. A thing that alone is too much, `item` or the first of a
    list, is cut `within`: whoever asks for it again would get no more of it.
    """
    found: dict[str, Any] = dict(record)
    longest = 16_000
    while not fits(found, most) and longest >= _SHORTEST_CUT:
        found = _with_texts_cut(found, longest, where)
        longest //= 2
    told: list[str] = []
    if within and isinstance(found.get("item"), dict) and not fits(found, most):
        found = _narrowed(found, "item", within, told, most)
    while not fits(found, most):
        name = max(found, key=lambda key: len(_json(found[key])) if isinstance(found[key], list) else 0)
        if not isinstance(found[name], list) or not found[name]:
            break
        shorter, said = _shortened(found, name, rest, told, most)
        if within and not shorter[name] and isinstance(found[name][0], dict):
            one = {**found, name: found[name][:1]}
            if len(found[name]) > 1:
                told.append(f"1 of {len(found[name])} {name} is shown. {rest(name, found[name][1:])}")
            found = _narrowed(one, name, within, told, most)
            break
        found = shorter
        told.append(said)
    return found


def _narrowed(
    found: Mapping[str, Any], name: str, within: Within, told: Sequence[str], most: int
) -> dict[str, Any]:
    """The record with the lists within the one thing that `name` holds cut until it fits."""
    held = found[name]
    room = " " * 900  # for what is said of each list, and for a word of text around it

    def laid(one: Any) -> dict[str, Any]:
        return {**found, name: [one] if isinstance(held, list) else one, "truncated": " ".join(told) + room}

    one, said = within(held[0] if isinstance(held, list) else held, lambda one: fits(laid(one), most))
    return {**laid(one), "truncated": " ".join([*told, said])}


def _shortened(
    found: dict[str, Any], name: str, rest: Rest, told: Sequence[str], most: int
) -> tuple[dict[str, Any], str]:
    """The record with as many rows of one list as fit, and what is said of the others."""
    rows = found[name]

    def with_first(count: int) -> tuple[dict[str, Any], str]:
        said = f"{count} of {len(rows)} {name} are shown. {rest(name, rows[count:])}"
        return {**found, name: rows[:count], "truncated": " ".join([*told, said])}, said

    few, many = 0, len(rows) - 1
    while few < many:  # `few` rows fit, or none do
        middle = (few + many + 1) // 2
        few, many = (middle, many) if fits(with_first(middle)[0], most) else (few, middle - 1)
    return with_first(few)


def cut(text: str, most: int, where: str) -> str:
    """`text`, or its first `most` characters and what is missing."""
    if len(text) <= most:
        return text
    return text[:most] + _CUT.format(left=len(text) - most, where=where)


def _with_texts_cut(value: Any, most: int, where: str) -> Any:
    if isinstance(value, str):
        # the marker is longer than what a cut just above the limit would save
        return cut(value, most, where) if len(value) > most + 2 * len(_CUT) + len(where) else value
    if isinstance(value, dict):
        return {name: _with_texts_cut(member, most, where) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_texts_cut(member, most, where) for member in value]
    return value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
