"""Which of the definitions that share a name is meant, and where those words are likely to mean it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from codebase_server.chunks.kinds import CALLABLE, CLASS_LIKE
from codebase_server.search.pool import Pools
from codebase_server.store import Placement, Snapshot, StoredDefinition
from codebase_server.symbols.bare import Bare, is_argument, is_variable
from codebase_server.symbols.bases import generations
from codebase_server.symbols.context import Manner, is_part, receiver
from codebase_server.symbols.definitions import meant
from codebase_server.symbols.fields import Fields
from codebase_server.symbols.postings import Holders
from codebase_server.symbols.receivers import Doubt, Receivers
from codebase_server.symbols.wanted import Wanted, module_of
from codebase_server.terms import subwords

MOST_DEFINED: Final = 2_000
HEAD_LINES: Final = 4
"""Lines from the first of a definition to the one with its name: annotations and a type may stand before."""

_SHARED_FOLDERS: Final = frozenset({"go", "java", "kotlin", "csharp", "swift", "scala", "c", "cpp"})
"""Languages whose files see each other's names without an import, mostly those of one folder."""

_IMPLICIT: Final = frozenset("java csharp kotlin swift cpp ruby scala dart groovy objc".split())
"""Languages in which a class calls its own methods by their bare names."""

_NO_GLOBALS: Final = frozenset({"java", "csharp"})
"""Languages in which whatever is called belongs to a class."""

_UNBRACKETED: Final = frozenset({"ruby", "scala"})
"""Languages in which a call needs no brackets."""

_EXTENDED: Final = frozenset({"kotlin"})
"""Languages in which a function outside a class may be its member."""

_BARE: Final = frozenset({"fortran", "scheme", "racket"})
"""Languages in which what a module holds is used by its bare name."""

_CALLED: Final = CALLABLE | CLASS_LIKE
_ASSIGNED: Final = re.compile(r"\s*(?::[^=:\n]{1,60})?=(?![=>])")


class Aim:
    """Which of the definitions that share a name is meant, and where those words are likely to mean it."""

    def __init__(
        self,
        snapshot: Snapshot,
        pools: Pools,
        holders: Holders,
        wanted: Wanted,
        elsewhere: Sequence[StoredDefinition] = (),
    ) -> None:
        named = [
            one
            for one in snapshot.definitions(wanted.last, prefix=wanted.prefix, limit=MOST_DEFINED)
            if one.name == wanted.last or wanted.prefix
        ]
        code = [one for one in named if one.symbol_kind != "section"]
        self._heads: dict[str, list[range]] = {}
        for one in (*code, *elsewhere):
            head = range(one.start_line, min(one.end_line, one.start_line + HEAD_LINES) + 1)
            self._heads.setdefault(one.path, []).append(head)
        aims = list(elsewhere) or [one for one in meant(snapshot, pools, wanted) if not wanted.members]
        # ``ctx.throw`` may be a call on a value whose class nobody told: what stands before the point counts.
        unknown = not aims and wanted.is_qualified
        code += [one for one in aims if one.name == wanted.last and one not in code]
        given = {wanted.segments[-2]} if wanted.is_qualified and (unknown or elsewhere) else set()
        owners = given | {owner for one in aims if (owner := _owner(one))}
        renamed = bool(elsewhere) and not wanted.is_qualified
        self._shapeless = wanted.prefix or renamed or not (owners or aims)
        self._alone = bool(aims) and not elsewhere and len(aims) == len(code)
        self._members = unknown or all(_owner(one) for one in aims)
        self._free = not unknown and all(not _owner(one) for one in aims)
        self._is_called = bool(aims) and all(one.symbol_kind in _CALLED for one in aims)
        extending = [one.language in _EXTENDED and one.symbol_kind == "function" for one in aims]
        self._is_extension = self._members and bool(extending) and all(extending)
        self._bare = Bare(snapshot, aims)
        self._homes = {one.path for one in aims}
        self.languages = {one.language for one in (*code, *aims)}
        """Of all that bears the name or is meant by it."""
        self._tops = {path.partition("/")[0] for path in self._homes if "/" in path}
        defining = set(filter(None, map(_owner, code)))
        above = generations(snapshot, owners) if defining - owners else ()
        bases = {base for bases in above for base in bases} & defining
        words = given | bases | {_owner(one) or _module(one.path) for one in aims}
        self._words = {word.casefold() for word in words} | {
            part for one in aims for part in module_of(one.path)[-2:]
        }
        self._files = set() if self._alone else self._homes.union(*(holders.paths(word) for word in words))
        self._receivers = Receivers(owners, defining, bases)
        self._fields = Fields(snapshot, self._receivers.classes)
        self._owners, self._holders = owners, holders
        self._naming: set[str] | None = None
        self._folders = {one.path.rpartition("/")[0] for one in aims if one.language in _SHARED_FOLDERS}

    def is_beside(self, path: str) -> bool:
        """Whether a file is in the same top folder as a definition; every file where one lies at the root."""
        return not self._tops or path.partition("/")[0] in self._tops

    def defines(self, path: str, line: int) -> bool:
        """Whether a mention is the definition itself, the first in its head. Asked in the order of lines."""
        heads = self._heads.get(path)
        if not heads:
            return False
        own = [head for head in heads if line in head]
        for head in own:
            heads.remove(head)
        return bool(own)

    def is_likely(self, path: str) -> bool:
        """Whether a file likely mentions what was asked for: it names the class or module, or is beside."""
        return self._alone or path in self._files or path.rpartition("/")[0] in self._folders

    def doubt(self, placement: Placement, text: str, match: re.Match[str], manner: Manner) -> Doubt:
        """How doubtful it is that a mention is one of what was asked for."""
        is_told = not (self._alone or self._shapeless) and self._members and manner in ("call", "use")
        declared = self._by_field(placement, text, match) if is_told else Doubt.SOME
        if declared is not Doubt.SOME and not self._is_assigned(text, match):
            return declared
        if not self._is_meant(placement, text, match, manner):
            return Doubt.MUCH
        if not is_told:
            return Doubt.NONE
        before = receiver(text, match.start(), placement.language)
        if before is None:  # ``close()`` in a class is its own
            before = "self"
        around = self._receivers.around(placement.symbol)
        told = self._receivers.doubt(before, around, placement.version_id, text)
        if told is Doubt.SOME and before and placement.language in _IMPLICIT:
            types = self._fields.declared(before, placement.path, anywhere=False)
            return self._receivers.of_types(types)
        return told

    def _by_field(self, placement: Placement, text: str, match: re.Match[str]) -> Doubt:
        """What the declared type of a field tells that the name is asked of: ``git.Branch.Checkout()``."""
        if not is_part(text, match.start(), placement.language):
            return Doubt.SOME
        before = receiver(text, match.start(), placement.language) or ""
        return self._receivers.of_types(self._fields.declared(before, placement.path, anywhere=True))

    def _is_assigned(self, text: str, match: re.Match[str]) -> bool:
        """Whether a name that is called elsewhere stands for a variable or an argument."""
        return self._is_called and _ASSIGNED.match(text, match.end()) is not None

    def _is_meant(self, placement: Placement, text: str, match: re.Match[str], manner: Manner) -> bool:
        """Whether a mention is likely one of what was asked for, by its file and by what stands beside it."""
        if self._shapeless or manner == "text":
            return True
        before = receiver(text, match.start(), placement.language)
        if self._is_extension and manner == "call" and before is None:
            return True  # ``option()`` in a class that has it by what it derives from
        if not self.is_likely(placement.path):
            return False
        if manner in ("import", "comment"):
            return True
        if self._is_assigned(text, match):
            return False
        if self._members:
            if before is not None:
                return True
            if self._bare.is_meant:
                is_named = manner == "call" or not is_variable(text, *match.span(), placement.language)
                return is_named and self._is_home(placement)
            if is_argument(text, match.end(), placement.language, placement.symbol):
                return True
            # ``get(key)`` inside the class is its own; ``key`` alone is a variable, but for Ruby
            at_home = placement.language in _IMPLICIT and self._is_home(placement)
            return at_home and (manner == "call" or placement.language in _UNBRACKETED or not self._is_called)
        if not self._free or before is None or before.casefold() in self._words:
            return True
        return self._is_named_after(before)

    def _is_named_after(self, before: str) -> bool:
        """Whether what stands before the point is a module that is meant under a name made of its own:
        ``from order import exceptions as order_exceptions``."""
        return self._alone and any(word in self._words for word in subwords(before)[-1:])

    def _is_home(self, placement: Placement) -> bool:
        """Whether a bare call in a file may be one of a member: in its own file, in one that names the class
        (to derive from it, or in a static import), and anywhere if there is nothing else of that name."""
        if placement.path in self._homes or (
            self._alone and (self._bare.is_everywhere or placement.language in _NO_GLOBALS)
        ):
            return True
        if self._naming is None:
            self._naming = set().union(*(self._holders.paths(owner) for owner in self._owners))
        return placement.path in self._naming


def _owner(one: StoredDefinition) -> str:
    """The class that a member belongs to; empty for what stands in a module."""
    if one.language in _BARE and one.symbol_kind not in ("method", "field"):
        return ""
    owner = one.qualified.rpartition(".")[0].rpartition(".")[2]
    return owner if one.symbol_kind not in CLASS_LIKE else ""


def _module(path: str) -> str:
    parts = module_of(path)
    return parts[-1] if parts else ""
