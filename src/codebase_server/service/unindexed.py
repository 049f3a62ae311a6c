"""What an answer lacks because files are left out of the index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from bridge.agreed.wording import first_of
from codebase_server.files import may_hold_names
from codebase_server.service.answers import IndexBlock
from codebase_server.store import Snapshot

_CODE: Final = ("generated", "minified", "huge")
"""Reasons for which files of code are left out."""

_NAMED: Final = 3
"""Repositories within the root that are named."""

_COMMON: Final = 3
"""Files of one ending that make it one a repository is written in."""

LISTED: Final = "index_status lists what is skipped."


def why_not(snapshot: Snapshot, path: str | None) -> str:
    """That a file which a call names is left out, and why; empty where it is not."""
    reason = snapshot.skipped(path) if path else ""
    return f"'{path}' is not indexed: {reason}." if reason else ""


def warning(snapshot: Snapshot, path: str | None) -> str:
    """`why_not`, with where such files are listed."""
    reason = why_not(snapshot, path)
    return f"{reason} {LISTED}" if reason else ""


def nothing_at_all(snapshot: Snapshot, index: IndexBlock) -> list[str]:
    """That an index which is ready holds nothing, and why: no answer can find anything in it."""
    if index["files"] or index["state"] != "ready":
        return []
    return [why_empty(index["root"], snapshot.skip_counts())]


def why_empty(root: str, skipped: Mapping[str, int]) -> str:
    """Why an index which is ready has no file.

    :param skipped: how many files are left out, by reason.
    """
    number = sum(skipped.values())
    if not number:
        return f"Nothing is indexed: {root} holds no files, or only such as its ignore rules leave out."
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in skipped.items())
    files = "its one file is" if number == 1 else f"all {number:,} files are"
    return f"Nothing is indexed: of {root} {files} skipped ({reasons}). index_status names them."


def what_else(snapshot: Snapshot) -> str:
    """What no name is looked up in that may hold names: files, by number, and repositories within the root;
    empty where there is none."""
    return " ".join(filter(None, (_left_out(snapshot), _nested(snapshot))))


def _nested(snapshot: Snapshot) -> str:
    nested = [path.rstrip("/") for path, _ in snapshot.skips("nested_repository")]
    if not nested:
        return ""
    are = "is a repository of its own" if len(nested) == 1 else "are repositories of their own"
    return f"{first_of(nested, _NAMED)} {are}, not indexed with this root."


def _left_out(snapshot: Snapshot) -> str:
    left_out = Counter(reason for path, reason in snapshot.skips(*_CODE) if may_hold_names(path))
    counts = {reason: left_out[reason] for reason in _CODE if reason in left_out}
    told = " and ".join(f"{count:,} {reason}" for reason, count in counts.items())
    one = sum(counts.values()) == 1
    return f"{told} file{' is' if one else 's are'} not indexed: index_status lists them." if told else ""


def without_names(paths: Sequence[str], languages: Sequence[str]) -> str:
    """How many files are indexed of no known language, by ending; empty where no ending is common.

    :param languages: of the files at ``paths``, in their order.
    """
    endings = Counter(
        path.rpartition(".")[2]
        for path, language in zip(paths, languages, strict=True)
        if language == "unknown" and "." in path.rpartition("/")[2][1:]
    )
    told = " and ".join(
        f"{count:,} .{ending}" for ending, count in endings.most_common(2) if count >= _COMMON
    )
    return f"No names are known of {told} files: search_code finds their text." if told else ""
