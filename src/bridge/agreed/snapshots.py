"""What an item keeps of the code it is about, and which code must not be kept."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

T = TypeVar("T")

MAX_CODE_BYTES: Final = 2_048
"""How much code a snapshot keeps, in bytes of UTF-8; longer code is cut at a line."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The code behind a reference at the moment when it was linked or accepted.

    ``chunk_ids`` and ``chunk_hashes`` are parallel: one chunk for an id or a function, all of a
    class (its head first), all touched ones for lines, none for a whole file. ``content_hash``
    is the hash of the single chunk, or of the whole file for a path alone, and
    empty for several chunks. ``code`` is at most 2 KB and empty when the code
    looked like a secret; ``truncated`` says that there was more.
    """

    repository: str
    path: str
    start_line: int = 0
    end_line: int = 0
    symbol: str = ""
    content_hash: str = ""
    chunk_ids: tuple[str, ...] = ()
    chunk_hashes: tuple[str, ...] = ()
    code: str = ""
    truncated: bool = False

    def to_json(self) -> dict[str, Any]:
        """As stored and as sent; `from_json` reads it back."""
        return {
            "repository": self.repository,
            "path": self.path,
            "start_line": self.start_line,
            "end_line": self.end_line,
            "symbol": self.symbol,
            "content_hash": self.content_hash,
            "chunk_ids": list(self.chunk_ids),
            "chunk_hashes": list(self.chunk_hashes),
            "code": self.code,
            "truncated": self.truncated,
        }


def from_json(value: Mapping[str, Any]) -> Snapshot:
    """A snapshot out of a store or a request; unknown keys of a later version are passed over.

    Raises `ValueError` naming a key whose value has the wrong type.
    """

    def text(key: str) -> str:
        return _typed(value, key, str, "")

    def number(key: str) -> int:
        return _typed(value, key, int, 0)

    def texts(key: str) -> tuple[str, ...]:
        items: list[Any] = _typed(value, key, list, [])
        if not all(isinstance(item, str) for item in items):
            raise ValueError(f"snapshot: {key!r} must hold text only")
        return tuple(items)

    return Snapshot(
        repository=text("repository"),
        path=text("path"),
        start_line=number("start_line"),
        end_line=number("end_line"),
        symbol=text("symbol"),
        content_hash=text("content_hash"),
        chunk_ids=texts("chunk_ids"),
        chunk_hashes=texts("chunk_hashes"),
        code=text("code"),
        truncated=_typed(value, "truncated", bool, False),
    )


def _typed(value: Mapping[str, Any], key: str, kind: type[T], default: T) -> T:
    found = value.get(key, default)
    if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
        raise ValueError(f"snapshot: {key!r} must be {kind.__name__}, not {found!r:.60}")
    return found


def keepable(code: str) -> tuple[str, bool]:
    """The part of ``code`` that a snapshot keeps, and whether it was cut.

    Empty for code that looks like it holds a secret: a work item lives longer
    than the secret's place in the code, and is shown in more places.
    """
    if looks_secret(code):
        return "", bool(code)
    encoded = code.encode("utf-8", "replace")
    if len(encoded) <= MAX_CODE_BYTES:
        return code, False
    cut = encoded[:MAX_CODE_BYTES].decode("utf-8", "ignore")
    whole_lines = cut.rpartition("\n")[0]
    return whole_lines or cut, True


_SECRET_SHAPES: Final = re.compile(
    r"""
      -----BEGIN\ (?:[A-Z]+\ )*PRIVATE\ KEY-----
    | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b                      # AWS access keys
    | \bgh[pousr]_[A-Za-z0-9]{36,}\b | \bgithub_pat_\w{22,}
    | \bglpat-[\w-]{20,}
    | \bxox[abposr]-[\w-]{10,}                            # Slack
    | \bsk-(?:ant-|proj-)?[\w-]{20,}                      # model providers
    | \b[sr]k_live_[0-9a-zA-Z]{16,}                       # Stripe
    | \bAIza[\w-]{35}                                     # Google
    | \bnpm_[A-Za-z0-9]{36}\b | \bpypi-[\w-]{50,}
    | \beyJ[\w-]{10,500}+\.eyJ[\w-]{10,8000}+\.[\w-]{10,} # JSON web tokens
    | \b[a-z][a-z0-9+.-]{0,30}+://[^\s/:@'"]++:[^\s/@'"{$<%]{6,}+@ # passwords in URLs
    """,
    re.VERBOSE,
)
"""Code may hold a line of a hundred thousand letters, and anything many times: what begins at one place is
looked for so far and no further."""
_ASSIGNED: Final = re.compile(
    r"""(?i)(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|private[_-]?key|credential)[\w.-]{0,99}+
        ["']?\s*+(?::=|=>|[:=])\s*+["'](?P<value>[^"'\s]{12,}+)["']""",
    re.VERBOSE,
)
"""As in `_SECRET_SHAPES`, nothing is looked for from each letter of a line to its end."""
_RANDOM_ENTROPY: Final = 3.2
"""Entropy in bits per character above which an assigned value is taken for random.

English words and identifiers of 12 to 40 characters lie near 3, hex keys near
3.6, base-64 keys above 4.
"""


def looks_secret(code: str) -> bool:
    """Whether code holds something shaped like a key, or a random text assigned to a secret's name."""
    if _SECRET_SHAPES.search(code):
        return True
    return any(_is_random(match["value"]) for match in _ASSIGNED.finditer(code))


def _is_random(value: str) -> bool:
    if not any(character.isdigit() for character in value):
        return False
    counts = [value.count(character) / len(value) for character in set(value)]
    entropy = -sum(share * math.log2(share) for share in counts)
    return entropy > _RANDOM_ENTROPY
