"""`find_symbol`: exact names, and the lines that mention them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from codebase_server.chunks.kinds import CALLABLE, CLASS_LIKE
from codebase_server.search.globs import compile_glob
from codebase_server.service import paths, unindexed
from codebase_server.service.answers import (
    SymbolResult,
    SymbolsAnswer,
    Usage,
)
from codebase_server.service.current import Look, answered, seen
from codebase_server.service.errors import InvalidArgumentError
from codebase_server.symbols import components, definitions, elsewhere, inner, keys
from codebase_server.symbols import usages as using
from codebase_server.symbols.definitions import Defined
from codebase_server.symbols.postings import Holders
from codebase_server.symbols.receivers import Doubt
from codebase_server.symbols.wanted import Wanted

if TYPE_CHECKING:
    from codebase_server.service.opened import OpenRoot
    from codebase_server.store import Snapshot, StoredDefinition

_STAR: Final = (
    "A * stands only at the end of a name: 'load*' finds what begins so. "
    "For names that hold a word anywhere, ask search_code for the word."
)

MOST_UNFILTERED: Final = 100
"""Definitions counted that a filter leaves out."""
LONGEST_LINE: Final = 300
"""Characters of a usage's line that are shown: minified lines would drown the answer."""


def find_symbol(
    opened: OpenRoot,
    name: str,
    symbol_kind: str | None,
    path: str | None,
    usages: bool,
    limit: int,
    told: Sequence[str] = (),
) -> SymbolsAnswer:
    """Definitions of a name and, when asked for, the lines that mention it.

    :param told: warnings that the answer begins with.
    """
    started, began = time.perf_counter(), time.monotonic()
    if not name.strip().strip("*"):
        raise InvalidArgumentError(
            f"'{name.strip()}' would be every name." if name.strip() else "The name is empty.",
            "Give a name, Class.method, or a prefix such as 'load*'. outline maps all there is.",
        )
    if path is not None:
        path = paths.glob_inside(path, opened.root.path)
    freshness = [*told, *opened.freshen()]

    def look() -> Look[SymbolsAnswer]:
        with opened.snapshot() as snapshot:
            try:
                answer = _look(snapshot, opened, name, symbol_kind, path, usages, limit)
            except ValueError as problem:
                raise InvalidArgumentError(str(problem)) from problem
            shown = [*answer["results"], *answer.get("usages", [])]
            return seen(snapshot, answer, (one["file_path"] for one in shown))

    now = answered(opened, look, began=began, denies=_denies)
    answer = now.answer
    answer["warnings"] = [*freshness, *now.warnings(opened), *answer["warnings"]]
    answer["latency_ms"] = round((time.perf_counter() - started) * 1000, 3)
    return answer


def _denies(answer: SymbolsAnswer) -> bool:
    """Whether it says that something is nowhere: the name, or, when asked for, any mention of it."""
    return not answer["results"] or ("usages" in answer and not answer["usages"])


def _look(
    snapshot: Snapshot,
    opened: OpenRoot,
    name: str,
    symbol_kind: str | None,
    path: str | None,
    usages: bool,
    limit: int,
) -> SymbolsAnswer:
    named = _named(snapshot, opened, name, symbol_kind, path, limit)
    warnings = named.warnings
    is_counted = usages and named.is_certain and opened.is_read(snapshot)
    if not named.is_certain or (usages and not is_counted):
        lacking = (
            "usages were not looked up" if named.total else "what else the name may be was not looked up"
        )
        warnings.append(opened.unread(snapshot.chunks_count, lacking))
    if not named.total and "*" in name.strip().rstrip("*"):
        warnings.insert(0, _STAR)
    answer: SymbolsAnswer = {
        "results": [_result(one) for one in named.found],
        "total_count": named.total,
        "latency_ms": 0.0,
        "index": opened.block(snapshot),
        "warnings": warnings,
    }
    if empty := unindexed.nothing_at_all(snapshot, answer["index"]):
        warnings[:] = empty
    if usages:
        mentions, count, likely = (
            using.find(snapshot, opened.pools, name, named.behind, path=path, limit=limit)
            if is_counted
            else ([], 0, 0)
        )
        answer["usages"] = [_usage(one) for one in mentions]
        left_out = unindexed.what_else(snapshot)
        if left_out and not any(left_out in said for said in warnings):
            warnings.append(left_out)
        if count > len(mentions):
            more = " or more" if count >= using.MOST_COUNTED else ""
            of_them = f"{likely:,}" if likely else "none"
            usages_ = "usages" if likely == count else f"usages ({of_them} likely in code)"
            shown = f"Showing {len(mentions)} of {count:,}{more} {usages_}"
            warnings.append(f"{shown}; raise `limit` or give a `path`.")
    return answer


@dataclass(slots=True)
class _Named:
    """The definitions of a name: the first few and how many; those meant by a name that none bears; what is
    to be said of it, and whether all that it may be was looked up."""

    found: list[Defined] = field(default_factory=list)
    total: int = 0
    behind: list[StoredDefinition] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    is_certain: bool = True


def _named(
    snapshot: Snapshot, opened: OpenRoot, name: str, symbol_kind: str | None, path: str | None, limit: int
) -> _Named:
    if definitions.needs_all(name) and not opened.is_read(snapshot):
        return _Named(is_certain=False)
    named = _Named()
    named.found, named.total = definitions.find(
        snapshot, opened.pools, name, symbol_kind=symbol_kind, path=path, limit=limit
    )
    _add_components(named, snapshot, opened, name, symbol_kind, path, limit)
    if named.behind:
        return named
    if named.total:
        wanted = definitions.asked(snapshot, name)
        if definitions.in_another_case([one.definition for one in named.found], wanted):
            shown = named.found[0].definition.name
            said = f"No definition is named {wanted.last} in this case: {shown} is shown."
            is_read = opened.is_read(snapshot)
            key = keys.where_set(Holders(snapshot, opened.pools), wanted) if is_read else ""
            named.warnings.append(f"{said} {key}".strip())
        elif symbol_kind is None and path is None and named.total <= limit and opened.is_read(snapshot):
            _add_bodies(named, snapshot, opened, wanted, limit)
        return named
    if symbol_kind is None and path is None:
        if not opened.is_read(snapshot):
            named.is_certain = False
            return named
        other = elsewhere.look(snapshot, opened.pools, name)
        named.behind = other.definitions
        named.found = definitions.with_chunks(snapshot, named.behind[:limit])
        named.total = len(named.behind)
        lacking = ""
        if not named.total:
            table = Holders(snapshot, opened.pools).view.table
            nameless = unindexed.without_names(table.paths, table.languages)
            lacking = " ".join(filter(None, (unindexed.what_else(snapshot), nameless)))
        named.warnings += [" ".join(filter(None, (other.said, lacking)))] if other.said or lacking else []
        return named
    others, count = definitions.find(
        snapshot, opened.pools, name, symbol_kind=None, path=None, limit=MOST_UNFILTERED
    )
    if count:
        unfiltered = [one.definition for one in others]
        named.warnings.append(elsewhere.filtered(symbol_kind, path, unfiltered))
    if left_out := unindexed.warning(snapshot, path):
        named.warnings.append(left_out)
    elif not count:
        named.warnings.append(f"No outline lists {name}, also without the filter: ask without it for more.")
    return named


def _add_components(
    named: _Named,
    snapshot: Snapshot,
    opened: OpenRoot,
    name: str,
    symbol_kind: str | None,
    path: str | None,
    limit: int,
) -> None:
    """Put the files that are the component of a name before what has it in another case or as a variable."""
    if symbol_kind not in (None, components.KIND) or not opened.is_read(snapshot):
        return
    table = Holders(snapshot, opened.pools).view.table
    matches = compile_glob(path) if path else None
    files = [
        one
        for one in components.named(snapshot, table, name.strip())
        if matches is None or matches.fullmatch(one.path)
    ]
    if not files:
        return
    first = named.found[0].definition if named.found else None
    is_defined = (
        first is not None and first.name == name.strip() and first.symbol_kind in CLASS_LIKE | CALLABLE
    )
    shown = definitions.with_chunks(snapshot, files)
    named.found = [*named.found, *shown] if is_defined else [*shown, *named.found]
    named.found = named.found[:limit]
    named.total += len(files)
    named.behind = files


def _add_bodies(named: _Named, snapshot: Snapshot, opened: OpenRoot, wanted: Wanted, limit: int) -> None:
    """Put the lines that define a function before what only declares it, where no outline lists them."""
    rows = [one.definition for one in named.found]
    bodies = inner.with_body(Holders(snapshot, opened.pools), wanted, rows)
    if not bodies:
        return
    named.found = [*definitions.with_chunks(snapshot, bodies), *named.found][:limit]
    named.total += len(bodies)
    first = bodies[0]
    named.warnings.append(
        f"No outline lists {first.path}:{first.start_line}: shown is the line that makes {wanted.last}, "
        "inside other code or where the grammar lost its way."
    )


def _result(one: Defined) -> SymbolResult:
    found = one.definition
    return {
        "chunk_id": one.chunk_id,
        "symbol": found.qualified,
        "symbol_kind": found.symbol_kind,
        "file_path": found.path,
        "start_line": found.start_line,
        "end_line": found.end_line,
        "signature": found.signature,
        "language": found.language,
    }


def _usage(one: using.Usage) -> Usage:
    return {
        "file_path": one.placement.path,
        "line": one.line,
        "text": one.text[:LONGEST_LINE],
        "chunk_id": one.placement.chunk_id,
        "symbol": one.placement.symbol,
        "manner": one.manner,
        "likely": one.doubt < Doubt.MUCH,
    }
