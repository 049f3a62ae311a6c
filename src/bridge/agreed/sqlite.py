"""What SQLite says of files that a disk does not give whole."""

from __future__ import annotations

import re
from typing import Final

_UNREAD: Final = re.compile(r"unable to get the page\. error code=(?!11\b)|failed to get page|disk I/O error")


def is_unread(verdict: str) -> bool:
    """Whether a verdict of ``PRAGMA quick_check`` or ``integrity_check`` is of a page that could not be read.

    The checks (btree.c) list such a page as they list a spoilt one; 11 is SQLITE_CORRUPT, damage itself.
    """
    return _UNREAD.search(verdict) is not None
