"""Which commit a checkout stands on, read from git's files without starting git."""

from __future__ import annotations

import re
from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def head_commit(root: Path) -> str:
    """The commit that HEAD names for the checkout ``root`` lies in; empty when none can be read."""
    try:
        for folder in (root, *root.parents):
            git = folder / ".git"
            if git.is_dir():
                return _resolve(git, git)
            if git.is_file():
                _, _, place = git.read_text("utf-8").partition(":")
                private = (folder / place.strip()).resolve()
                shared = private / "commondir"
                common = (
                    (private / shared.read_text("utf-8").strip()).resolve() if shared.exists() else private
                )
                return _resolve(private, common)
    except (OSError, UnicodeDecodeError):
        return ""
    return ""


def _resolve(private: Path, common: Path) -> str:
    """HEAD of a worktree's own git directory; branches lie in the common one, loose or packed."""
    head = (private / "HEAD").read_text("utf-8").strip()
    if not head.startswith("ref:"):
        return head if _COMMIT.fullmatch(head) else ""
    name = head.removeprefix("ref:").strip()
    for folder in (private, common):
        loose = folder / name
        if loose.is_file():
            commit = loose.read_text("utf-8").strip()
            return commit if _COMMIT.fullmatch(commit) else ""
    packed = common / "packed-refs"
    if packed.is_file():
        for line in packed.read_text("utf-8").splitlines():
            commit, _, ref = line.partition(" ")
            if ref == name and _COMMIT.fullmatch(commit):
                return commit
    return ""
