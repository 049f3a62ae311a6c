"""`outline`: what a file holds, and a map of a folder."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from codebase_server.index.denial import Denial
from codebase_server.service import paths, text, unindexed
from codebase_server.service.answers import OutlineAnswer, OutlineEntry
from codebase_server.service.current import Look, answered, seen
from codebase_server.service.errors import CodebaseError, InvalidArgumentError, PathNotFoundError
from codebase_server.symbols import outline as of_code
from codebase_server.symbols.outline import Outlined
from codebase_server.symbols.places import places_ending

if TYPE_CHECKING:
    from codebase_server.service.opened import OpenRoot
    from codebase_server.store import IndexedFile, Snapshot

_MOST_OFFERED: Final = 3

MAP_TOKENS: Final = 4_000
"""Size of a folder's map unless `max_tokens` says otherwise: an overview, not a listing."""


def outline(
    opened: OpenRoot, path: str, depth: int | None, max_tokens: int | None, told: Sequence[str] = ()
) -> OutlineAnswer:
    """The symbols of a file, or a map of a folder. Raises `PathOutsideRootError`, `PathNotFoundError`.

    :param told: warnings that the answer begins with.
    """
    started, began = time.perf_counter(), time.monotonic()
    relative = paths.inside(path, opened.root.path)
    warnings = [*told, *opened.freshen()]
    if relative:
        opened.index.refresh_paths([relative])
        evident = opened.is_unindexed(relative)
        if evident and opened.index.make_sure(began, evident=True) is Denial.UNSURE:
            warnings.append(opened.unsure())

    def look() -> Look[OutlineAnswer]:
        with opened.snapshot() as snapshot:
            found = snapshot.files(relative)
            if not found and relative and not opened.is_still_to_come(relative):
                raise _nothing_at(snapshot, path, relative)
            if len(found) == 1 and found[0].path == relative:
                rows, compared = of_code.of_file(snapshot, relative, depth), [relative]
                total, said = len(rows), [*warnings, *_read_in_part(found[0])]
                kept = rows if max_tokens is None else _Budget(max_tokens, relative, said).cut(rows)
            else:
                said = warnings
                budget, compared = _Budget(max_tokens or MAP_TOKENS, relative, warnings), []
                kept, total = of_code.of_folder(
                    snapshot, opened.central(snapshot), found, depth, _Budget.size, budget.room
                )
            block = opened.block(snapshot)
            answer: OutlineAnswer = {
                "path": relative,
                "entries": [_entry(row) for row in kept],
                "total_count": total,
                "latency_ms": 0.0,
                "index": block,
                "warnings": [*said, *unindexed.nothing_at_all(snapshot, block)],
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
        rows, _ = of_code.of_folder(
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
        return rows if self.size(rows) <= self.room else of_code.fitting(rows, self.size, self.room)


def _nothing_at(snapshot: Snapshot, given: str, relative: str) -> CodebaseError:
    if reason := unindexed.why_not(snapshot, relative):
        return PathNotFoundError(reason, unindexed.LISTED)
    if any(mark in relative for mark in "*?["):
        return InvalidArgumentError(
            f"outline takes a file or a folder, and '{given}' is a glob.",
            "Name the folder, or give the glob to search_code or find_symbol as `path`.",
        )
    import difflib

    known = [file.path for file in snapshot.files()]
    near = places_ending(known, relative, _MOST_OFFERED)
    near = near or difflib.get_close_matches(relative, known, n=_MOST_OFFERED, cutoff=0.6)
    hint = f"Did you mean {', '.join(near)}?" if near else "outline without a path maps the whole root."
    return PathNotFoundError(f"Nothing is indexed at '{given}'.", hint)


def _read_in_part(file: IndexedFile) -> list[str]:
    """That an outline may lack something: a grammar lost its way, or a program wrote the file."""
    if not file.had_errors:
        return []
    return [
        f"{file.path} is read in part: the grammar of {file.language} does not understand all of it, so "
        "definitions may be missing here. search_code finds their code all the same."
    ]


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
