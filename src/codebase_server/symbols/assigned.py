"""Members that no declaration names: attributes that a method assigns to ``self`` or ``this``."""

from __future__ import annotations

import re
from typing import Final

from codebase_server.store import StoredDefinition
from codebase_server.symbols.context import manner_of
from codebase_server.symbols.postings import Holders
from codebase_server.symbols.wanted import Wanted

_LANGUAGES: Final = frozenset({"python", "javascript", "typescript", "tsx", "ruby", "php", "lua"})
_LONGEST: Final = 200
"""Characters of the line that are shown as the signature."""


def first_assignments(holders: Holders, wanted: Wanted) -> list[StoredDefinition]:
    """Of each class (of the one that was asked for, if one was) the first line that assigns the member."""
    whole = re.escape(wanted.last)
    pattern = re.compile(
        rf"(?:(?<![\w$.])(?:self|this|cls|\$this)\s*(?:\.|->)\s*|(?<![\w@])@@?){whole}"
        r"\s*(?::[^=\n]+)?(?:\|\||\?\?)?=(?![=>~])"
    )
    member = re.compile(rf"[.>@]\s*{whole}")  # in each such line, and cheaper to look for
    placed = [
        one
        for one in holders.placed(wanted.last)
        if one.language in _LANGUAGES and "." in one.symbol and _is_of(one.symbol, wanted)
    ]
    placed.sort(key=lambda one: (one.kind != "code", one.path, one.start_line))
    contents = holders.texts(placed)
    found: dict[tuple[str, str], StoredDefinition] = {}
    for one in placed:
        owner = one.symbol.rpartition(".")[0]
        text = contents.get(one.version_id, "")
        if (one.path, owner) in found or not member.search(text):
            continue
        for match in pattern.finditer(text):
            if manner_of(text, match.start(), match.end(), one.language) == "comment":
                continue
            line = one.start_line + text.count("\n", 0, match.end())
            begin, end = text.rfind("\n", 0, match.end()) + 1, text.find("\n", match.end())
            shown = text[begin : end if end >= 0 else len(text)].strip()[:_LONGEST]
            found[one.path, owner] = StoredDefinition(
                path=one.path,
                language=one.language,
                name=wanted.last,
                qualified=f"{owner}.{wanted.last}",
                symbol_kind="field",
                start_line=line,
                end_line=line,
                signature=shown,
                parent=owner,
            )
            break
    return list(found.values())


def _is_of(symbol: str, wanted: Wanted) -> bool:
    """Whether a method with this qualified name belongs to the class that was asked for."""
    if not wanted.is_qualified:
        return True
    return wanted.segments[-2].casefold() in (part.casefold() for part in symbol.split(".")[:-1])
