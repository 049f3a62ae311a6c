"""What thresholds cost: functions that lost their name or file, matched again at every threshold.

Between two commits of a real history, the functions that no name tells are put
to `identity.match` together with everything else that changed; git's line
history (and what was read by hand) says where they went. Half of the
repositories choose a threshold, the other half checks it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Self
from unittest import mock

from bench.identity.history import squeezed
from bench.identity.sources import LANGUAGES, Function, Sources, git
from bench.identity.truth import Fate, Truth
from codebase_server.files.kinds import kind_of
from codebase_server.identity import Piece, Rules
from codebase_server.identity.match import match
from codebase_server.identity.similarity import profile
from codebase_server.index.prepare import prepare_source
from codebase_server.records import SourceFile
from codebase_server.store.packing import unpack

THRESHOLDS = {
    "similar_in_file": (0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
    "similar_body": (0.5, 0.6, 0.7, 0.75, 0.8, 0.9),
    "same_name": (0.2, 0.4, 0.5, 0.6, 0.7, 0.8),
    "same_symbol": (0.0, 0.2, 0.4, 0.6, 0.8),
    "margin": (0.0, 0.04, 0.08, 0.12, 0.2),
}


@dataclass
class Score:
    """Functions that live on and were found; those given a wrong heir, living or dead; those that died."""

    alive: int = 0
    found: int = 0
    wrong: int = 0
    dead: int = 0
    raised: int = 0

    def __iadd__(self, other: Score) -> Self:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)
        return self


@dataclass(frozen=True)
class Step:
    """Two commits: what vanished, what appeared, with their code, and the questions put to the match."""

    vanished: tuple[Piece, ...]
    appeared: tuple[Piece, ...]
    codes: dict[tuple[bool, int], str]
    places: dict[int, tuple[int, int]]
    asked: tuple[tuple[int, Fate], ...]

    def score(self, rules: Rules) -> Score:
        matched = match(self.vanished, self.appeared, self._code_of, rules).matches
        found = {pair.vanished: pair.appeared for pair in matched}
        score = Score()
        for key, fate in self.asked:
            heir = found.get(key)
            if fate.now is None:
                score.dead += 1
                score.raised += heir is not None
                score.wrong += heir is not None
            else:
                right = heir is not None and self._is(heir, fate.now)
                score.alive += 1
                score.found += right
                score.wrong += heir is not None and not right
        return score

    def _code_of(self, asked: Sequence[Piece]) -> Sequence[str]:
        return [self.codes[bool(piece.owner), piece.key] for piece in asked]

    def _is(self, heir: int, now: Function) -> bool:
        piece = self.appeared[heir]
        start, end = self.places[heir]
        return piece.path == now.path and start <= now.end and end >= now.start and piece.name == now.name


def steps(origin: Path, *, commits: int, count: int) -> list[Step]:
    """The steps of a repository's last ``commits`` first-parent commits."""
    with tempfile.TemporaryDirectory() as world:
        repository = Path(world) / "repository"
        git(Path(world), "clone", "-q", "--shared", "--no-checkout", str(origin.absolute()), str(repository))
        line = git(repository, "rev-list", "--first-parent", f"--max-count={commits + 1}", "HEAD").split()
        picked = [line[round((len(line) - 1) * (count - at) / count)] for at in range(count + 1)]
        name = origin.parent.name.replace("+", "/")
        return [
            _step(name, repository, first, last) for first, last in pairwise(squeezed(repository, picked))
        ]


def measure(origin: Path, *, commits: int, count: int) -> dict[tuple[str, float], Score]:
    """The score of a repository at each value of each threshold, the others as they are."""
    told: dict[tuple[str, float], Score] = {}
    for step in steps(origin, commits=commits, count=count):
        # The same code is met at every value: its profile is made once.
        with mock.patch("codebase_server.identity.pieces.profile", cache(profile)):
            for name, values in THRESHOLDS.items():
                for value in values:
                    rules = Rules(name_successors=False, **{name: value})  # type: ignore[arg-type]  # a float's
                    told.setdefault((name, value), Score())
                    told[name, value] += step.score(rules)
    return told


def summed(scores: Iterable[Score]) -> Score:
    """All of them together."""
    total = Score()
    for score in scores:
        total += score
    return total


def _step(name: str, repository: Path, first: str, last: str) -> Step:
    before, after = Sources(repository, first), Sources(repository, last)
    changed = [path for path in before.paths if after.paths.get(path) != before.paths[path]]
    come = [path for path in after.paths if before.paths.get(path) != after.paths[path]]
    codes: dict[tuple[bool, int], str] = {}
    old, old_places = _pieces(before, changed, codes, lambda key: f"old {key}")
    new, new_places = _pieces(after, come, codes, lambda key: "")
    truth = Truth(name, before, after, _renamed(repository, first, last))
    asked = []
    for piece in old:
        function = before.functions(piece.path).get(piece.symbol)
        if function is None or piece.part or not _overlaps(function, old_places[piece.key]):
            continue
        fate = truth.of(function)
        if not fate.unsure and fate.by != "name":
            asked.append((piece.key, fate))
    return Step(tuple(old), tuple(new), codes, new_places, tuple(asked))


def _overlaps(function: Function, lines: tuple[int, int]) -> bool:
    return lines[0] <= function.end and lines[1] >= function.start


def _pieces(
    sources: Sources,
    paths: Iterable[str],
    codes: dict[tuple[bool, int], str],
    owner: Callable[[int], str],
) -> tuple[list[Piece], dict[int, tuple[int, int]]]:
    made: list[Piece] = []
    places: dict[int, tuple[int, int]] = {}
    for path in paths:
        language = LANGUAGES[Path(path).suffix]
        text = sources.text(path).replace("\r\n", "\n")
        file = prepare_source(SourceFile(path, text, "0" * 32, language, kind_of(path, language), len(text)))
        for at, chunk in enumerate(file.chunks):
            key = len(made)
            piece = Piece(
                key, owner(key), path, chunk.symbol, chunk.part, chunk.ordinal, at,
                chunk.normal_hash, chunk.size, file.language,
            )  # fmt: skip
            made.append(piece)
            codes[bool(piece.owner), key] = unpack(chunk.data)
            places[key] = (chunk.start_line, chunk.end_line)
    return made, places


def _renamed(repository: Path, first: str, last: str) -> dict[str, str]:
    told = git(repository, "diff", "-M", "--diff-filter=R", "--name-status", first, last)
    return {was: became for _, was, became in (line.split("\t") for line in told.splitlines())}
