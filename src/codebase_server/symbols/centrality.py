"""How central files and names are: how many other files import and mention them.

Counted from the text index in one reading of it, for all names at once: a
generation's counts are made when a map of it is first asked for.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from codebase_server.chunks.kinds import CALLABLE, CLASS_LIKE
from codebase_server.files import is_vendored
from codebase_server.search.candidates.codes import weight_table
from codebase_server.search.candidates.postings import Block
from codebase_server.search.pool import Pools
from codebase_server.search.stored import StoredCorpus
from codebase_server.search.views import RootView
from codebase_server.store import IndexedFile, Snapshot
from codebase_server.symbols.depths import in_map
from codebase_server.symbols.importing import Importing
from codebase_server.symbols.postings import term_of
from codebase_server.terms import subwords

_KIND_WEIGHT: Final = {"code": 1.0, "tests": 0.25, "docs": 0.1, "config": 0.1}
"""A map is for the program; tests and prose follow it, and what they mention counts little."""

_COUNTED: Final = CALLABLE | CLASS_LIKE | {"type", "macro", "constant", "module", "namespace"}
_SHORTEST: Final = 3
_MOST_HOMES: Final = 5
"""Files. A name that more of them define (``run``, ``main``) says nothing of any."""

_ONE_WORD_TYPE: Final = 0.6
"""Of a type's name of one word: most variables called ``response`` are of the type, but not all."""

_ONE_WORD: Final = 0.1
"""Of any other name of one word (``get``, ``error``): the same word means much else."""

_DECLARED_MODULE: Final = 0.1
"""Of a module in small letters (``mod recipe;``): what it holds is defined and counted elsewhere."""

_VALUE: Final = 0.1
"""Of a constant beside a type or a function: a file of many is mentioned everywhere, and tells little."""

_VENDORED: Final = 0.25
_BESIDE: Final = 0.25
_HELPING: Final = (
    r"\w*test_?(?:ing|util\w*|support|helpers?|kit|harness)|\w*test-functions|\w*_?compat|mock\w*(?:-\w+)?"
)
_BESIDE_PATH: Final = re.compile(
    r"(?:^|/)(?:(?:bench(?:mark)?s?|benches|examples?|samples?|demos?|fixtures?|testdata|playground|tools|scripts"
    rf"|hack|contrib|docs?(?:[_-]\w+)?|{_HELPING})/|(?:{_HELPING}|shims?|polyfills?)\.\w+$)",
    re.IGNORECASE,
)
"""What shows, measures, builds or tests what the repository is for, or makes up for other versions."""

_SERVING: Final = 0.7
_SERVING_PATH: Final = re.compile(
    r"(?:^|/)_?(?:utils?|utilit(?:y|ies)|helpers?|exceptions?|errors?|constants?|logger|logging)\.\w+$",
    re.IGNORECASE,
)
"""What everything uses whatever it does: nobody would begin with it."""

_DECLARED_WEIGHT: Final = 0.5
_DECLARING: Final = frozenset({"proto", "graphql", "thrift"})
"""Languages of which programs are made: what these mention is counted for the declaration."""

_AT_THE_DOOR: Final = 3.0
"""Imports that one counts for in the file that stands for its package: what that imports is for others."""
_DOORS: Final = re.compile(r"(?:^|/)(?:__init__|index|mod|lib|main)\.\w+$")

_OF_CHUNKS: Final = 0.8
"""What a logarithm of a file's size counts beside those of its imports and mentions."""

_IN_CODE: Final = weight_table((0.0, 0.0, 1.0, 0.0, 1.0)) > 0


class Centrality:
    """The counts of one generation of a root."""

    def __init__(
        self, references: Mapping[str, float], weights: Mapping[str, float], held: Mapping[str, Sequence[int]]
    ) -> None:
        self._references, self._weights, self._held = references, weights, held

    def definitions_in(self, path: str, depth: int) -> int:
        """How many definitions a file has in its upper `depth` levels."""
        return sum(self._held.get(path, ())[:depth])

    def of_name(self, name: str) -> float:
        """Files but its own that have a top-level name, tests and prose for less; shared among its homes."""
        return self._references.get(name, 0.0)

    def of_file(self, path: str) -> float:
        """How central a file is; only good for comparing."""
        return self._weights.get(path, 0.0)


def measured(snapshot: Snapshot, pools: Pools) -> Centrality:
    """Count the imports and mentions of all types, and of what stands at the top level of its file."""
    view = pools.view(StoredCorpus(snapshot), "")
    number = {path: i for i, path in enumerate(view.table.paths)}
    homes: dict[str, set[int]] = {}
    values: set[str] = set()
    worth: dict[str, float] = {}
    held: dict[str, list[int]] = {}
    for path, rows in itertools.groupby(snapshot.definition_names(), key=lambda row: row[0]):
        inside = list(rows)
        depths = in_map([(qualified, parent, kind) for _, _, qualified, parent, kind in inside])
        counts = held[path] = []
        for _, name, qualified, _, kind in inside:
            if qualified not in depths:
                continue
            depth = depths[qualified]
            counts.extend([0] * (depth + 1 - len(counts)))
            counts[depth] += 1
            if (
                (not depth or kind in CLASS_LIKE)
                and kind in _COUNTED
                and len(name) >= _SHORTEST
                and path in number
            ):
                homes.setdefault(name, set()).add(number[path])
                (values.add if kind == "constant" else values.discard)(name)
                worth[name] = max(worth.get(name, 0.0), _worth(name, kind))
    homes = {name: files for name, files in homes.items() if len(files) <= _MOST_HOMES}
    mentions = dict(zip(homes, _mentions(snapshot, view, homes).tolist(), strict=True))
    references = {name: count / len(homes[name]) * worth[name] for name, count in mentions.items()}
    of_file: defaultdict[int, float] = defaultdict(float)
    for name, at in homes.items():
        for home in at:
            of_file[home] += references[name] * (_VALUE if name in values else 1.0)
    files = snapshot.files()
    used = {file.path: of_file[number.get(file.path, -1)] for file in files}
    own = {file.path: _own_weight(file) for file in files}
    doors = {path: weight * (_AT_THE_DOOR if _DOORS.search(path) else 1.0) for path, weight in own.items()}
    imported = Importing(files, used).counted(files, doors)
    weights = {
        path: own[path] * _weight(imported.get(path, 0.0), used[path], file.chunk_count)
        for path, file in ((file.path, file) for file in files)
    }
    return Centrality(references, weights, held)


def _worth(name: str, kind: str) -> float:
    """How much a mention of a name says of what is defined by it."""
    if kind == "module" and name[:1].islower():
        return _DECLARED_MODULE
    if len(subwords(name)) > 1:
        return 1.0
    return _ONE_WORD_TYPE if kind in CLASS_LIKE and not name.isupper() else _ONE_WORD  # URL is others' too


def _own_weight(file: IndexedFile) -> float:
    """What a file counts by what it is for: the program, or what is beside it."""
    weight = _KIND_WEIGHT.get(file.kind, 1.0) * (_VENDORED if is_vendored(file.path) else 1.0)
    weight *= _SERVING if _SERVING_PATH.search(file.path) else 1.0
    weight *= _DECLARED_WEIGHT if file.language in _DECLARING else 1.0
    return weight * (_BESIDE if _BESIDE_PATH.search(file.path) and file.kind != "tests" else 1.0)


def _weight(imports: float, references: float, chunks: int) -> float:
    return 1.0 + math.log1p(imports) + math.log1p(references) + _OF_CHUNKS * math.log1p(chunks)


def _mentions(snapshot: Snapshot, view: RootView, homes: Mapping[str, set[int]]) -> NDArray[np.float64]:
    """For each name the weight of the files, other than its homes, whose code has it."""
    of_names = np.array([term_of(name) for name in homes], np.int64)
    terms = np.sort(of_names)
    terms = terms[np.diff(terms, prepend=terms[:1] - 1) != 0]
    slot = np.searchsorted(terms, of_names)
    width = max(len(view.table.paths), 1)
    found = np.sort(np.concatenate([np.zeros(0, np.int64), *_pairs(snapshot, view, terms, width)]))
    found = found[np.diff(found, prepend=-1) != 0]
    weights = np.array([_KIND_WEIGHT.get(kind, 1.0) for kind in view.table.kinds] or [0.0])
    everywhere = np.bincount(found // width, weights[found % width], minlength=len(terms))[slot]
    own = [int(slot[i]) * width + file for i, files in enumerate(homes.values()) for file in files]
    at_home = np.isin(own, found)
    counted = np.repeat(np.arange(len(homes)), [len(files) for files in homes.values()])
    home_weight = weights[np.array(own, np.int64) % width] * at_home
    at_homes = np.bincount(counted, home_weight, minlength=len(homes))
    rest: NDArray[np.float64] = np.maximum(everywhere - at_homes, 0.0)
    return rest


def _pairs(
    snapshot: Snapshot, view: RootView, terms: NDArray[np.int64], width: int
) -> Sequence[NDArray[np.int64]]:
    """``term * width + file`` of every live chunk whose code has one of the sorted terms."""
    pairs = []
    query = "SELECT data FROM posting WHERE segment_id = ?"
    for header, place in zip(view.text.headers, view.text.places, strict=True):
        for (data,) in snapshot.connection.execute(query, (header.segment_id,)):
            block = Block(data)
            at = np.minimum(np.searchsorted(terms, block.terms), max(len(terms) - 1, 0))
            wanted = np.flatnonzero(terms[at] == block.terms) if len(terms) else at[:0]
            if not len(wanted):
                continue
            ends = block.ends.astype(np.int64)
            starts = np.append(0, ends[:-1])[wanted]
            sizes = ends[wanted] - starts
            within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
            positions = np.repeat(starts, sizes) + within
            live = place[block.documents[positions]]
            kept = (live >= 0) & _IN_CODE[block.codes[positions]]
            files = view.table.file_of[live[kept]].astype(np.int64)
            found = np.repeat(at[wanted], sizes)[kept] * width + files
            # Chunks of a file follow each other: most repetitions are neighbours.
            pairs.append(found[np.diff(found, prepend=-1) != 0])
    return pairs
