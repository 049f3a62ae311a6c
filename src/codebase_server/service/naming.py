"""`find_symbol` and `outline`: exact names, and what a file or folder holds."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from codebase_server.index.denial import Denial
from codebase_server.service import paths, text, unindexed
from codebase_server.service.answers import (
    OutlineAnswer,
    OutlineEntry,
    SymbolResult,
    SymbolsAnswer,
    Usage,
)
from codebase_server.service.current import Look, answered, seen
from codebase_server.service.errors import InvalidArgumentError, PathNotFoundError
from codebase_server.symbols import definitions, elsewhere
from codebase_server.symbols import outline as outlining
from codebase_server.symbols import usages as using
from codebase_server.symbols.definitions import Defined
from codebase_server.symbols.outline import Outlined
from codebase_server.symbols.receivers import Doubt

if TYPE_CHECKING:
    from codebase_server.service.opened import OpenRoot
    from codebase_server.store import Snapshot, StoredDefinition

MAP_TOKENS: Final = 4_000
"""Size of a folder's map unless `max_tokens` says otherwise: an overview, not a listing."""
MOST_UNFILTERED: Final = 100
"""Definitions counted that a filter leaves out."""
LONGEST_LINE: Final = 300
"""Characters of a usage's line that are shown: minified lines would drown the answer."""


def find_symbol(
    opened: OpenRoot, name: str, symbol_kind: str | None, path: str | None, usages: bool, limit: int
) -> SymbolsAnswer:
    """Definitions of a name and, when asked for, the lines that mention it."""
    started, began = time.perf_counter(), time.monotonic()
    if not name.strip().strip("*"):
        raise InvalidArgumentError(
            "The name is empty.", "Give a name, Class.method, or a prefix such as 'load*'."
        )
    if path is not None:
        path = paths.glob_inside(path, opened.root.path)
    freshness = opened.freshen()

    def look() -> Look[SymbolsAnswer]:
        with opened.snapshot() as snapshot:
            try:
                answer = _look(snapshot, opened, name, symbol_kind, path, usages, limit)
            except ValueError as problem:
                raise InvalidArgumentError(str(problem)) from problem
            shown = [*answer["results"], *answer.get("usages", [])]
            return seen(snapshot, answer, (one["file_path"] for one in shown))

    now = answered(opened, look, began=began, denies=lambda answer: not answer["results"])
    answer = now.answer
    answer["warnings"] = [*freshness, *now.warnings(opened), *answer["warnings"]]
    answer["latency_ms"] = round((time.perf_counter() - started) * 1000, 3)
    return answer


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
    answer: SymbolsAnswer = {
        "results": [_result(one) for one in named.found],
        "total_count": named.total,
        "latency_ms": 0.0,
        "index": opened.block(snapshot),
        "warnings": warnings,
    }
    if usages:
        mentions, count, likely = (
            using.find(snapshot, opened.pools, name, named.behind, path=path, limit=limit)
            if is_counted
            else ([], 0, 0)
        )
        answer["usages"] = [_usage(one) for one in mentions]
        if left_out := unindexed.what_else(snapshot):
            warnings.append(left_out)
        if count > len(mentions):
            more = " or more" if count >= using.MOST_COUNTED else ""
            usages_ = "usages" if likely == count else f"usages ({likely:,} likely)"
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
    if named.total:
        return named
    if symbol_kind is None and path is None:
        if not opened.is_read(snapshot):
            named.is_certain = False
            return named
        other = elsewhere.look(snapshot, opened.pools, name)
        named.behind = other.definitions
        named.found = definitions.with_chunks(snapshot, named.behind[:limit])
        named.total = len(named.behind)
        lacking = "" if named.total else unindexed.what_else(snapshot)
        named.warnings += [" ".join(filter(None, (other.said, lacking)))] if other.said or lacking else []
        return named
    others, count = definitions.find(
        snapshot, opened.pools, name, symbol_kind=None, path=None, limit=MOST_UNFILTERED
    )
    if count:
        unfiltered = [one.definition for one in others]
        named.warnings.append(elsewhere.filtered(symbol_kind, path, unfiltered))
    if left_out := unindexed.why_not(snapshot, path):
        named.warnings.append(left_out)
    elif not count:
        named.warnings.append(f"No outline lists {name}, also without the filter: ask without it for more.")
    return named


def outline(opened: OpenRoot, path: str, depth: int | None, max_tokens: int | None) -> OutlineAnswer:
    """The symbols of a file, or a map of a folder. Raises `PathOutsideRootError`, `PathNotFoundError`."""
    started, began = time.perf_counter(), time.monotonic()
    relative = paths.inside(path, opened.root.path)
    warnings = opened.freshen()
    if relative:
        opened.index.refresh_paths([relative])
        evident = opened.is_unindexed(relative)
        if evident and opened.index.make_sure(began, evident=True) is Denial.UNSURE:
            warnings.append(opened.unsure())

    def look() -> Look[OutlineAnswer]:
        with opened.snapshot() as snapshot:
            found = snapshot.files(relative)
            if not found and relative and not opened.is_still_to_come(relative):
                raise _not_indexed(snapshot, path, relative)
            if len(found) == 1 and found[0].path == relative:
                rows, compared = outlining.of_file(snapshot, relative, depth), [relative]
                total = len(rows)
                kept = rows if max_tokens is None else _Budget(max_tokens, relative, warnings).cut(rows)
            else:
                budget, compared = _Budget(max_tokens or MAP_TOKENS, relative, warnings), []
                kept, total = outlining.of_folder(
                    snapshot, opened.central(snapshot), found, depth, _Budget.size, budget.room
                )
            answer: OutlineAnswer = {
                "path": relative,
                "entries": [_entry(row) for row in kept],
                "total_count": total,
                "latency_ms": 0.0,
                "index": opened.block(snapshot),
                "warnings": warnings,
            }
            return seen(snapshot, answer, compared)

    now = answered(opened, look, began=began)
    answer = now.answer
    answer["warnings"] += now.warnings(opened)
    answer["latency_ms"] = round((time.perf_counter() - started) * 1000, 3)
    return answer


def sample_query(opened: OpenRoot) -> str:
    """The words of the weightiest documented function's name: a question the repository can answer."""
    with opened.snapshot() as snapshot:
        central = opened.central(snapshot)
        rows, _ = outlining.of_folder(
            snapshot, central, snapshot.files(), 2, _Budget.size, _Budget(MAP_TOKENS).room
        )
    names = [row.defined.definition.name for row in rows if row.defined is not None]
    longest = max(names, key=lambda name: (len(_words(name)) in (2, 3), len(name)), default="")
    return " ".join(_words(longest))


class _Budget:
    """How many lines of an outline fit into `max_tokens` of text."""

    HEAD: Final = 120
    """Characters of the answer's own first line, but for the path in it."""

    def __init__(self, max_tokens: int, path: str = "", warnings: Sequence[str] = ()) -> None:
        told = sum(len(f"\n\nWarning: {warning}") for warning in warnings)
        self.room = max_tokens * text.CHARACTERS_PER_TOKEN - self.HEAD - len(path) - told

    @staticmethod
    def size(rows: Sequence[Outlined]) -> int:
        """Characters that rows take, with the break before them."""
        return len(text.outline_lines(_entry(row) for row in rows)) + 1

    def cut(self, rows: list[Outlined]) -> list[Outlined]:
        """The rows of one file that fit."""
        return rows if self.size(rows) <= self.room else outlining.fitting(rows, self.size, self.room)


def _not_indexed(snapshot: Snapshot, given: str, relative: str) -> PathNotFoundError:
    reason = snapshot.skipped(relative)
    if reason:
        return PathNotFoundError(
            f"'{given}' is not indexed: {reason}.", "index_status lists what is skipped."
        )
    if any(mark in relative for mark in "*?["):
        raise InvalidArgumentError(
            f"outline takes a file or a folder, and '{given}' is a glob.",
            "Name the folder, or give the glob to search_code or find_symbol as `path`.",
        )
    import difflib

    near = difflib.get_close_matches(relative, [file.path for file in snapshot.files()], n=3, cutoff=0.6)
    hint = f"Did you mean {', '.join(near)}?" if near else "outline without a path maps the whole root."
    return PathNotFoundError(f"Nothing is indexed at '{given}'.", hint)


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


def _entry(row: Outlined) -> OutlineEntry:
    if row.defined is None:
        return {
            "file_path": row.path,
            "symbol": "",
            "symbol_kind": "file",
            "start_line": 1,
            "end_line": row.line_count,
            "depth": 0,
            "chunk_id": "",
            "signature": "",
        }
    found = row.defined.definition
    return {
        "file_path": row.path,
        "symbol": found.qualified,
        "symbol_kind": found.symbol_kind,
        "start_line": found.start_line,
        "end_line": found.end_line,
        "depth": row.depth,
        "chunk_id": row.defined.chunk_id,
        "signature": found.signature,
    }


def _words(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name)]
