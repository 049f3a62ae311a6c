"""What can go wrong in the service: one class a cause, each with a code, a text and the next step.

All are `TandemError`: a door turns them into its own kind of failure and adds
nothing. ``status`` is the HTTP status that fits.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from bridge.agreed.errors import TandemError
from bridge.agreed.wording import first_of

MOST_LISTED: Final = 10
"""Roots that an error names; the record beside it has all of them."""


class CodebaseError(TandemError):
    """A foreseen failure of codebase-server. Subclasses fix ``error_code`` and ``status``."""

    error_code: ClassVar[str] = "error"
    status: ClassVar[int] = 400

    def __init__(self, message: str, hint: str = "", **details: Any) -> None:
        super().__init__(self.error_code, message, hint, details=details)


class InvalidArgumentError(CodebaseError):
    """An argument has a value outside its range or form."""

    error_code = "invalid_arguments"
    status = 422


class RootNeededError(CodebaseError):
    """No root was named and none could be found; MCP roots may still help."""

    error_code = "root_needed"
    status = 409

    def __init__(self, looked_at: Sequence[str]) -> None:
        super().__init__(
            f"No repository to work on: {'; '.join(looked_at)}.",
            "Start codebase-server with --root DIR or CODEBASE_ROOT=DIR, or launch it in a git repository. "
            "A folder that is in none is indexed when it is named: --root . is the one you stand in.",
        )


class RootAmbiguousError(CodebaseError):
    """Several roots are served and the call named none, or a repository that several are checkouts of."""

    error_code = "root_ambiguous"
    status = 409

    def __init__(self, choices: Sequence[Mapping[str, str]], given: str = "") -> None:
        super().__init__(
            f"'{given}' has {len(choices)} checkouts."
            if given
            else f"This server serves {len(choices)} roots and the call names none.",
            f"Pass `root` as one of: {_listed(choices, len(choices))}.",
            roots=[dict(row) for row in choices],
        )


class RootUnknownError(CodebaseError):
    """The call names a root that this server does not serve."""

    error_code = "root_unknown"
    status = 404

    def __init__(self, given: str, choices: Sequence[Mapping[str, str]]) -> None:
        near = sorted(choices, key=lambda row: -_likeness(given, row["root"]))
        super().__init__(
            f"Root '{given}' is not served here.",
            f"Known roots, the nearest first: {_listed(near, MOST_LISTED) or 'none yet'}. "
            "A new one is added on the command line: codebase-server index --root DIR.",
            roots=[dict(row) for row in near],
        )


class CheckoutUnknownError(CodebaseError):
    """A reference is about a checkout that has no index, whatever other checkouts of its repository have."""

    error_code = "root_unknown"
    status = 404

    def __init__(self, root: str) -> None:
        super().__init__(
            f"The checkout {root} has no index, and no other is asked in its place: its code may differ.",
            f"Search there once, or run: codebase-server index --root {root}.",
        )


class RootRefusedError(CodebaseError):
    """The folder must not be indexed: it is not there, no folder, not readable, a drive or a home directory.

    ``problem`` says which, and becomes the code.
    """

    error_code = "root_refused"
    status = 422

    def __init__(self, problem: str, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.code = problem


class PathOutsideRootError(CodebaseError):
    """A path argument leads out of the root, symbolic links included."""

    error_code = "path_outside_root"
    status = 422

    def __init__(self, path: str, root: str) -> None:
        super().__init__(
            f"Path '{path}' lies outside the root {root}.",
            "Give a path relative to the root, with '/', such as 'src/app.py'.",
        )


class PathNotFoundError(CodebaseError):
    """A path lies inside the root but the index has nothing there."""

    error_code = "path_not_found"
    status = 404


class ChunkNotFoundError(CodebaseError):
    """A chunk id that the index does not know, or whose code is gone."""

    error_code = "chunk_not_found"
    status = 404

    def __init__(self, chunk_id: str, known: Mapping[str, Any], hint: str) -> None:
        super().__init__(f"Chunk '{chunk_id}' not found", hint, **known)


def _likeness(given: str, root: str) -> float:
    """How much a folder is like what was typed for it: its path, or its last name."""
    pairs = ((given, root), (given.rpartition("/")[2], root.rpartition("/")[2]))
    return max(difflib.SequenceMatcher(None, *pair).ratio() for pair in pairs)


def _listed(choices: Sequence[Mapping[str, str]], most: int) -> str:
    checkouts = Counter(row["repository"] for row in choices)
    named = [
        row["root"] if checkouts[row["repository"]] > 1 else f"{row['root']} ({row['repository']})"
        for row in choices
    ]
    return first_of(named, most)
