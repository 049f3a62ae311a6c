"""Which commit a checkout stands on, read from git's files without starting git."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from bridge.agreed import reading

_PACKED_BYTES: Final = 64 * 1024 * 1024
"""Of a file of packed refs: a million of them."""
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def head_commit(root: Path) -> str:
    """The commit that HEAD names for the checkout ``root`` lies in; empty when none can be read."""
    try:
        for folder in (root, *root.parents):
            git = folder / ".git"
            if git.is_dir():
                return _resolve(git, git)
            if git.is_file():
                _, _, place = reading.line_of(git).partition(":")
                private = (folder / place.strip()).resolve()
                shared = private / "commondir"
                common = (private / reading.line_of(shared)).resolve() if shared.exists() else private
                return _resolve(private, common)
    except (OSError, ValueError):  # what is no text, or no path
        return ""
    return ""


def _resolve(private: Path, common: Path) -> str:
    """HEAD of a worktree's own git directory; branches lie in the common one, loose or packed."""
    head = reading.line_of(private / "HEAD")
    if not head.startswith("ref:"):
        return head if _COMMIT.fullmatch(head) else ""
    name = head.removeprefix("ref:").strip()
    if not name.startswith("refs/") or ".." in name:
        return ""  # leads out of the git directory
    for folder in (private, common):
        loose = folder / name
        if loose.is_file():
            commit = reading.line_of(loose)
            return commit if _COMMIT.fullmatch(commit) else ""
    packed = common / "packed-refs"
    if packed.is_file():
        for line in reading.whole(packed, _PACKED_BYTES).decode("utf-8").splitlines():
            commit, _, ref = line.partition(" ")
            if ref == name and _COMMIT.fullmatch(commit):
                return commit
    return ""
