"""Where the functions of one commit are in a later one, told by names and by git alone.

In this order: the same unique qualified name in the same file, or in the file
that git says this one became; then which of the function's lines git's line
history finds in which function now (`git blame`, moves and copies followed).
A function lives on where most of its lines went, is dead where hardly any went
anywhere, and is *unsure* between, and where name and lines contradict each
other. Many of those that their name does not tell were read by hand:
``labels.csv`` keeps what was found and why. A place found so wins over name and
lines, a death over lines.
"""

from __future__ import annotations

import csv
import re
import subprocess
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

from bench.identity.sources import Function, Sources, git

LABELS = Path(__file__).with_name("labels.csv")
_LIVES, _DEAD = 0.5, 0.15
"""Shares of the lines that say something: from the one on it lives there, up to the other it is gone."""
_TELLING = re.compile(r"\w\W*\w\W*\w\W*\w")


@dataclass(frozen=True)
class Fate:
    """What became of a function: where it is now, or that it is dead (None), or unsure and why."""

    now: Function | None
    by: str
    unsure: bool = False


_UNSURE = Fate(None, "unsure", unsure=True)


@dataclass
class Truth:
    """Fates of the functions of ``before`` in ``after``."""

    name: str
    before: Sources
    after: Sources
    renamed: dict[str, str]
    _holders: dict[str, list[Function]] = field(default_factory=dict)

    def of(self, function: Function) -> Fate:
        labelled = self._labelled(function)
        if labelled is not None and labelled.now is not None:
            return labelled
        for path in dict.fromkeys((function.path, self.renamed.get(function.path, function.path))):
            if path not in self.after.paths:
                continue
            same = self.after.functions(path).get(function.symbol)
            if same is not None:
                return self._confirmed(
                    function, Fate(same, "name" if path == function.path else "git's rename and name")
                )
            if function.symbol in self.after.doubled(path):
                return _UNSURE
        return labelled or self._by_lines(function)

    def _confirmed(self, function: Function, named: Fate) -> Fate:
        """What the name says, unless hardly a line is left there and git finds them in another function."""
        now = named.now
        if now is None or self._kept(function, now) > _DEAD:
            return named
        by_lines = self._by_lines(function)
        if by_lines.now is None or by_lines.now == now:
            return named
        return _UNSURE

    def _kept(self, function: Function, now: Function) -> float:
        """The share of a function's telling lines that stand in another one, wherever there."""
        wanted = self._telling_lines(function)
        lines = function.text.split("\n")
        there = {line.strip() for line in now.text.split("\n")}
        kept = sum(lines[line - function.start].strip() in there for line in wanted)
        return kept / len(wanted) if wanted else 1.0

    def _labelled(self, function: Function) -> Fate | None:
        """What was found by reading: the first of the labelled places that is there at this commit."""
        labels = _labels().get((self.name, function.path, function.symbol), ())
        for label in labels:
            path, _, symbol = label.partition("::")
            now = self.after.functions(path).get(symbol) if path in self.after.paths else None
            if now is not None:
                return Fate(now, "hand")
        if "unsure" in labels:
            return _UNSURE
        return Fate(None, "hand") if "dead" in labels else None

    def _by_lines(self, function: Function) -> Fate:
        """Git's line history: which functions of now hold the lines."""
        wanted = self._telling_lines(function)
        if not wanted:
            return _UNSURE
        holders: Counter[tuple[str, str]] = Counter()
        anywhere: set[int] = set()
        for path in self._where_lines_may_be(function):
            for line, old_path, old_line in self._origins(path):
                if old_path == function.path and old_line in wanted:
                    anywhere.add(old_line)
                    owner = self._owner(path, line)
                    if owner is not None:
                        holders[path, owner.symbol] += 1
        if holders:
            (best, count), *others = holders.most_common(2)
            rival = others[0][1] if others else 0
            if count / len(wanted) >= _LIVES and rival < count / 2 and best not in self.before.all:
                return Fate(self.after.all[best], "git's line history")
        if len(anywhere) / len(wanted) <= _DEAD and not self._same_name_elsewhere(function):
            return Fate(None, "git's line history")
        return _UNSURE

    def _telling_lines(self, function: Function) -> set[int]:
        lines = function.text.split("\n")[1:] or [function.text]
        return {
            function.start + at for at, line in enumerate(lines, 1 if len(lines) > 1 else 0)
            if _TELLING.search(line)
        }  # fmt: skip

    def _same_name_elsewhere(self, function: Function) -> bool:
        """A new function of the same name somewhere: too much of a coincidence to call the old one dead."""
        if not self._holders:
            holders = defaultdict(list)
            for key, one in self.after.all.items():
                if key not in self.before.all:
                    holders[one.name.lower()].append(one)
            self._holders = dict(holders)
        return bool(self._holders.get(function.name.lower()))

    def _where_lines_may_be(self, function: Function) -> list[str]:
        """Files of now that differ from then and hold some of the function's longer lines."""
        lines = {line.strip() for line in function.text.split("\n")[1:]}
        longer = sorted((line for line in lines if len(line) > 14), key=len, reverse=True)[:8]
        paths = [
            path for path in self._changed() if any(line in self.after.text(path) for line in longer)
        ]  # fmt: skip
        home = self.renamed.get(function.path, function.path)
        paths.sort(key=lambda path: (path != home, path))
        return paths[:6]

    def _changed(self) -> list[str]:
        return _changed_paths(self.after, self.before.commit)

    def _origins(self, path: str) -> tuple[tuple[int, str, int], ...]:
        return _blamed(self.after.repository, self.before.commit, self.after.commit, path)

    def _owner(self, path: str, line: int) -> Function | None:
        holding = [one for one in self.after.functions(path).values() if one.start <= line <= one.end]
        return min(holding, key=lambda one: one.end - one.start, default=None)


@cache
def _labels() -> dict[tuple[str, str, str], tuple[str, ...]]:
    """Per function what was found by hand: ``path::symbol``, ``dead`` or ``unsure``, parted by blanks."""
    if not LABELS.exists():
        return {}
    with LABELS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row["repository"], row["path"], row["symbol"]): tuple(row["now"].split()) for row in rows}


@cache
def _changed_paths(after: Sources, first: str) -> list[str]:
    told = git(after.repository, "diff", "--name-only", "--diff-filter=AMR", "-z", first, after.commit)
    return [path for path in told.split("\0") if path in set(after.paths)]


@cache
def _blamed(repository: Path, first: str, last: str, path: str) -> tuple[tuple[int, str, int], ...]:
    """Lines of ``path`` that stood in ``first`` already: (line now, path then, line then)."""
    try:
        told = git(
            repository, "blame", "--line-porcelain", "-w", "-M", "-C", "-C", f"{first}..{last}", "--", path
        )
    except subprocess.CalledProcessError:
        return ()
    found = []
    for block in re.split(r"^\t.*\n", told, flags=re.MULTILINE):
        head, _, rest = block.partition("\n")
        fields = head.split()
        if len(fields) < 3 or "\nboundary" not in "\n" + rest:
            continue
        name = re.search(r"^filename (.*)$", rest, flags=re.MULTILINE)
        if name:
            found.append((int(fields[2]), name.group(1), int(fields[1])))
    return tuple(found)


def renames(repository: Path, stops: list[str]) -> list[dict[str, str]]:
    """For each stop where each file of the first is, after renames that git saw from stop to stop."""
    now: dict[str, str] = {}
    told = [dict(now)]
    for earlier, later in pairwise(stops):
        origin = {path: begun for begun, path in now.items()}
        listed = git(repository, "diff", "-M", "--diff-filter=R", "--name-status", earlier, later)
        for line in listed.splitlines():
            _, was, became = line.split("\t")
            now[origin.get(was, was)] = became
        told.append(dict(now))
    return told
