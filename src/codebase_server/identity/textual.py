"""References written as text: a symbol, lines or a whole file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bridge.agreed import states
from bridge.agreed.resolution import Candidate, LastKnown, ReferenceQuery, Resolution
from bridge.agreed.syntax import ParsedReference, parse
from codebase_server.files import relative_to_root
from codebase_server.identity import by_name, held, whole
from codebase_server.identity.judge import Judge
from codebase_server.identity.meant import Meant
from codebase_server.identity.nearby import (
    MOST,
    SAME_NAME_ELSEWHERE,
    SAME_SYMBOL_ELSEWHERE,
    WENT_THERE,
    definitions_near,
    dotted,
    files_near,
    last_name,
    named_so,
)
from codebase_server.store import IndexedFile, Placement


def resolve_symbol(judge: Judge, query: ReferenceQuery, reference: ParsedReference) -> Resolution:
    """``path::Qualified.symbol``: the chunks it was linked to if known, else what bears the name now.

    A class stands for all that is in it. One linked when references to classes meant their heads goes on so.
    A constant, a macro or a prototype, which share a chunk with their neighbours, mean that chunk.
    """
    kept, symbol = query.snapshot, _as_named(reference.symbol, reference.path)
    if kept is not None and kept.chunk_ids and any(judge.placement(chunk_id) for chunk_id in kept.chunk_ids):
        if len(kept.chunk_ids) > 1:
            return whole.follow(judge, query, kept)
        found = judge.chunks(query, kept.chunk_ids)
        return held.judged(judge, found, kept, symbol)
    path = relative(judge, reference.path)
    named = symbol_chunks(judge, path, symbol)
    if named:
        parts = whole.parts_of(judge, named)
        if kept is None:
            return whole.link(judge, query, parts, named[0].symbol)
        if len(kept.chunk_ids) > 1:
            return by_name.compare(judge, query, kept, parts)
        meant = Meant(kept.path, kept.symbol, kept.content_hash, kept.code, kept.truncated)
        return judge.found(query, named[0], meant)
    if kept is not None and kept.chunk_ids:
        return whole.follow(judge, query, kept)
    if holding := held.holding(judge, path, symbol):
        return whole.link(judge, query, holding, holding[0].symbol)
    if (other := _in_a_file_with_colons(judge, reference)) is not None:
        resolved = {"symbol": resolve_symbol, "lines": resolve_lines, "path": resolve_path}
        return resolved[other.form](judge, query, other)
    return _nothing_named(judge, query, path, symbol)


def resolve_lines(judge: Judge, query: ReferenceQuery, reference: ParsedReference) -> Resolution:
    """``path:start-end``: the chunks it was linked to, else those that own the lines now."""
    kept = query.snapshot
    if kept is not None and kept.chunk_ids:
        return judge.chunks(query, kept.chunk_ids)
    path = relative(judge, reference.path)
    touched = judge.snapshot.chunks_at(path, reference.start_line, reference.end_line)
    if not touched:
        known = _file_at(judge, path) is not None
        what = (
            f"'{path}' has no line {reference.start_line} in the index." if known else _no_file(judge, path)
        )
        return judge.missing(query, path, what)
    symbol = touched[0].symbol if len({placement.symbol for placement in touched}) == 1 else ""
    return whole.link(judge, query, touched, symbol)


def resolve_path(judge: Judge, query: ReferenceQuery, reference: ParsedReference) -> Resolution:
    """``path``: the file itself, by its content."""
    path, kept = relative(judge, reference.path), query.snapshot
    here = _file_at(judge, path)
    if kept is not None and kept.path not in ("", path):  # it went there, and that was accepted
        accepted = _file_at(judge, kept.path)
        if accepted is not None or here is None:
            path, here = kept.path, accepted
    if here is not None:
        if kept is None or not kept.content_hash or kept.content_hash == here.content_hash:
            return _as_file(judge, query, here, "valid")
        return _as_file(judge, query, here, "changed", reason=states.FILE_CHANGED)
    if kept is None:
        return _no_such_file(judge, query, path)
    same = judge.snapshot.files_with_content(kept.content_hash) if kept.content_hash else []
    if len(same) == 1:
        return _as_file(judge, query, same[0], "moved", reason=states.FILE_MOVED)
    heir = judge.twins.heir(path)
    file = (
        next((one for one in [*same, *judge.snapshot.files(heir)] if one.path == heir), None)
        if heir
        else None
    )
    if file is not None and file in same:
        reason = f"Same content, other path: {len(same)} files have it, and its code went to this one."
        return _as_file(judge, query, file, "moved", reason=reason)
    if file is not None:
        return _as_file(judge, query, file, "changed", reason="Most of its code is now in this file.")
    was = LastKnown(file_path=kept.path, content=kept.code, content_hash=kept.content_hash)
    if judge.snapshot.left_out(path):
        return judge.missing(query, path, "")
    candidates = [Candidate("", one.path, "", 1, one.line_count, 1.0) for one in same[:MOST]]
    return judge.gone(query, was, candidates, _equal_files(same))


def _file_at(judge: Judge, path: str) -> IndexedFile | None:
    return next((file for file in judge.snapshot.files(path) if file.path == path), None)


def _nothing_named(judge: Judge, query: ReferenceQuery, path: str, symbol: str) -> Resolution:
    """Why ``path::symbol`` names nothing, with what may have been meant."""
    near = definitions_near(judge.snapshot, path, symbol)
    here = [one for one, _ in near if one.path == path and last_name(one.symbol) == last_name(symbol)]
    if len({one.symbol for one in here}) > 1:
        what = f"'{symbol}' is ambiguous in '{path}': write one of {', '.join(one.symbol for one in here)}."
    elif _file_at(judge, path) is not None:
        what = f"No definition '{symbol}' in '{path}'."
    else:
        what = _no_file(judge, path)
        if heir := judge.twins.heir(path):
            near = [*((one, WENT_THERE) for one in symbol_chunks(judge, heir, symbol)[:1]), *near]
            near = list({one.chunk_id: (one, score) for one, score in reversed(near)}.values())[::-1]
        is_vague = not near or near[0][1] <= SAME_NAME_ELSEWHERE
        if is_vague and (meant := named_so(judge.snapshot, f"{path}::{symbol}")):
            near = [(one, SAME_SYMBOL_ELSEWHERE) for one in meant]
            what = f"'{path}' is no file. {_written(f'{path}::{symbol}')}"
    candidates = tuple(judge.candidate(placement, score) for placement, score in near[:MOST])
    return judge.missing(query, path, what, candidates)


_NO_PATH = (
    (r"wi_\w+", "is the id of a work item, not of code: get_work_item of workflow-server shows it"),
    (r"c_\w*", "is no chunk id: those are c_ and 12 of the letters a-z and digits 2-7"),
    (r"r_\w+", "is the id of a repository, not of code in it"),
)
"""What people give for an id of code, and what to tell them."""


_FOLDER = (
    "'{path}' is a folder, and no reference follows one. Name a file in it, as path, or code, "
    "as path::Qualified.symbol or path:line."
)

_NAME = r"[^\W\d]\w*(?:(?:\.|::|#)[^\W\d]\w*)*[?!]?"
"""A name as code writes it, qualified or not. A file's name with its suffix reads like one, too."""


def _no_such_file(judge: Judge, query: ReferenceQuery, path: str) -> Resolution:
    """A path that leads nowhere; where it may be the name of a definition, with those of that name."""
    if judge.snapshot.files(path):
        return judge.missing(query, path, _FOLDER.format(path=path))
    file, _, symbol = path.rpartition("#")
    if file and (inside := symbol_chunks(judge, file, _as_named(symbol))):
        candidates = tuple(judge.candidate(placement, SAME_SYMBOL_ELSEWHERE) for placement in inside[:MOST])
        return judge.missing(query, path, f"A definition is written {file}::{symbol}.", candidates)
    name = _as_named(path)
    is_name = re.fullmatch(_NAME, name) and not files_near(judge.snapshot, path)
    near = named_so(judge.snapshot, name) if is_name else []
    candidates = tuple(judge.candidate(placement, SAME_SYMBOL_ELSEWHERE) for placement in near[:MOST])
    return judge.missing(query, path, _no_file(judge, path, is_name=bool(near)), candidates)


def _no_file(judge: Judge, path: str, *, is_name: bool = False) -> str:
    for pattern, told in _NO_PATH:
        if re.fullmatch(pattern, path):
            return f"'{path}' {told}."
    if heir := judge.twins.heir(path):
        return f"No file '{path}' in the index any more: most of its code is now in '{heir}'."
    near = [one for one in files_near(judge.snapshot, path) if one != path]
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    if not meant and (is_name or re.fullmatch(r"\w+", path)):
        meant = f" {_written(path)}"
    return f"No file '{path}' in the index.{meant}"


def _as_named(symbol: str, path: str = "") -> str:
    """A name as the index has it: without the brackets of a call, ``total()``, or of a receiver,
    ``(*Shelf).Put``, and without the sign of a macro of Rust, ``price!``."""
    if "operator" in symbol:
        return symbol
    if path.endswith(".rs"):
        symbol = symbol.removesuffix("!")
    return re.sub(r"\s*\([^()]*\)$", "", re.sub(r"^\(\s*\*?\s*([\w.]+)\s*\)(?=\.)", r"\1", symbol))


def _in_a_file_with_colons(judge: Judge, reference: ParsedReference) -> ParsedReference | None:
    """The reference split elsewhere, where ``::`` belongs to the name of an indexed file."""
    if "::" in reference.path:
        return None
    names = [reference.path, *reference.symbol.split("::")]
    for end in range(2, len(names) + 1):
        # Read with another sign in its place, so that the rest is split as ever.
        other = parse("::".join(["\0".join(names[:end]), *names[end:]]))
        path = relative(judge, other.path.replace("\0", "::"))
        if _file_at(judge, path) is not None:
            return replace(other, path=path)
    return None


def _equal_files(same: Sequence[IndexedFile]) -> str:
    """Why a file is gone of which copies are left."""
    return f"Gone from here; {len(same)} files have the same content." if same else ""


def _written(name: str) -> str:
    return f"A definition is written path::{name}; find_symbol tells where it is."


def relative(judge: Judge, path: str) -> str:
    """A path relative to the root; absolute ones that lead into it are cut."""
    if not Path(path).is_absolute():
        return path.rstrip("/")
    try:
        inside = relative_to_root(path, Path(judge.snapshot.root))
    except (OSError, ValueError):
        inside = None
    return path.rstrip("/") if inside is None else inside


def symbol_chunks(judge: Judge, path: str, symbol: str) -> list[Placement]:
    """Chunks of a symbol in a file (several when it was long), by its whole name or, if that is
    clear, by the end of it."""
    exact = judge.snapshot.find_chunks(symbol, path)
    if exact:
        return sorted(exact, key=lambda placement: placement.start_line)
    ending = f".{dotted(symbol)}"
    inside = [placement for placement in judge.snapshot.chunks_in(path) if placement.symbol]
    near = [placement for placement in inside if ("." + placement.symbol).endswith(ending)]
    if not near:  # ``Changes.md::7.1.5``: the name of a heading has blanks for its dots
        heading = ending.replace(".", " ")
        near = [
            placement
            for placement in inside
            if placement.symbol_kind == "section"
            and (" " + placement.symbol.replace(".", " ")).endswith(heading)
        ]
    return near if len({placement.symbol for placement in near}) == 1 else []


def _as_file(
    judge: Judge, query: ReferenceQuery, file: IndexedFile, state: str, reason: str = ""
) -> Resolution:
    kept = query.snapshot
    was = None
    if kept is not None and state != "valid":
        was = LastKnown(file_path=kept.path, content=kept.code, content_hash=kept.content_hash)
    return judge.answer(
        query,
        state,  # type: ignore[arg-type]  # one of the three words its callers give
        file_path=file.path,
        start_line=1 if file.line_count else 0,
        end_line=file.line_count,
        content_hash=file.content_hash,
        was=was,
        reason=reason,
    )
