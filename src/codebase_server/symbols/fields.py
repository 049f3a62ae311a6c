"""What classes the fields of a name are declared with: ``Branch *git.BranchCommands``, ``Pool pool;``."""

from __future__ import annotations

import re
from typing import Final

from codebase_server.store import Snapshot, StoredDefinition

_KINDS: Final = frozenset({"field", "property", "variable", "constant", "member"})
_WORD: Final = re.compile(r"[A-Za-z_$][\w$]*")
_ARGUMENTS: Final = re.compile(r"<[^<>]*(?:<[^<>]*>)?[^<>]*>")
"""What a generic type holds is another type than its own."""

_VALUE: Final = re.compile(r"=(?![=>])")
MOST_NAMES: Final = 64
"""Names of fields looked up for one question; each costs a query."""

MOST_FIELDS: Final = 200


class Fields:
    """The declared types of fields, as far as they are among some classes.

    :param classes: the names of those classes.
    """

    def __init__(self, snapshot: Snapshot, classes: frozenset[str]) -> None:
        self._snapshot = snapshot
        self._classes = classes
        self._known: dict[str, list[tuple[str, frozenset[str]]]] = {}

    def declared(self, name: str, path: str, *, anywhere: bool) -> frozenset[str]:
        """The classes that fields of a name are declared with, those of the file before all others.

        :param anywhere: whether the field may be one of another file.
        """
        if name not in self._known:
            if len(self._known) >= MOST_NAMES:
                return frozenset()
            self._known[name] = [
                (one.path, self._types(one))
                for one in self._snapshot.definitions(name, limit=MOST_FIELDS)
                if one.name == name and one.symbol_kind in _KINDS
            ]
        fields = self._known[name]
        here = [types for place, types in fields if place == path]
        if not here and anywhere:
            here = [types for _, types in fields]
        return frozenset().union(*here)

    def _types(self, field: StoredDefinition) -> frozenset[str]:
        """The classes beside a field's own name, the first mention of it."""
        typed = _VALUE.split(field.signature, maxsplit=1)
        words = _WORD.findall(_ARGUMENTS.sub("", typed[0]))
        if field.name in words:
            words.remove(field.name)
        found = self._classes.intersection(words)
        if not found and len(typed) > 1:  # ``pool = Pool(``, ``var pool = new Pool(``
            found = self._classes.intersection(_WORD.findall(typed[1])[:2])
        return found
