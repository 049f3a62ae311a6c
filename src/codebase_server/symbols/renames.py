"""Other names of a definition: what imports and re-exports call it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from codebase_server.search.pool import Pools
from codebase_server.store import Snapshot, StoredDefinition
from codebase_server.symbols.definitions import fitting
from codebase_server.symbols.postings import Holders
from codebase_server.symbols.wanted import Wanted, within

MOST_READ: Final = 300
"""Chunks read for one name; a name that more import is defined under it."""

LONGEST_CHAIN: Final = 4
"""Renames followed: ``a as b`` in one file, ``b as c`` in the next."""

_STATEMENT: Final = re.compile(
    r"""^[ \t]*(?:
      from\s+(?P<py>[\w.]+)\s+import\s+(?P<py_names>\([^)]*\)|[^\n]*)
    | (?:import|export)\s+(?P<js_names>[^;'"()]*?)\s*\bfrom\s*['"](?P<js>[^'"]+)['"]
    | (?:pub(?:\([^)]*\))?\s+)?use\s+(?P<use>[^;]+);
    | (?:global\s+)?using\s+(?P<using>\w+\s*=\s*[\w.:]+)
    | import\s+(?:static\s+)?(?P<import>[\w.]+(?:\s+as\s+\w+|\.\{[^}]*\})?)
    )""",
    re.MULTILINE | re.VERBOSE,
)
_PARTS: Final = re.compile(r"[^\w$]+")
_ENDINGS: Final = frozenset({"js", "ts", "mjs", "cjs", "jsx", "tsx", "mts", "vue", "svelte"})
_NOT_MODULES: Final = frozenset({"crate", "super", "self", "static", "function", "const", "type", "as"})


@dataclass(frozen=True, slots=True)
class Rename:
    """A statement that gives a name: the name it had, the module that has it, and where it stands."""

    original: str
    module: tuple[str, ...]
    path: str
    line: int


def definitions_behind(
    snapshot: Snapshot, pools: Pools, wanted: Wanted
) -> tuple[list[StoredDefinition], Rename | None]:
    """What a name means that is defined under another, and the statement that renames it."""
    holders = Holders(snapshot, pools)
    asked = {wanted.last}
    names, first = [wanted], None
    for _ in range(LONGEST_CHAIN):
        renames = [one for name in names for one in _renames(snapshot, holders, name)]
        for one in renames:
            first = first or one
            there = [
                found
                for _, found in fitting(snapshot, pools, Wanted((*one.module, one.original)))
                if found.name == one.original
            ]
            named = [found for found in snapshot.definitions(one.original) if found.name == one.original]
            if there or len({found.qualified for found in named}) == 1:
                return there or named, first
        names = [Wanted((one.original,)) for one in renames if one.original not in asked]
        asked.update(name.last for name in names)
        if not names:
            break
    return [], None


def members_behind(
    snapshot: Snapshot, pools: Pools, wanted: Wanted
) -> tuple[list[StoredDefinition], Rename | None]:
    """What ``eng.start`` means where ``eng`` is another name of a module or class, and what renames it."""
    holders = Holders(snapshot, pools)
    for one in _renames(snapshot, holders, Wanted(wanted.segments[:-1])):
        behind = Wanted((*one.module, one.original, wanted.last))
        found = [d for _, d in fitting(snapshot, pools, behind) if d.name == wanted.last]
        if found:
            return found, one
    return [], None


def _renames(snapshot: Snapshot, holders: Holders, wanted: Wanted) -> Iterator[Rename]:
    """Renames of a name, those without another original only in the module that was asked for."""
    module = tuple(segment.casefold() for segment in wanted.segments[:-1])
    placed = snapshot.placements(holders.chunks(wanted.last)[:MOST_READ].tolist())
    placed = [one for one in placed if within(one.path, module) is not None]
    placed.sort(key=lambda one: (one.kind != "code", one.path, one.start_line))
    contents = snapshot.contents(one.version_id for one in placed)
    for one in placed:
        text = contents.get(one.version_id, "")
        for statement in _STATEMENT.finditer(text):
            found = _renamed(statement, wanted.last)
            if found is not None and (found[0] != wanted.last or wanted.is_qualified):
                line = one.start_line + text.count("\n", 0, statement.end())
                yield Rename(*found, one.path, line)


def _renamed(statement: re.Match[str], name: str) -> tuple[str, tuple[str, ...]] | None:
    """The original name and the module, where a statement brings in ``name``."""
    whole = re.escape(name)
    if statement["using"]:
        alias, _, target = statement["using"].partition("=")
        parts = _modules(target)
        return (parts[-1], _folded(parts[:-1])) if alias.strip() == name and parts else None
    given = statement["py_names"] or statement["js_names"] or statement["use"] or statement["import"] or ""
    found = re.search(
        rf"(?:([\w$]+)\s+(?:as\s+|=>\s*))?(?<![\w$]){whole}(?![\w$])(?!\s+as\b|\s*=>|\s*::|\.)", given
    )
    if found is None:
        return None
    source = statement["py"] or statement["js"]
    before = source if source else given[: found.start()]
    parts = _modules(before)
    if source and parts and re.search(rf"\*\s+as\s+{whole}\b", given):  # ``import * as z from './lib'``
        return parts[-1], _folded(parts[:-1])
    original = found[1] or name
    if original == "default":  # ``export { default as Name } from './Name'``
        original = name
    return original, _folded(parts)


def _modules(text: str) -> list[str]:
    """The names of a module path, without signs and endings: ``../lib/impl.js`` is lib, impl."""
    # Of a tree (``a::{b, c::{d``) only the way down is the path.
    text = re.sub(r"[^{},]*,", "", text)
    parts = [part for part in _PARTS.split(text) if part]
    while parts and parts[-1] in _ENDINGS:
        parts.pop()
    return [part for part in parts if part not in _NOT_MODULES]


def _folded(parts: list[str]) -> tuple[str, ...]:
    return tuple(part.casefold() for part in parts if part.casefold() not in ("index", "src", "mod"))
