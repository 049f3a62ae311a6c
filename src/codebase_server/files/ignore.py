"""Ignore files: nested, later lines and deeper files win, as git has it.

`pathspec` translates what has wildcards. Plain names, ``*.extension`` and plain
paths, which are most lines of most ignore files, are looked up instead, so that
an ignore file of a hundred thousand lines costs no more than a short one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence

from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from codebase_server.files.wildcards import MAX_FOLDER_WILDCARDS, without_backtracking

MAX_WILDCARD_RULES = 5_000
"""Wildcard lines read of one ignore file; each is tried on each path, so there must be an end."""

MAX_IGNORE_FILE_BYTES = 16 * 1024 * 1024

_SPECIAL = re.compile(r"[*?\[\]\\]")
_SUFFIX_ONLY = re.compile(r"\*(\.[^*?\[\]\\/]+)")


class IgnoreRules:
    """The rules of one ignore file, for paths relative to its folder."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._names: dict[str, list[tuple[int, bool, bool]]] = {}
        self._paths: dict[str, list[tuple[int, bool, bool]]] = {}
        self._suffixes: dict[str, list[tuple[int, bool, bool]]] = {}
        self._wildcards: list[tuple[int, bool, bool, re.Pattern[str]]] = []
        for index, line in enumerate(lines):
            self._add(index, line.rstrip("\r\n"))
        self._wildcards.reverse()
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
            plain = body.lstrip("/")
            if not plain:
                return
            table = self._paths if "/" in body else self._names
            table.setdefault(plain, []).append(rule)
        elif suffix := _SUFFIX_ONLY.fullmatch(body):
            self._suffixes.setdefault(suffix[1], []).append(rule)
        elif len(self._wildcards) < MAX_WILDCARD_RULES:
            self._add_wildcard(rule, body)

    def _add_wildcard(self, rule: tuple[int, bool, bool], body: str) -> None:
        if body.count("**") > MAX_FOLDER_WILDCARDS:
            return
        try:
            translated = GitIgnoreSpecPattern.pattern_to_regex(body)[0]
            if translated is not None:
                matcher = re.compile(without_backtracking(str(translated)))
                self._wildcards.append((*rule, matcher))
        except (ValueError, re.error):
            return  # git, too, passes over a pattern that it cannot read

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
        for index, ignored, folder_only, regex in self._wildcards:  # last line first
            if index < best:
                break
            if (is_folder or not folder_only) and regex.match(path):
                return ignored
        return answer


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
