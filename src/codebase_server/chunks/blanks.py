"""Blanks in the place of text that a grammar is not to see: every byte and every line stays where it was."""

from __future__ import annotations

import re
from typing import Final

_ANYTHING: Final = re.compile(rb"[^\r\n]")


def blanks(text: bytes) -> bytes:
    """As many blanks as the text has bytes, its line breaks where they are."""
    return _ANYTHING.sub(b" ", text)
