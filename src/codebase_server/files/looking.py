"""`look_at`: which of a few paths belong to a root, without listing the root."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from bridge.agreed import slow_git
from codebase_server.files.git import GitError, GitSlowError, run_git
from codebase_server.files.ignore import IgnoreTree
from codebase_server.files.listing import IGNORE_FILES, OWN_IGNORE_FILE, TOOL_FOLDERS

_LISTING = ("--literal-pathspecs", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--")

MOST_LOOKED_AT = 200
"""Paths. Above this a listing of the whole root is as cheap, and surer."""


def belonging(root: Path, paths: Sequence[str], *, source: str, exclude: Sequence[str]) -> list[str] | None:
    """Those of some existing paths that `scan` would look at; None when only a scan can tell.

    ``source`` is how the root was listed, `Scan.source`. A path that is ignored is left out; so is a
    folder that holds nothing which belongs. A folder that does, a submodule or another repository
    makes the answer None.
    """
    if len(paths) > MOST_LOOKED_AT:
        return None
    if source == "git":
        listed = _listed_by_git(root, paths)
        return None if listed is None else _without_own_rules(root, listed, exclude)
    if source == "walk":
        return _left_by_rules(root, paths, exclude)
    return None


def _listed_by_git(root: Path, paths: Sequence[str]) -> list[str] | None:
    if slow_git.is_resting("files", root):
        return None
    try:
        output, complaint = run_git(root, [*_LISTING, *paths])
    except GitSlowError as problem:
        slow_git.note("files", root, problem.seconds)
        return None
    except GitError:
        return None
    listed = list(dict.fromkeys(os.fsdecode(raw) for raw in output.split(b"\0") if raw))
    return None if complaint or not set(listed) <= set(paths) else listed


def _without_own_rules(root: Path, paths: Sequence[str], exclude: Sequence[str]) -> list[str] | None:
    """None where our own ignore files name one: a scan counts it as ignored."""
    rules = _rules(root, paths, (OWN_IGNORE_FILE,), exclude)
    return None if any(rules.ignores_file(path) for path in paths) else list(paths)


def _left_by_rules(root: Path, paths: Sequence[str], exclude: Sequence[str]) -> list[str] | None:
    rules = _rules(root, paths, IGNORE_FILES, exclude)
    left = []
    for path in paths:
        folders = _folders(path)
        names = {folder.rpartition("/")[2] for folder in folders}
        if names & TOOL_FOLDERS or any(rules.ignores(folder, is_folder=True) for folder in folders):
            continue  # its folder is counted as ignored, whatever is in it
        if os.path.isdir(root / path) or rules.ignores(path, is_folder=False):
            return None
        left.append(path)
    return left


def _rules(root: Path, paths: Sequence[str], names: Sequence[str], exclude: Sequence[str]) -> IgnoreTree:
    rules = IgnoreTree(str(root), names, exclude)
    for folder in sorted({"", *(folder for path in paths for folder in _folders(path))}):
        rules.load(folder)
    return rules


def _folders(path: str) -> list[str]:
    """The folders that a path lies in, outermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]
