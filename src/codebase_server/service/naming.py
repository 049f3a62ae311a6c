"""`find_symbol` and `outline`: exact names, and what a file or folder holds."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from codebase_server.index.denial import Denial
from codebase_server.service import paths, text
from codebase_server.service.answers import (
    OutlineAnswer,
    OutlineEntry,
    SymbolResult,
    SymbolsAnswer,
    Usage,
)
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

    def look() -> SymbolsAnswer:
        with opened.snapshot() as snapshot:
            try:
                return _look(snapshot, opened, name, symbol_kind, path, usages, limit)
            except ValueError as problem:
                raise InvalidArgumentError(str(problem)) from problem

    answer = look()
    shown = [*answer["results"], *answer.get("usages", [])]
    if opened.index.refresh_paths({one["file_path"] for one in shown}):  # edited or moved this very moment
        answer = look()
    if not answer["results"]:
        denial = opened.index.make_sure(began)
        if denial is Denial.LOOKED_AGAIN:
            answer = look()
        elif denial is Denial.UNSURE:
            answer["warnings"].insert(0, opened.unsure())
    answer["warnings"] = [*freshness, *answer["warnings"]]
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
    warnings: list[str] = []
    behind: list[StoredDefinition] = []
    found, total = definitions.find(
        snapshot, opened.pools, name, symbol_kind=symbol_kind, path=path, limit=limit
    )
    if not total and symbol_kind is None and path is None:
        other = elsewhere.look(snapshot, opened.pools, name)
        behind = other.definitions
        found, total = definitions.with_chunks(snapshot, behind[:limit]), len(behind)
        warnings += [other.said] if other.said else []
    elif not total:
        others, count = definitions.find(
            snapshot, opened.pools, name, symbol_kind=None, path=None, limit=MOST_UNFILTERED
        )
        if count:
            unfiltered = [one.definition for one in others]
            warnings.append(elsewhere.filtered(symbol_kind, path, unfiltered))
    answer: SymbolsAnswer = {
        "results": [_result(one) for one in found],
        "total_count": total,
        "latency_ms": 0.0,
        "index": opened.block(snapshot),
        "warnings": warnings,
    }
    if usages:
        mentions, count, likely = using.find(snapshot, opened.pools, name, behind, path=path, limit=limit)
        answer["usages"] = [_usage(one) for one in mentions]
        if count > len(mentions):
            more = " or more" if count >= using.MOST_COUNTED else ""
            usages_ = "usages" if likely == count else f"usages ({likely:,} likely)"
            shown = f"Showing {len(mentions)} of {count:,}{more} {usages_}"
            warnings.append(f"{shown}; raise `limit` or give a `path`.")
    return answer


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
    with opened.snapshot() as snapshot:
        found = snapshot.files(relative)
        if not found and relative:
            raise _not_indexed(snapshot, path, relative)
        if len(found) == 1 and found[0].path == relative:
            rows = outlining.of_file(snapshot, relative, depth)
            kept, total = (
                rows if max_tokens is None else _Budget(max_tokens, relative, warnings).cut(rows),
                len(rows),
            )
        else:
            budget = _Budget(max_tokens or MAP_TOKENS, relative, warnings)
            kept, total = outlining.of_folder(
                snapshot, opened.central(snapshot), found, depth, _Budget.size, budget.room
            )
        index = opened.block(snapshot)
    return {
        "path": relative,
        "entries": [_entry(row) for row in kept],
        "total_count": total,
        "latency_ms": round((time.perf_counter() - started) * 1000, 3),
        "index": index,
        "warnings": warnings,
    }


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
