"""The two ways to list a root's candidate files: git's index, or a walk."""

from __future__ import annotations

import logging
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bridge.agreed import slow_git
from codebase_server.files.git import GitError, GitSlowError, run_git
from codebase_server.files.ignore import IgnoreTree
from codebase_server.files.records import FileEntry, Skip

logger = logging.getLogger(__name__)

OWN_IGNORE_FILE = ".codebaseignore"
IGNORE_FILES = (".gitignore", ".ignore", OWN_IGNORE_FILE)

TOOL_FOLDERS = frozenset(
    """
    .git .hg .svn .jj .bzr CVS node_modules bower_components jspm_packages __pycache__ .venv venv .tox
    .nox .eggs
    .mypy_cache .pytest_cache .ruff_cache .hypothesis .ipynb_checkpoints .gradle .idea .vs .cache
    .terraform .direnv
    .next .nuxt .svelte-kit .parcel-cache .turbo .yarn .pnpm-store .bundle .stack-work .elixir_ls .dart_tool
    .zig-cache zig-cache .build DerivedData __MACOSX site-packages
    """.split()
)
"""Folders that tools fill; without git's word they are left out of a walk."""

_LISTING = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
_CANNOT_OPEN = re.compile(r"could not open directory '(.+?)/?': ")
MAX_SUBMODULE_DEPTH = 16

WITHOUT_GIT = (
    "git is there but took too long to list {root}; until it is asked again, half an hour later at most, the "
    "files are listed by the ignore files alone: what only .git/info/exclude or git's global rules leave out "
    "is taken in, and files that git tracks although they are ignored are left out. "
    "`git status` in the folder shows whether git answers."
)


@dataclass(slots=True)
class Listing:
    """Candidate files with their stat, what was left out on the way, and what to know of the listing."""

    entries: list[FileEntry] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    warnings: tuple[str, ...] = ()


def listed(root: Path, exclude: Sequence[str]) -> tuple[Listing, Literal["git", "walk"]]:
    """The candidate files of a root, by git's word where it has one and gives it in time."""
    is_slow = slow_git.is_resting("files", root)
    if not is_slow:
        try:
            listing = list_with_git(root, exclude)
        except GitSlowError as problem:
            logger.warning("%s: its files are listed without git for some time.", problem)
            slow_git.note("files", root, problem.seconds)
            is_slow, listing = True, None
        if listing is not None:
            return listing, "git"
    listing = list_with_walk(root, exclude)
    listing.warnings = (WITHOUT_GIT.format(root=root),) if is_slow else ()
    return listing, "walk"


def list_with_git(root: Path, exclude: Sequence[str]) -> Listing | None:
    """What git tracks or would track under ``root``; None where git has nothing to say of it.

    Raises `GitSlowError` where git does not answer in time.
    """
    listing = Listing()
    try:
        names = _names_with_git(root, "", listing, 0)
    except GitSlowError:
        raise
    except GitError:
        return None
    if not names:
        return None  # not git's: a plain folder that lies, ignored as a whole, inside somebody's checkout
    rules = IgnoreTree(str(root), (OWN_IGNORE_FILE,), exclude)
    rules.load("")
    for name in names:
        if name.endswith("/" + OWN_IGNORE_FILE):
            rules.load(name.rpartition("/")[0])
    folders = _RealFolders(str(root))
    prefix = f"{root}{os.sep}"
    for name in names:
        if rules.ignores_file(name):
            listing.skips.append(Skip(name, "ignored"))
        elif not folders.is_real(name.rpartition("/")[0]):
            listing.skips.append(Skip(name, "symlink", "one of its folders is a symbolic link"))
        else:
            _take(listing, name, prefix + name)
    return listing


def _names_with_git(root: Path, below: str, listing: Listing, depth: int) -> list[str]:
    """Every listed path, relative to ``root``, submodules included."""
    output, complaint = run_git(root / below, _LISTING)
    for match in _CANNOT_OPEN.finditer(complaint):
        listing.skips.append(Skip(f"{below}{match[1]}/", "unreadable", "no permission to list the folder"))
    names: dict[str, None] = {}
    here = f"{root}{os.sep}{below}"
    for raw in output.split(b"\0"):
        name = os.fsdecode(raw)
        if not name or name.startswith(("../", "/")):
            continue
        if name.endswith("/"):
            listing.skips.append(
                Skip(below + name, "nested_repository", "a repository of its own, index it as a root")
            )
        elif os.path.lexists(f"{here}{name}{os.sep}.git") and not os.path.islink(here + name):
            _descend(root, below + name, listing, depth, names)
        else:
            names[below + name] = None
    return list(names)


def _descend(root: Path, submodule: str, listing: Listing, depth: int, names: dict[str, None]) -> None:
    """Adds the files of a submodule that is checked out."""
    try:
        if depth >= MAX_SUBMODULE_DEPTH:
            raise GitError("nested too deep")
        names.update(dict.fromkeys(_names_with_git(root, submodule + "/", listing, depth + 1)))
    except GitSlowError:
        raise
    except GitError as error:
        listing.skips.append(
            Skip(submodule + "/", "nested_repository", f"git cannot list the submodule: {error}")
        )


class _RealFolders:
    """Remembers which folders of a root are reached without passing a symbolic link."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._known: dict[str, bool] = {"": True}

    def is_real(self, folder: str) -> bool:
        unknown = []
        while folder not in self._known:
            unknown.append(folder)
            folder = folder.rpartition("/")[0]
        for below in reversed(unknown):
            above = self._known[below.rpartition("/")[0]]
            self._known[below] = above and not os.path.islink(f"{self._root}{os.sep}{below}")
            folder = below
        return self._known[folder]


def _take(listing: Listing, name: str, full: str) -> None:
    try:
        status = os.lstat(full)
    except (FileNotFoundError, NotADirectoryError):
        listing.skips.append(Skip(name, "missing", "tracked by git, not on disk"))
    except (OSError, ValueError) as error:
        listing.skips.append(Skip(name, "unreadable", str(error)))
    else:
        if stat.S_ISDIR(status.st_mode):
            listing.skips.append(
                Skip(name, "missing", "a folder, or a submodule not checked out, is in its place")
            )
        else:
            _classify(listing, name, status)


def _classify(listing: Listing, name: str, status: os.stat_result) -> None:
    mode = status.st_mode
    if stat.S_ISREG(mode):
        listing.entries.append(
            FileEntry(name, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, mode)
        )
    elif stat.S_ISLNK(mode):
        listing.skips.append(Skip(name, "symlink"))
    else:
        listing.skips.append(Skip(name, "special", "a FIFO, socket or device"))


def list_with_walk(root: Path, exclude: Sequence[str]) -> Listing:
    """Every file under ``root`` that the ignore files leave."""
    listing = Listing()
    rules = IgnoreTree(str(root), IGNORE_FILES, exclude)
    pending = [""]
    while pending:
        folder = pending.pop()
        for entry in _children(root, folder, listing, rules):
            _visit(listing, rules, pending, f"{folder}/{entry.name}" if folder else entry.name, entry)
    return listing


def _children(root: Path, folder: str, listing: Listing, rules: IgnoreTree) -> Iterator[os.DirEntry[str]]:
    found: list[os.DirEntry[str]] = []
    try:
        with os.scandir(f"{root}{os.sep}{folder}" if folder else str(root)) as children:
            for child in children:
                found.append(child)
    except OSError as error:
        listing.skips.append(Skip(f"{folder}/", "unreadable", error.strerror or str(error)))
        return
    if any(child.name in IGNORE_FILES for child in found):
        rules.load(folder)
    found.reverse()
    while found:
        # Not kept: an entry remembers its status, 0.8 KB, and a folder may have a million. And nothing that
        # is looked for in cycles goes with it: a record made for one let go of counts as none, and the first
        # collection after it all looks through a million.
        yield found.pop()


def _visit(
    listing: Listing, rules: IgnoreTree, pending: list[str], path: str, entry: os.DirEntry[str]
) -> None:
    try:
        if not entry.is_dir(follow_symlinks=False):
            if entry.name == ".git":
                return  # a worktree's pointer to its repository
            if rules.ignores(path, is_folder=False):
                listing.skips.append(Skip(path, "ignored"))
            else:
                _classify(listing, path, entry.stat(follow_symlinks=False))
        elif entry.name in TOOL_FOLDERS or rules.ignores(path, is_folder=True):
            if entry.name != ".git":
                listing.skips.append(Skip(path + "/", "ignored", "the whole folder"))
        else:
            pending.append(path)
    except FileNotFoundError:
        return  # deleted while we looked
    except OSError as error:
        listing.skips.append(Skip(path, "unreadable", error.strerror or str(error)))
