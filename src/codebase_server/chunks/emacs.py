"""Emacs Lisp as the lists that the grammar of Clojure reads; every byte stays where it was."""

from __future__ import annotations

import re
from typing import Final

LANGUAGES: Final = frozenset({"elisp"})

_CONTINUED: Final = re.compile(rb"\\(?=\n)")
"""A line of a string that goes on in the next one."""

_QUOTE: Final = re.compile(rb"(?<=[\s(\[])(\?\\?)\"")
"""The character ``"``, which would begin a string."""


def as_clojure(source: bytes) -> bytes:
    """The source without what only Emacs reads."""
    return _QUOTE.sub(rb"\1q", _CONTINUED.sub(b" ", source))
