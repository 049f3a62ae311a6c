"""What an answer costs to read, and how a record is made to fit.

Tokens are estimated from above: English text and JSON take about four characters a token in today's
vocabularies, dense identifiers about three, and other scripts about one. An estimate that is too high cuts
early; one that is too low would break the promise that no answer exceeds 20,000 tokens.
"""

import json
from collections.abc import Mapping
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


def fitted(record: Mapping[str, Any], where: str, most: int = MOST_TOKENS) -> dict[str, Any]:
    """The record with its longest texts cut until it fits; a cut text says how much is missing and `where` it
    is.

    Should short texts alone be too many, the ends of its longest lists go, and `truncated` says so.
    """
    found: dict[str, Any] = dict(record)
    longest = 16_000
    while not fits(found, most) and longest >= _SHORTEST_CUT:
        found = _with_texts_cut(found, longest, where)
        longest //= 2
    while not fits(found, most):
        name = max(found, key=lambda key: len(_json(found[key])) if isinstance(found[key], list) else 0)
        rows = found[name]
        if not isinstance(rows, list) or not rows:
            break
        found = {
            **found,
            name: rows[: len(rows) // 2],
            "truncated": f"{name}: too many to answer at once; {where}",
        }
    return found


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
