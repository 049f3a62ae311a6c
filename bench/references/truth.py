"""What truly became of Python functions, told by git and the Python parser alone.

Nothing of the product is used here. A function is the same if its syntax tree
is the same (comments, white space and formatting apart). Where it went is
asked of git: first its file's renames, commit by commit, then which of its
lines survive (``git blame --reverse``).
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["valid", "moved", "changed", "stale", "unsure"]

_SURVIVED, _DIED = 0.6, 0.2
"""Shares of a function's lines: above the one it lives on, below the other it is gone, between who knows."""


@dataclass(frozen=True)
class Function:
    """A function of one commit. Lines are 1-based and begin at its decorators."""

    path: str
    symbol: str
    start: int
    end: int
    tree: str


def git(repository: Path, *arguments: str) -> str:
    """What git prints."""
    done = subprocess.run(["git", *arguments], cwd=repository, check=True, capture_output=True)
    return done.stdout.decode("utf-8", "replace")


def functions(repository: Path, commit: str) -> dict[tuple[str, str], Function]:
    """The functions and methods in a commit's Python files that have a name of their own in their file."""
    found: dict[tuple[str, str], Function] = {}
    doubled: set[tuple[str, str]] = set()
    for path in git(repository, "ls-tree", "-r", "--name-only", commit).splitlines():
        if not path.endswith(".py"):
            continue
        try:
            tree = ast.parse(git(repository, "show", f"{commit}:{path}"))
        except SyntaxError:
            continue
        for function in _within(tree, path, ""):
            key = (path, function.symbol)
            if key in found:
                doubled.add(key)
            found[key] = function
    return {key: function for key, function in found.items() if key not in doubled}


def _within(node: ast.AST, path: str, prefix: str) -> list[Function]:
    found: list[Function] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            start = min([child.lineno, *(one.lineno for one in child.decorator_list)])
            symbol = f"{prefix}{child.name}"
            found.append(Function(path, symbol, start, child.end_lineno or start, ast.dump(child)))
        elif isinstance(child, ast.ClassDef):
            found += _within(child, path, f"{prefix}{child.name}.")
    return found


def renames(repository: Path, first: str, last: str) -> dict[str, str]:
    """Where each file of ``first`` is in ``last`` after renames that git saw, commit by commit."""
    log = git(
        repository, "log", "--reverse", "--first-parent", "-m", "-M", "--diff-filter=R", "--name-status",
        "--format=", f"{first}..{last}",
    )  # fmt: skip
    now: dict[str, str] = {}
    origin: dict[str, str] = {}
    for line in log.splitlines():
        fields = line.split("\t")
        if len(fields) == 3 and fields[0].startswith("R"):
            begun = origin.pop(fields[1], fields[1])
            now[begun] = fields[2]
            origin[fields[2]] = begun
    return now


class Truth:
    """What became of the functions of ``first`` in ``last``."""

    def __init__(self, repository: Path, first: str, last: str) -> None:
        self._repository = repository
        self._first, self._last = first, last
        self.before = functions(repository, first)
        self.after = functions(repository, last)
        self._renamed = renames(repository, first, last)
        self._by_body: dict[str, list[Function]] = defaultdict(list)
        for function in self.after.values():
            self._by_body[_body(function)].append(function)

    def of(self, function: Function) -> State:
        """The state a perfect tracker would report."""
        for path in dict.fromkeys((function.path, self._renamed.get(function.path, function.path))):
            same = self.after.get((path, function.symbol))
            if same is not None:
                alike = same.tree == function.tree
                if path != function.path:
                    return "moved" if alike else "changed"
                return "valid" if alike else "changed"
        twins = self._by_body[_body(function)]
        if len(twins) == 1 and (twins[0].path, twins[0].symbol) not in self.before:
            return "moved"
        survived = self._survived(function)
        if survived >= _SURVIVED:
            return "changed"
        return "stale" if survived <= _DIED and not twins else "unsure"

    def _survived(self, function: Function) -> float:
        """The share of the function's lines that are still there at the end, followed by blame alone."""
        try:
            told = git(
                self._repository, "blame", "--reverse", "-s", "-l", "-w", "-M", "-C", "-C",
                f"-L{function.start},{function.end}", f"{self._first}..{self._last}", "--", function.path,
            )  # fmt: skip
        except subprocess.CalledProcessError:
            return 0.0
        lines = [line for line in told.splitlines() if re.search(r"\)\s*\S", line)]
        full = git(self._repository, "rev-parse", self._last).strip()
        return sum(line.lstrip("^").startswith(full[:39]) for line in lines) / max(len(lines), 1)


def _body(function: Function) -> str:
    """The tree without the function's own name: a renamed function is the same code under another name."""
    name = function.symbol.rsplit(".", 1)[-1]
    return function.tree.replace(f"name='{name}'", "name=''", 1)
