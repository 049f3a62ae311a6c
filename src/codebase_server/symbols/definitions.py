"""Exact lookup of names: qualified or not, whole or as a prefix, and all members of a class."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from codebase_server.chunks.kinds import CALLABLE, CLASS_LIKE
from codebase_server.files import is_vendored, kind_of
from codebase_server.search.globs import compile_glob
from codebase_server.search.pool import Pools
from codebase_server.store import Placement, Snapshot, StoredDefinition
from codebase_server.symbols.postings import Holders
from codebase_server.symbols.wanted import Wanted, without_keyword

MOST: Final = 10_000
"""Definitions looked at for one question; more share a name only in generated code."""

MOST_NAMED: Final = 20
"""Definitions read to see whether one bears a name as it stands."""

_FILE_ORDER: Final = {"code": 0, "tests": 1, "config": 2, "docs": 3}
"""A heading of a README that has a class's name must not stand before the class."""

_OF_USE: Final = frozenset({"type", "module", "namespace", "macro"})
"""Meant by a name as often as functions are, before the variables and fields that share it."""

_DECLARING: Final = (".h", ".hh", ".hpp", ".hxx", ".h++", ".pyi", ".d.ts", ".d.mts", ".d.cts")
"""Endings of files that declare what another file defines."""


@dataclass(frozen=True, slots=True)
class Defined:
    """A definition and the chunk that holds its first line; ``chunk_id`` is empty when no chunk does."""

    definition: StoredDefinition
    chunk_id: str


def find(
    snapshot: Snapshot, pools: Pools, name: str, *, symbol_kind: str | None, path: str | None, limit: int
) -> tuple[list[Defined], int]:
    """The definitions of a name, best first, and how many there are in all.

    Those in another case count only where nothing has the case that was asked for. Code comes before
    tests, tests before prose; what the whole name says before what the folders say; what is defined
    before what is declared; types and functions before variables; then by place.
    Raises `ValueError` for a glob that cannot be read.
    """
    wanted = asked(snapshot, name)
    matches = compile_glob(path) if path else None
    if not wanted.last and not name.strip().endswith("*"):
        return [], 0
    found = [
        (fit, definition)
        for fit, definition in fitting(snapshot, pools, wanted)
        if (symbol_kind is None or definition.symbol_kind.casefold() == symbol_kind.casefold())
        and (matches is None or matches.fullmatch(definition.path))
    ]
    ordered = in_order(same_case(found, wanted), wanted)
    return with_chunks(snapshot, ordered[:limit]), len(ordered)


def needs_all(name: str) -> bool:
    """Whether to find a name's definitions takes the whole index in memory: for the members of a class."""
    return Wanted.parse(name).members


def asked(snapshot: Snapshot, name: str) -> Wanted:
    """What a name asks for. What parts names elsewhere is part of one in Lisp and its kin: ``string->list``,
    ``call/cc``."""
    bare = without_keyword(name)
    if bare and not snapshot.definitions(name.strip(), limit=1):
        name = bare
    wanted, whole = Wanted.parse(name), name.strip()
    is_joined = (
        wanted.is_qualified and ("->" in whole or "/" in whole) and "." not in whole and "::" not in whole
    )
    if is_joined and any(one.name == whole for one in snapshot.definitions(whole, limit=MOST_NAMED)):
        return Wanted((whole,))
    return wanted


def same_case(
    found: Sequence[tuple[int, StoredDefinition]], wanted: Wanted
) -> Sequence[tuple[int, StoredDefinition]]:
    """Those in the case that was asked for, where code has one in it (``config`` is not ``Config``); a test
    or a heading of that name hides nothing."""
    same = [pair for pair in found if pair[1].name.lstrip("#$").startswith(wanted.last)]
    in_code = any(pair[1].symbol_kind not in ("section", "test") for pair in same)
    return same if in_code and not wanted.members else found


def in_another_case(found: Sequence[StoredDefinition], wanted: Wanted) -> bool:
    """Whether all that was found differs in case from what was asked for; of headings nobody minds it."""
    return not wanted.members and all(
        one.symbol_kind != "section"
        and not one.name.lstrip("#$").startswith(wanted.last)
        and one.name.lstrip("#$").casefold().startswith(wanted.last.casefold())
        for one in found
    )


def meant(snapshot: Snapshot, pools: Pools, wanted: Wanted) -> list[StoredDefinition]:
    """The definitions in code that a name means first of all: those that fit it best, in its case."""
    fitting_ = [
        pair for pair in fitting(snapshot, pools, wanted) if pair[1].symbol_kind not in ("section", "test")
    ]
    best = min((fit for fit, _ in fitting_), default=0)
    return [one for fit, one in same_case(fitting_, wanted) if fit == best]


def fitting(snapshot: Snapshot, pools: Pools, wanted: Wanted) -> list[tuple[int, StoredDefinition]]:
    """The definitions that a name may mean, in no order, and how loosely each fits (`Wanted.fit`)."""
    if wanted.members:
        return _members(snapshot, pools, wanted)
    named = snapshot.definitions(wanted.last, prefix=wanted.prefix, limit=MOST)
    if not named and not wanted.prefix:  # JavaScript's private members carry their sign
        named = snapshot.definitions("#" + wanted.last, limit=MOST)
        named = named or snapshot.definitions("$" + wanted.last, limit=MOST)  # and variables of SCSS
        return [(0, one) for one in named] if not wanted.is_qualified else []
    found = [(fit, one) for one in named if (fit := wanted.fit(one)) is not None]
    if found or not wanted.is_qualified:
        return found
    found = [(1, one) for one in named[:_MOST_READ] if _in_namespace(snapshot, one, wanted)]
    if not found and len(wanted.segments) > 2:  # a crate or vendor, which no folder is named after
        inner = Wanted(wanted.segments[1:], wanted.prefix)
        found = [(3, one) for one in named if inner.fit(one) is not None]
    return found


def _members(snapshot: Snapshot, pools: Pools, wanted: Wanted) -> list[tuple[int, StoredDefinition]]:
    """The direct members of a class or module, in whichever files they stand; 0 for those in its own."""
    whole = Wanted(wanted.segments)
    owners = [one for one in snapshot.definitions(wanted.last, limit=MOST) if whole.fit(one) is not None]
    # An extension of a type of another library has members here and no owner.
    names = {one.qualified for one in owners} or {".".join(wanted.segments)}
    own = {one.path for one in owners}
    paths = Holders(snapshot, pools).defining_paths(wanted.last) | own
    return [
        (int(path not in own), one)
        for path in sorted(paths)
        for one in snapshot.definitions(path=path, limit=MOST)
        if one.qualified.rpartition(".")[0] in names
    ]


_NAMESPACE: Final = re.compile(r"^[ \t]*(?:namespace|package)[ \t]+([\w.:\\]+)", re.MULTILINE)
_SEPARATOR: Final = re.compile(r"[.:\\]+")
_HEAD_CHUNKS: Final = 4
_MOST_READ: Final = 40


def _in_namespace(snapshot: Snapshot, definition: StoredDefinition, wanted: Wanted) -> bool:
    """Whether the file says that it belongs to the namespace that the name begins with."""
    own = definition.qualified.casefold().split(".")
    given = [segment.casefold() for segment in wanted.segments]
    if given[-len(own) :] != own:
        return False
    heads = snapshot.chunks_in(definition.path)[:_HEAD_CHUNKS]
    contents = snapshot.contents(one.version_id for one in heads)
    rest = given[: -len(own)]
    return any(
        _SEPARATOR.split(declared.casefold())[-len(rest) :] == rest
        for content in contents.values()
        for declared in _NAMESPACE.findall(content)
    )


def in_order(found: Iterable[tuple[int, StoredDefinition]], wanted: Wanted) -> list[StoredDefinition]:
    """Definitions with how loosely each fits, best first."""
    pairs = list(found)
    kinds = {one.path: kind_of(one.path, one.language) for _, one in pairs}
    is_declared = _declared(one for _, one in pairs if kinds[one.path] not in ("docs", "config"))

    def key(pair: tuple[int, StoredDefinition]) -> tuple[object, ...]:
        fit, one = pair
        kind = "tests" if one.symbol_kind == "test" and kinds[one.path] == "code" else kinds[one.path]
        if wanted.members:
            deep = one.qualified.count(".")
            return _FILE_ORDER[kind], is_vendored(one.path), fit, deep, one.path, one.start_line
        return (
            kind in ("docs", "config"),
            _FILE_ORDER[kind],
            is_vendored(one.path),
            fit,
            wanted.prefix and one.name != wanted.last,
            is_declared(one),
            _kind_rank(one.symbol_kind),
            one.symbol_kind == "constructor",  # of a class that has the same name
            one.qualified.count("."),
            one.path,
            one.start_line,
        )

    return [one for _, one in sorted(pairs, key=key)]


def _declared(code: Iterable[StoredDefinition]) -> Callable[[StoredDefinition], bool]:
    """Tells of a definition in code whether it only declares what another one there defines."""
    outside, in_headers = set(), set()
    for one in code:
        if not one.path.endswith(_DECLARING):
            outside.add(one.qualified)
        elif not one.signature.endswith(";"):  # ``template`` bodies stand in the header itself
            in_headers.add(one.qualified)

    def is_declared(one: StoredDefinition) -> bool:
        if not one.path.endswith(_DECLARING):
            return False
        return one.qualified in outside or (one.signature.endswith(";") and one.qualified in in_headers)

    return is_declared


def _kind_rank(kind: str) -> int:
    """What people mean by a name: the type before a function that makes one, both before variables."""
    if kind in CLASS_LIKE:
        return 0
    return 1 if kind in CALLABLE or kind in _OF_USE else 2


def with_chunks(snapshot: Snapshot, definitions: Sequence[StoredDefinition]) -> list[Defined]:
    """Each definition with the chunk that owns its first line."""
    chunks = {path: snapshot.chunks_in(path) for path in {one.path for one in definitions}}
    return [Defined(one, _chunk_id(one, chunks[one.path])) for one in definitions]


def _chunk_id(definition: StoredDefinition, chunks: Iterable[Placement]) -> str:
    owner = ""
    for chunk in chunks:
        if chunk.start_line <= definition.start_line <= chunk.end_line:
            return chunk.chunk_id
        if not owner and chunk.symbol == definition.qualified:
            owner = chunk.chunk_id
    return owner
