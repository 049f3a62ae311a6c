"""Is a class that is renamed everywhere known again? Each class of a tree alone, by its reference."""

from __future__ import annotations

import itertools
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bridge.agreed.resolution import ReferenceQuery, Resolution
from bridge.agreed.snapshots import Snapshot as Kept
from bridge.agreed.states import FOUND
from codebase_server.identity import resolve
from codebase_server.index import IndexOptions, RootIndex
from codebase_server.store import Registry, StoredDefinition

KINDS = frozenset({"class", "struct", "interface", "enum", "trait", "type", "protocol", "record", "object"})


@dataclass(frozen=True)
class Renamed:
    """One class under another name: ``verdict`` is followed, offered, lost or wrong."""

    title: str
    lines: int
    verdict: str
    state: str
    reason: str


def renamed(tree: Path, world: Path, most: int) -> Iterator[Renamed]:
    """At most so many classes of a tree, drawn with a fixed seed, each renamed in all files and back."""
    folder = world / "project"
    shutil.copytree(tree, folder)
    options = IndexOptions(watch=False, workers=0, embedder="none")
    index = RootIndex(folder, Registry(world / "data"), options, repository="r_bench")
    try:
        index.run_pass()
        with index.snapshot() as snapshot:
            names = Counter(row[1] for row in snapshot.definition_names())
            single = [name for name in sorted(names) if names[name] == 1]
            found = [one for name in single for one in snapshot.definitions(name) if one.name == name]
            texts = {folder / one.path: _text(folder / one.path) for one in snapshot.files()}
        classes = [one for one in found if one.symbol_kind in KINDS and re.fullmatch(r"[\w$]{4,}", one.name)]
        judged = (_judged(index, one, texts) for one in random.Random(3).sample(classes, len(classes)))
        yield from itertools.islice((one for one in judged if one is not None), most)
    finally:
        index.close()


def _judged(index: RootIndex, one: StoredDefinition, texts: dict[Path, str]) -> Renamed | None:
    """None for a class that shares a chunk with others: a reference means that chunk."""
    ref = f"{one.path}::{one.qualified}"
    linked = _asked(index, ReferenceQuery(ref))
    if linked.symbol != one.qualified:
        return None
    kept = Kept(
        linked.repository, linked.file_path, linked.start_line, linked.end_line, linked.symbol,
        linked.content_hash, linked.chunk_ids, linked.chunk_hashes, linked.content,
    )  # fmt: skip
    new, word = f"{one.name}Anew", re.compile(rf"(?<![\w$]){re.escape(one.name)}(?![\w$])")
    changed = {file: text for file, text in texts.items() if word.search(text)}
    for file, text in changed.items():
        file.write_text(word.sub(lambda _: new, text), "utf-8", "surrogateescape", newline="")
    index.run_pass()
    found = _asked(index, ReferenceQuery(ref, snapshot=kept))
    for file, text in changed.items():
        file.write_text(text, "utf-8", "surrogateescape", newline="")
    index.run_pass()
    there = found.file_path == one.path and new in found.symbol.split(".")
    offered = any(new in candidate.symbol.split(".") for candidate in found.candidates)
    is_gone = found.state not in FOUND
    verdict = ("offered" if offered else "lost") if is_gone else "followed" if there else "wrong"
    lines = one.end_line - one.start_line + 1
    return Renamed(f"{ref} ({one.symbol_kind})", lines, verdict, found.state, found.reason)


def _asked(index: RootIndex, query: ReferenceQuery) -> Resolution:
    with index.snapshot() as snapshot:
        return resolve.resolve(snapshot, [query], content=True)[0]


def _text(file: Path) -> str:
    with file.open(encoding="utf-8", errors="surrogateescape", newline="") as stream:
        return stream.read()
