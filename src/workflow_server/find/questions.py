"""A question asked of a search that looks for words: what is left of it when its small words go."""

from __future__ import annotations

import re

_SMALL = frozenset(
    """
    a about ago all an and any are as at be been before being but by can could day days did do does done
    for from get had has have he her him his how i if in into is it its last me month months my no of on
    once or our recently she should so some than that the their them then there these they this those to
    today too us was we week weeks were what when where which who whom whose why will with would year
    yesterday you your
    """.split()
)
"""English words that carry no subject, with those that name a time: notes seldom repeat either."""
_PART = re.compile(r'"[^"]*"|\S+')
_OPERATORS = ("AND", "OR", "NOT")


def subject(text: str) -> tuple[str, list[str]]:
    """The text without its small words, and these; what is quoted stays. Empty lists where all are small, or
    none is.
    """
    kept: list[str] = []
    left_out: list[str] = []
    for part in _PART.findall(text):
        bare = part.strip(".,;:!?()'").casefold()
        (left_out if bare in _SMALL and not part.startswith('"') else kept).append(part)
    return (" ".join(kept), left_out) if kept and left_out else (text, [])


def operators(text: str) -> str:
    """A hint for whoever wrote operators of other searches, or nothing."""
    used = [one for one in _OPERATORS if one in text.split()]
    if not used:
        return ""
    are = "is a word" if len(used) == 1 else "are words"
    return f" {', '.join(used)} {are} here: look for one thing at a time."
