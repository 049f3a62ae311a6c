"""Components that a file is, and no definition in it: a page of Vue, Svelte or Astro, named by its path."""

from __future__ import annotations

import re
from typing import Final

from codebase_server.search.corpus import RootTable
from codebase_server.store import Snapshot, StoredDefinition
from codebase_server.symbols.wanted import letters_of

KIND: Final = "component"
_LANGUAGES: Final = {".vue": "vue", ".svelte": "svelte", ".astro": "astro"}
_ENDINGS: Final = tuple(_LANGUAGES)
_NAMED: Final = re.compile(r"[A-Z]\w*|[a-z]\w*(?:-\w+)+")
_FOLDER: Final = "components"
"""Below it, Nuxt puts the names of folders before the file's: ``account/Card.vue`` is ``AccountCard``."""

_STANDS_FOR_FOLDER: Final = "index"
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
MOST: Final = 50


def named(snapshot: Snapshot, table: RootTable, name: str) -> list[StoredDefinition]:
    """The files that are the component of a name, as ``StatusCard`` or ``status-card``; those of that very
    name before those that folders name.
    """
    if table.languages_known.isdisjoint(_LANGUAGES.values()) or not _NAMED.fullmatch(name):
        return []
    folded = letters_of(name)
    pages = [path for path in table.paths if path.endswith(_ENDINGS)]  # of thousands few are
    found = [(rank, path) for path in pages if (rank := _rank(path, folded)) is not None]
    return [_definition(snapshot, path) for _, path in sorted(found)[:MOST]]


def spellings(name: str) -> tuple[str, ...]:
    """How templates write the name of a component: ``StatusCard`` and ``status-card``, as given first."""
    kebab = _HUMP.sub("-", name).casefold()
    pascal = "".join(part[:1].upper() + part[1:] for part in name.split("-"))
    return tuple(dict.fromkeys((name, pascal, kebab)))


def _rank(path: str, folded: str) -> int | None:
    """How a file bears a name: 0 itself, more with the folders it lies in; None where it does not."""
    *folders, file = path.split("/")
    stem = file.rpartition(".")[0]
    parts = [letters_of(folder) for folder in folders]
    own = letters_of(stem)
    if own == folded:
        return 0
    if own == _STANDS_FOR_FOLDER and parts:
        own = parts.pop()
    below = len(parts) - parts[::-1].index(_FOLDER) if _FOLDER in parts else len(parts)
    for first in range(len(parts), below - 1, -1):
        joined = "".join(parts[first:])
        if folded in (joined + own, own if own.startswith(joined) else ""):
            return 1 + len(parts) - first
    return None


def _definition(snapshot: Snapshot, path: str) -> StoredDefinition:
    stem, _, ending = path.rpartition("/")[2].rpartition(".")
    if letters_of(stem) == _STANDS_FOR_FOLDER and "/" in path:
        stem = path.split("/")[-2]
    last = max((one.end_line for one in snapshot.chunks_in(path)), default=1)
    return StoredDefinition(
        path=path,
        language=_LANGUAGES["." + ending],
        name=stem,
        qualified=stem,
        symbol_kind=KIND,
        start_line=1,
        end_line=last,
        signature=f"<{stem}>",
        parent="",
    )
