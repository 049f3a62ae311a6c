"""Ignore files: nested, later lines and deeper files win, as git has it.

`pathspec` translates what has wildcards. Plain names, ``*.extension`` and plain
paths, which are most lines of most ignore files, are looked up instead, so that
an ignore file of a hundred thousand lines costs no more than a short one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from typing import Literal

from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from codebase_server.files.sets import with_sets, with_stand_ins
from codebase_server.files.wildcards import MAX_FOLDER_WILDCARDS, without_backtracking

MAX_WILDCARD_RULES = 5_000
"""Wildcard lines read of one ignore file. Those with three plain characters in a row are tried only on paths
that have these."""

MAX_VAGUE_RULES = 500
"""Wildcard lines without them (``*a*b*c``): each is tried on each path, so there must be an end sooner."""

MAX_WILDCARD_LINE = 1_024
"""Signs of a line with wildcards: what is longer means no path that there is, and takes seconds to read."""

MAX_IGNORE_FILE_BYTES = 16 * 1024 * 1024

_SPECIAL = re.compile(r"[*?\[\]\\]")
_SUFFIX_ONLY = re.compile(r"\*(\.[^*?\[\]\\/]+)")
_PLAIN = re.compile(r"[^*?\s/]+")
_KEY = 3
_MANY = 32
"""Wildcard lines of one file up to which trying each is quickest."""


class _Wildcard:
    """One line with wildcards; translated when a path first has what it asks for."""

    __slots__ = ("_body", "_regex", "folder_only", "ignored", "index", "plain")

    def __init__(self, index: int, ignored: bool, folder_only: bool, body: str) -> None:
        self.index, self.ignored, self.folder_only = index, ignored, folder_only
        self._body = body
        self._regex: re.Pattern[str] | Literal[False] | None = False
        # before the first set or escape, where nothing can mean something else
        sure = re.split(r"[\[\\]", body.lstrip("!"), maxsplit=1)[0]
        self.plain = max(_PLAIN.findall(sure), key=len, default="")

    def matches(self, path: str) -> bool:
        if self._regex is False:
            self._regex = self._translated()
        return self._regex is not None and self._regex.match(path) is not None

    def _translated(self) -> re.Pattern[str] | None:
        try:
            body, sets = with_stand_ins(self._body)
            if "/" in self._body and "/" not in body:  # in a set, where it matches nothing: yet a path
                body = f"/{body}"
            regex = GitIgnoreSpecPattern.pattern_to_regex(body)[0]
            return None if regex is None else re.compile(without_backtracking(with_sets(str(regex), sets)))
        except (ValueError, re.error):
            return None  # git, too, passes over a pattern that it cannot read


class IgnoreRules:
    """The rules of one ignore file, for paths relative to its folder."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._names: dict[str, list[tuple[int, bool, bool]]] = {}
        self._paths: dict[str, list[tuple[int, bool, bool]]] = {}
        self._suffixes: dict[str, list[tuple[int, bool, bool]]] = {}
        self._vague: list[_Wildcard] = []
        self._keyed: dict[str, list[_Wildcard]] = {}
        self._wildcards = 0
        for index, line in enumerate(lines):
            self._add(index, line.rstrip("\r\n"))
        if self._wildcards <= _MANY:
            self._vague += [rule for rules in self._keyed.values() for rule in rules]
            self._keyed = {}
        self._vague.sort(key=_last_first)
        self.empty = not (self._names or self._paths or self._suffixes or self._wildcards)

    def _add(self, index: int, line: str) -> None:
        pattern = line if line.endswith("\\ ") else line.rstrip(" ")
        if not pattern or pattern.startswith("#"):
            return
        ignored = not pattern.startswith("!")
        bare = pattern if ignored else pattern[1:]
        folder_only = bare.endswith("/")
        body = bare.rstrip("/")
        rule = (index, ignored, folder_only)
        if _SPECIAL.search(body) is None:
            plain = body.removeprefix("/")
            if not plain:
                return
            table = self._paths if "/" in body else self._names
            table.setdefault(plain, []).append(rule)
        elif suffix := _SUFFIX_ONLY.fullmatch(body):
            self._suffixes.setdefault(suffix[1], []).append(rule)
        elif (
            self._wildcards < MAX_WILDCARD_RULES
            and len(body) <= MAX_WILDCARD_LINE
            and body.count("**") <= MAX_FOLDER_WILDCARDS
        ):
            self._add_wildcard(_Wildcard(*rule, body))

    def _add_wildcard(self, rule: _Wildcard) -> None:
        if len(rule.plain) >= _KEY:
            self._keyed.setdefault(rule.plain[:_KEY], []).append(rule)
        elif len(self._vague) < MAX_VAGUE_RULES:
            self._vague.append(rule)
        else:
            return
        self._wildcards += 1

    def _fitting(self, path: str) -> list[_Wildcard]:
        """The wildcard lines that may match, last line first."""
        if not self._keyed:
            return self._vague
        keys = {path[at : at + _KEY] for at in range(len(path) - _KEY + 1)}
        found = [rule for key in keys for rule in self._keyed.get(key, ()) if rule.plain in path]
        return sorted([*self._vague, *found], key=_last_first) if found else self._vague

    def verdict(self, path: str, is_folder: bool) -> bool | None:
        """True: ignored; False: expressly not; None: no rule speaks of it."""
        name = path.rpartition("/")[2]
        best, answer = -1, None
        candidates = [*self._names.get(name, ()), *self._paths.get(path, ())]
        if self._suffixes:
            dot = name.find(".")
            while dot >= 0:
                candidates += self._suffixes.get(name[dot:], ())
                dot = name.find(".", dot + 1)
        for index, ignored, folder_only in candidates:
            if index > best and (is_folder or not folder_only):
                best, answer = index, ignored
        for rule in self._fitting(path):
            if rule.index < best:
                break
            if (is_folder or not rule.folder_only) and rule.matches(path):
                return rule.ignored
        return answer


def _last_first(rule: _Wildcard) -> int:
    return -rule.index


class IgnoreTree:
    """The ignore files of a root's folders, and what they say of a path.

    ``names`` are the ignore files' names, weakest first; ``exclude`` are lines
    in the same syntax, relative to the root, that win over all of them.
    """

    def __init__(self, root: str, names: Sequence[str], exclude: Sequence[str] = ()) -> None:
        self._root = root
        self._names = names
        self._exclude = IgnoreRules(exclude)
        self._rules: dict[str, list[IgnoreRules]] = {}
        self._folders: dict[str, bool] = {"": False}

    def load(self, folder: str) -> None:
        """Reads the ignore files of one folder (relative to the root, ``""`` for the root itself)."""
        rules = [
            rules
            for name in reversed(self._names)
            if not (rules := _read_rules(os.path.join(self._root, folder, name))).empty
        ]
        if rules:
            self._rules[folder] = rules

    def ignores(self, path: str, is_folder: bool) -> bool:
        """Whether the rules leave this path out, its folders being left in."""
        if not self._exclude.empty and self._exclude.verdict(path, is_folder):
            return True
        if not self._rules:
            return False
        folder = path
        while folder:
            folder = folder.rpartition("/")[0]
            for rules in self._rules.get(folder, ()):
                verdict = rules.verdict(path[len(folder) + 1 :] if folder else path, is_folder)
                if verdict is not None:
                    return verdict
        return False

    def ignores_file(self, path: str) -> bool:
        """The same for a file whose folders were not looked at one by one."""
        return self._ignores_folder(path.rpartition("/")[0]) or self.ignores(path, is_folder=False)

    def _ignores_folder(self, folder: str) -> bool:
        unknown = []
        while folder not in self._folders:
            unknown.append(folder)
            folder = folder.rpartition("/")[0]
        for below in reversed(unknown):
            self._folders[below] = self._folders[below.rpartition("/")[0]] or self.ignores(
                below, is_folder=True
            )
            folder = below
        return self._folders[folder]


def _read_rules(path: str) -> IgnoreRules:
    try:
        with open(path, "rb") as file:
            return IgnoreRules(file.read(MAX_IGNORE_FILE_BYTES).decode("utf-8-sig", "replace").splitlines())
    except OSError:
        return IgnoreRules(())
