"""Which members of a class, an enum or a module are used by their bare names, and how such a use looks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from codebase_server.store import Snapshot, StoredDefinition

_EVERYWHERE: Final = frozenset({"haskell", "ocaml"})
"""Languages in which constructors and what a module holds are used by their bare names."""

_ENUMERATORS: Final = frozenset({"c", "cpp", "objc", "haskell", "ocaml"})
"""Languages in which the constants of an enum need neither its name nor an import."""

_IMPORTED: Final = _ENUMERATORS | frozenset({"rust", "java", "kotlin", "scala", "swift", "groovy", "csharp"})
"""Languages in which they do without its name where they are imported, or where the value is known."""

_MIXED_IN: Final = frozenset({"ruby", "crystal"})
"""Languages whose modules are classes without instances: what they hold is not seen by itself."""

_MODULES: Final = frozenset({"module", "namespace"})

_SIGNED: Final = frozenset({"elixir"})
"""Languages in which a bare name without brackets is a variable, unless it is captured or piped into."""

_BEFORE: Final = re.compile(r"(?:&|\|>)\s*\Z")
_ARITY: Final = re.compile(r"/\d")
_GIVEN: Final = re.compile(r"[ \t]*=(?!=)")
MOST_OWNERS: Final = 64
"""Owners looked up for one question; each costs a query."""


class Bare:
    """Whether what is meant is used by its bare name.

    :param aims: the definitions that are meant.
    """

    def __init__(self, snapshot: Snapshot, aims: Iterable[StoredDefinition]) -> None:
        modules: dict[tuple[str, str], bool] = {}
        everywhere, anywhere = [], []
        for one in aims:
            owner = one.qualified.rpartition(".")[0].rpartition(".")[2], one.language
            if owner not in modules and len(modules) < MOST_OWNERS:
                modules[owner] = _is_module(snapshot, owner)
            is_free = modules.get(owner, False) or one.language in _EVERYWHERE
            is_member = one.symbol_kind == "member"
            everywhere.append(is_free or (is_member and one.language in _ENUMERATORS))
            anywhere.append(everywhere[-1] or (is_member and one.language in _IMPORTED))
        self.is_meant = bool(anywhere) and all(anywhere)
        """Whether all that is meant may be used so, if only where it is defined or imported."""
        self.is_everywhere = bool(everywhere) and all(everywhere)
        """Whether that needs no word of the class, enum or module in the file."""


def is_variable(text: str, start: int, end: int, language: str) -> bool:
    """Whether a bare name without brackets stands for a variable: ``ready`` in Elixir, but not ``&ready/1``
    and ``x |> ready``."""
    if language not in _SIGNED:
        return False
    return _BEFORE.search(text, max(0, start - 80), start) is None and _ARITY.match(text, end) is None


def is_equation(text: str, start: int, language: str) -> bool:
    """Whether a name begins a line where that defines it: each clause of a function in Haskell, and its
    signature."""
    return language == "haskell" and text[start - 1 : start] in ("", "\n")


def is_argument(text: str, end: int, language: str, symbol: str) -> bool:
    """Whether a bare name is what a Terraform module is given: ``module "a" { name = 1 }``."""
    return language == "hcl" and symbol.startswith("module.") and _GIVEN.match(text, end) is not None


def _is_module(snapshot: Snapshot, owner: tuple[str, str]) -> bool:
    name, language = owner
    if not name or language in _MIXED_IN:
        return False
    owners = [
        one
        for one in snapshot.definitions(name, limit=MOST_OWNERS)
        if one.language == language and one.name == name  # the index folds case
    ]
    return bool(owners) and all(one.symbol_kind in _MODULES for one in owners)
