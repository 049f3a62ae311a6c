"""Which files an import means: by path, package or module, as far as the paths of a root tell."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from codebase_server.store import IndexedFile

_INDEX_STEMS: Final = frozenset({"__init__", "index", "mod", "lib"})
"""Files that stand for their folder."""

_SEPARATORS: Final = re.compile(r"::|[./\\#]")
_BY_PATH: Final = frozenset("javascript typescript tsx vue svelte c cpp objc scss nix jsonnet bash".split())
"""Languages whose imports are paths: with endings, from the file or from some folder."""

_BY_PACKAGE: Final = frozenset("go java kotlin scala groovy csharp php".split())
"""Languages whose imports name a folder of files, or something in one, behind a name that no folder has."""

_ENDING: Final = re.compile(r"\.\w{1,5}\Z")
MOST_MEANT: Final = 3
"""Files that one import may mean where several fit; more tell that it means none of them."""

LEAST_OF_PACKAGE: Final = 2
"""Folders that the end of an import must have in common with a path, where its beginning is no folder."""


class Importing:
    """Resolves the imports of a root's files.

    :param shares: how much each file is used, by which the import of a whole folder is divided.
    """

    def __init__(self, files: Sequence[IndexedFile], shares: Mapping[str, float]) -> None:
        self._shares = shares
        self._stems: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
        self._folders: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        self._inside: defaultdict[str, list[str]] = defaultdict(list)
        self._paths: dict[str, str] = {}
        for file in files:
            if file.kind not in ("code", "tests"):
                continue
            folder = posixpath.dirname(file.path)
            self._inside[folder].append(file.path)
            stem = _stem(file.path)
            self._paths.setdefault(stem, file.path)
            self._paths.setdefault(file.path.rpartition(".")[0], file.path)
            self._paths[file.path] = file.path
            for ending in _endings(stem):
                self._stems[ending].append(file.path)
        for folder in self._inside:
            for ending in _endings(folder):
                self._folders[ending].add(folder)

    def counted(self, files: Iterable[IndexedFile], weight: Mapping[str, float]) -> dict[str, float]:
        """How much each file is imported: the weights of the files that do."""
        counts: defaultdict[str, float] = defaultdict(float)
        for file in files:
            if not (own := weight.get(file.path, 0.0)):
                continue
            meant: dict[str, float] = {}
            for name in file.imports:
                for path, share in self._meant(file, name).items():
                    meant[path] = max(meant.get(path, 0.0), share)
            for path, share in meant.items():
                if path != file.path:
                    counts[path] += own * share
        return dict(counts)

    def _meant(self, file: IndexedFile, name: str) -> Mapping[str, float]:
        """The files that an import means, each with its share of it."""
        folder = posixpath.dirname(file.path)
        given = name.strip("\"'<>; ")
        if given.startswith(".") and (file.language not in ("python", "starlark") or "/" in given):
            return self._one(self._at(posixpath.normpath(posixpath.join(folder, given))))
        if file.language in ("python", "starlark") and given.startswith("."):
            rest = given.lstrip(".")
            base = posixpath.normpath(posixpath.join(folder, *[".."] * (len(given) - len(rest) - 1)))
            return self._one(self._at(posixpath.normpath(posixpath.join(base, *rest.split(".")))))
        if file.language == "rust":
            return self._one(self._of_crate(file.path, given))
        if file.language in _BY_PATH or "/" in given:
            beside = self._at(posixpath.normpath(posixpath.join(folder, given)))
            if beside:
                return self._one(beside)
        parts = _parts(given, by_path=file.language in _BY_PATH or file.language == "go")
        return self._named(parts, file)

    def _named(self, parts: tuple[str, ...], file: IndexedFile) -> Mapping[str, float]:
        """What the end of a path is named by: a whole name, or in a package its last parts."""
        if file.language in _BY_PACKAGE:
            for end in range(len(parts), max(len(parts) - 3, 0), -1):
                for start in range(end - LEAST_OF_PACKAGE + 1):
                    if found := self._whole(parts[start:end], file):
                        return found
            return {}
        return self._whole(parts, file)

    def _whole(self, parts: tuple[str, ...], file: IndexedFile) -> Mapping[str, float]:
        files = [] if file.language == "go" else self._stems.get(parts, [])
        if len(files) > MOST_MEANT:
            top = file.path.partition("/")[0]
            files = [path for path in files if path.partition("/")[0] == top]
        if files:
            return {path: 1 / len(files) for path in files} if len(files) <= MOST_MEANT else {}
        folders = self._folders.get(parts, set()) if file.language in _BY_PACKAGE else set()
        if not folders or len(folders) > MOST_MEANT:
            return {}
        inside = [path for folder in folders for path in self._inside[folder]]
        total = sum(self._shares.get(path, 0.0) for path in inside) or 1.0
        return {path: self._shares.get(path, 0.0) / total for path in inside}

    def _of_crate(self, path: str, given: str) -> str:
        """The file of a Rust path: from the root of the crate, from the module, or another crate's root."""
        parts = [part for part in given.replace("\\", "::").split("::") if part]
        if not parts:
            return ""
        base = posixpath.dirname(path)
        if parts[0] in ("crate", "self", "super"):
            own = _stem(path) if posixpath.basename(path) != "main.rs" else base
            if parts[0] == "crate":
                own = path.rpartition("src/")[0] + "src" if "src/" in path else base
            while parts and parts[0] in ("crate", "self", "super"):
                own = posixpath.dirname(own) if parts[0] == "super" else own
                del parts[0]
        else:
            own = base
        for length in range(len(parts), 0, -1):
            if found := self._at(posixpath.normpath(posixpath.join(own, *parts[:length]))):
                return found
        roots = self._stems.get((parts[0].casefold(), "src"), []) if parts else []
        return roots[0] if len(roots) == 1 else ""

    def _at(self, place: str) -> str:
        """The file at a place, whatever its ending; empty for none."""
        return self._paths.get(place) or self._paths.get(_ENDING.sub("", place)) or ""

    def _one(self, path: str) -> Mapping[str, float]:
        return {path: 1.0} if path else {}


def _stem(path: str) -> str:
    """A path without the ending, and without the name of a file that stands for its folder."""
    folder, name = posixpath.split(path)
    if name.split(".")[0] in _INDEX_STEMS and folder:
        return folder
    return posixpath.join(folder, name.rpartition(".")[0] or name)


def _endings(path: str) -> Iterator[tuple[str, ...]]:
    """The last parts of a path, folded: all of them, all but the first, and so on."""
    parts = tuple(part.casefold().replace("-", "_") for part in path.split("/"))
    return (parts[at:] for at in range(len(parts)))


def _parts(given: str, *, by_path: bool) -> tuple[str, ...]:
    name = _ENDING.sub("", given) if by_path else given
    parts = name.split("/") if by_path else _SEPARATORS.split(name)
    return tuple(part.casefold().replace("-", "_") for part in parts if part not in ("", "@", "~"))
