"""Answers as compact text: what an agent reads beside the structured record.

The same text is what ``max_tokens`` counts: four characters are one token.
One place in code is one head line, ``path:start-end symbol score id``, and its
code in a fence. A fence is always longer than any run of backticks inside, so
code can never end its own block; names and lines of code that stand in a line
of ours cannot begin another (`bridge.hosting.quotation`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from bridge.agreed.states import FOUND
from bridge.agreed.wording import counted, first_of
from bridge.hosting.quotation import fenced, one_line
from codebase_server.service.answers import (
    ChunkEntry,
    ChunksAnswer,
    IndexAnswer,
    IndexBlock,
    OutlineAnswer,
    OutlineEntry,
    SearchAnswer,
    SearchResult,
    Skipped,
    StatusAnswer,
    SymbolsAnswer,
    Usage,
)

CHARACTERS_PER_TOKEN: Final = 4
MOST_LANGUAGES: Final = 12
"""Languages that the state of an index names, those of most files first."""


def tokens(text: str) -> int:
    """The size of a text in tokens, as ``max_tokens`` counts them."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def of_search(answer: SearchAnswer) -> str:
    """A search answer as text."""
    shown, total = len(answer["results"]), answer["total_count"]
    head = f"{shown} of {total} {'match' if total == 1 else 'matches'}" if shown else "No matches"
    parts = [f"{head} ({_index(answer['index'])})", *(result(entry) for entry in answer["results"])]
    return _joined(parts, answer["warnings"])


def result(entry: SearchResult) -> str:
    """One search result: its head line and, if it has any, its code."""
    symbol = f" {entry['symbol']}" if entry["symbol"] else ""
    place = f"{entry['file_path']}:{entry['start_line']}-{entry['end_line']}"
    head = one_line(f"{place}{symbol} {entry['similarity_score']:.2f} {entry['chunk_id']}")
    if twins := entry.get("same_code_in"):
        head += one_line(f" (same in {', '.join(twins)})")
    content = entry.get("content", "")
    if content and entry.get("trimmed"):
        head += " (part)"
    return f"{head}\n{fenced(content, entry['language'])}" if content else head


def of_chunks(answer: ChunksAnswer) -> str:
    """Chunks, or what became of them, as text."""
    return _joined([_chunk(entry) for entry in answer["chunks"]], answer["warnings"])


def of_symbols(answer: SymbolsAnswer) -> str:
    """Definitions and usages as text."""
    shown = len(answer["results"])
    parts = [f"{shown} of {counted(answer['total_count'], 'definition')} ({_index(answer['index'])})"]
    for entry in answer["results"]:
        place = f"{entry['file_path']}:{entry['start_line']}-{entry['end_line']}"
        head = one_line(f"{place} {entry['symbol_kind']} {entry['symbol']} {entry['chunk_id']}")
        parts.append(f"{head}\n  {one_line(entry['signature'])}")
    if "usages" in answer:
        lines = _usage_lines(answer["usages"], answer["total_count"])
        parts.append("\n".join([counted(len(answer["usages"]), "usage"), *lines]))
    return _joined(parts, answer["warnings"])


def _usage_lines(usages: Iterable[Usage], definitions: int) -> Iterator[str]:
    """Usages in their order: a line for each chunk, then its own; what is doubtful under a title."""
    title, around = "", ""
    for usage in usages:
        wanted = _usage_title(usage, definitions)
        if wanted != title:
            title, around = wanted, ""
            yield f"{title}:"
        place = f"{usage['file_path']} {usage['symbol']}".rstrip() + f" {usage['chunk_id']}"
        if place != around:
            around = place
            yield one_line(place)
        yield one_line(f"  {usage['line']} {usage['text'].strip()}")


def _usage_title(usage: Usage, definitions: int) -> str:
    if usage["manner"] == "text":
        return "in prose and data"
    if usage["manner"] == "comment":
        return "in comments and strings"
    if usage["likely"]:
        return ""
    other = "another of this name" if definitions > 1 else "something of this name that is not indexed"
    return f"less likely, {other} may be meant"


def of_outline(answer: OutlineAnswer) -> str:
    """An outline as an indented tree."""
    head = f"{answer['path'] or '.'}: {_symbols(answer)} ({_index(answer['index'])})"
    return _joined([head, outline_lines(answer["entries"])], answer["warnings"])


def _symbols(answer: OutlineAnswer) -> str:
    shown, total = len(answer["entries"]), answer["total_count"]
    if shown == total == 1 and not answer["entries"][0]["symbol"]:
        return f"no symbols in {counted(answer['entries'][0]['end_line'], 'line')}"
    with_files = any(entry["symbol_kind"] == "file" for entry in answer["entries"])
    noun = ("file or symbol", "files and symbols") if with_files else ("symbol", "symbols")
    return f"{shown:,} of {counted(total, *noun)}" if shown < total else counted(total, *noun)


def outline_lines(entries: Iterable[OutlineEntry]) -> str:
    """Files and their symbols, one a line, indented by depth."""
    lines: list[str] = []
    file_path = ""
    for entry in entries:
        if entry["file_path"] != file_path:
            file_path = entry["file_path"]
            lines.append(one_line(file_path))
        if entry["symbol"]:
            indent = "  " * (entry["depth"] + 1)
            words = entry["signature"] or f"{entry['symbol_kind']} {entry['symbol']}"
            line = f"{indent}{entry['start_line']}-{entry['end_line']} {words} {entry['chunk_id']}"
            line = one_line(line).rstrip()
            if line != lines[-1]:  # ``attr_reader :a, :b`` defines two names
                lines.append(line)
    return "\n".join(lines)


def of_index(answer: IndexAnswer) -> str:
    """What a pass did, as text."""
    seconds = answer["duration_ms"] / 1000
    head = (
        f"Indexed {answer['files']:,} files, {answer['chunks']:,} chunks in {seconds:.1f} s "
        f"({answer['changed_files']:,} changed, {answer['removed_files']:,} removed); "
        f"generation {answer['generation']}"
    )
    return _joined([head, *_skipped(answer["skipped"])], answer["warnings"])


def of_status(answer: StatusAnswer) -> str:
    """The state of an index as text."""
    index = answer["index"]
    by_language = [f"{name} {count}" for name, count in answer["languages"].items()]
    languages = first_of(by_language, MOST_LANGUAGES)
    writer = "nobody" if answer["writer_pid"] is None else f"process {answer['writer_pid']}"
    lines = [
        f"root {answer['root']}",
        f"repository {answer['repository']}",
        f"state {answer['state']}, generation {answer['generation']}, coverage {answer['coverage']:.0%}",
        f"{index['files']:,} files, {index['chunks']:,} chunks, "
        f"{index['pending_files']:,} files and {index['pending_vectors']:,} vectors pending",
        f"languages {languages or 'none'}",
        f"embedder {answer['embedder']}",
        f"database {answer['database_bytes'] / 1e6:.1f} MB, writer {writer}",
        *_skipped(answer["skipped"]),
    ]
    if answer["last_error"]:
        lines.append(f"last error: {answer['last_error']}")
    return _joined(["\n".join(lines)], answer["warnings"])


def _chunk(entry: ChunkEntry) -> str:
    if entry["state"] not in FOUND:
        return _lost_chunk(entry)
    place = f"{entry['file_path']}:{entry['start_line']}-{entry['end_line']}"
    head = f"{place} {entry['symbol']} {entry['chunk_id']} {entry['state']} {entry['content_hash']}"
    parts = [one_line(head)]
    if entry["content"]:
        parts.append(fenced(entry["content"], entry["language"]))
    elif entry["reason"]:
        parts.append(one_line(f"  {entry['reason']}"))
    if entry.get("diff"):
        parts.append(fenced(entry["diff"], "diff"))
    elif "diff" in entry and entry["reason"]:
        parts.append(one_line(f"  {entry['reason']}"))
    parts.extend(
        one_line(f"  was {version['content_hash']} in {version['file_path']} at {version['generation']}")
        for version in entry.get("history", [])
        if not version["current"]
    )
    return "\n".join(parts)


def _lost_chunk(entry: ChunkEntry) -> str:
    parts = [one_line(f"{entry['ref']} {entry['state']}: {entry['reason']}")]
    was = entry["was"]
    if was:
        place = f"{was.get('file_path', '')}:{was.get('start_line', 0)}-{was.get('end_line', 0)}"
        parts.append(one_line(f"  last seen as {was.get('symbol', '')} in {place}"))
        if was.get("content"):
            parts.append(fenced(was["content"]))
    parts.extend(
        one_line(
            f"  perhaps {candidate['file_path']}:{candidate['start_line']}-{candidate['end_line']} "
            f"{candidate['symbol']} {candidate['score']:.2f} {candidate['chunk_id']}"
        )
        for candidate in entry["candidates"]
    )
    return "\n".join(parts)


def _skipped(rows: Sequence[Skipped]) -> list[str]:
    return [
        f"skipped {row['count']:,} {row['reason']}"
        + (f": {', '.join(row['examples'])}" if row["examples"] else "")
        for row in rows
    ]


def _index(block: IndexBlock) -> str:
    text = f"index {block['state']}, {block['files']:,} files"
    if block["pending_files"]:
        text += f", {block['pending_files']:,} pending"
    return text


def _joined(parts: Iterable[str], warnings: Iterable[str]) -> str:
    told = (one_line(f"Warning: {warning}") for warning in warnings)
    return "\n\n".join([*(part for part in parts if part), *told])
