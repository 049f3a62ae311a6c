"""Members that no declaration names: attributes that a method assigns to ``self`` or ``this``."""

from __future__ import annotations

import re
from typing import Final

from codebase_server.store import StoredDefinition
from codebase_server.symbols.context import manner_of
from codebase_server.symbols.postings import Holders
from codebase_server.symbols.wanted import Wanted

_LANGUAGES: Final = frozenset({"python", "javascript", "typescript", "tsx", "ruby", "php", "lua"})
_OF_MODULES: Final = frozenset({"elixir"})
"""Languages whose modules have attributes, set without a sign: ``@limit 5``."""

_RESERVED: Final = frozenset(
    "after_compile after_verify before_compile behaviour behavior callback compile deprecated derive dialyzer"
    " doc enforce_keys external_resource fallback_to_any file for impl macrocallback moduledoc nifs"
    " on_definition on_load opaque optional_callbacks protocol since spec tag type typedoc typep".split()
)
"""Attributes with a meaning of the language's own, which names nothing."""

_LONGEST: Final = 200
"""Characters of the line that are shown as the signature."""


def first_assignments(holders: Holders, wanted: Wanted) -> list[StoredDefinition]:
    """Of each class (of the one that was asked for, if one was) the first line that assigns the member."""
    name = wanted.last.lstrip("@")
    whole = re.escape(name)
    pattern = re.compile(
        rf"(?:(?<![\w$.])(?:self|this|cls|\$this)\s*(?:\.|->)\s*|(?<![\w@])@@?){whole}"
        r"\s*(?::[^=\n]+)?(?:\|\||\?\?)?=(?![=>~])"
    )
    member = re.compile(rf"[.>@]\s*{whole}")  # in each such line, and cheaper to look for
    of_module = re.compile(rf"^[ \t]*@{whole}[ \t(]+[\w:\"'~%\[{{(]", re.MULTILINE)
    placed = [
        one
        for one in holders.placed(name)
        if (one.language in _LANGUAGES and "." in one.symbol and _is_of(one.symbol, wanted))
        or (one.language in _OF_MODULES and not wanted.is_qualified and name not in _RESERVED)
    ]
    placed.sort(key=lambda one: (one.kind != "code", one.path, one.start_line))
    contents = holders.texts(placed)
    found: dict[tuple[str, str], StoredDefinition] = {}
    for one in placed:
        is_of_module = one.language in _OF_MODULES
        owner = _module_of(one.symbol) if is_of_module else one.symbol.rpartition(".")[0]
        text = contents.get(one.version_id, "")
        if (one.path, owner) in found or not member.search(text):
            continue
        for match in (of_module if is_of_module else pattern).finditer(text):
            if manner_of(text, match.start(), match.end(), one.language) == "comment":
                continue
            line = one.start_line + text.count("\n", 0, match.end())
            begin, end = text.rfind("\n", 0, match.end()) + 1, text.find("\n", match.end())
            shown = text[begin : end if end >= 0 else len(text)].strip()[:_LONGEST]
            found[one.path, owner] = StoredDefinition(
                path=one.path,
                language=one.language,
                name=name,
                qualified=f"{owner}.{name}",
                symbol_kind="constant" if is_of_module else "field",
                start_line=line,
                end_line=line,
                signature=shown,
                parent=owner,
            )
            break
    return list(found.values())


def _module_of(symbol: str) -> str:
    """The module in a qualified name: its parts that begin with a capital."""
    parts = symbol.split(".")
    return ".".join(part for part in parts if part[:1].isupper()) or symbol


def _is_of(symbol: str, wanted: Wanted) -> bool:
    """Whether a method with this qualified name belongs to the class that was asked for."""
    if not wanted.is_qualified:
        return True
    return wanted.segments[-2].casefold() in (part.casefold() for part in symbol.split(".")[:-1])
