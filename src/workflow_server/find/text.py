"""From what a person types to an FTS5 query: built from tokens, never passed through."""

from __future__ import annotations

import re

_PART = re.compile(r'"([^"]*)"|(\S+)')
_TOKEN = re.compile(r"\w+")
MAX_TERMS = 32


def terms(text: str) -> list[str]:
    """FTS5 strings, one a word or quoted part. A word of three letters or more also matches as a
    beginning, a shorter one where a star stands behind it.
    """
    found: list[str] = []
    for quoted, word in _PART.findall(text):
        if quoted:
            phrase = " ".join(_tokens(quoted))
            if phrase:
                found.append(f'"{phrase}"')
        else:
            tokens = _tokens(word)
            starred = tokens[-1:] if word.rstrip(",;.)").endswith("*") else []
            found += [
                f'"{token}"*' if len(token) > 2 or token in starred else f'"{token}"' for token in tokens
            ]
    return list(dict.fromkeys(found))[:MAX_TERMS]


def _tokens(text: str) -> list[str]:
    return [token for run in _TOKEN.findall(text) for token in run.split("_") if token]


def all_of(terms: list[str]) -> str:
    """A query for items that have every term, in any field."""
    return " AND ".join(terms)


def in_title(terms: list[str]) -> str:
    """A query for items that have every term in the title."""
    return f"{{title}} : ({all_of(terms)})"


def any_in_title(terms: list[str]) -> str:
    """A query for items with any of the terms in the title."""
    return f"{{title}} : ({' OR '.join(terms)})"
