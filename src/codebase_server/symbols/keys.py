"""Keys of configuration: no definitions, but where a name is set that code only reads."""

from __future__ import annotations

import re
from typing import Final

from bridge.agreed.wording import first_of
from codebase_server.symbols.postings import Holders
from codebase_server.symbols.wanted import Wanted

_LANGUAGES: Final = frozenset({"yaml", "toml", "ini", "properties"})
MOST_SHOWN: Final = 3
"""Places that are named; of more only their number is told."""


def where_set(holders: Holders, wanted: Wanted) -> str:
    """A sentence that says where a name is a key at the left margin of configuration; else empty."""
    if wanted.is_qualified or wanted.prefix:
        return ""
    key = re.compile(rf"^([\"']?){re.escape(wanted.last)}\1[ \t]*[:=]", re.MULTILINE)
    placed = [one for one in holders.placed(wanted.last) if one.language in _LANGUAGES]
    placed.sort(key=lambda one: (one.kind == "tests", one.path, one.start_line))
    texts = holders.texts(placed)
    places = [
        f"{one.path}:{one.start_line + text.count(chr(10), 0, found.start())}"
        for one in placed
        for text in (texts.get(one.version_id, ""),)
        for found in key.finditer(text)
    ]
    if not places:
        return ""
    return f"{wanted.last} is a key of configuration, set in {first_of(places, MOST_SHOWN)}."
