"""Upkeep of a data folder: forgetting a root, collecting what is not needed, purging code everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import TypedDict

from bridge.agreed import places
from codebase_server.index import maintenance
from codebase_server.service.errors import InvalidArgumentError, RootUnknownError
from codebase_server.service.roots import Root

if TYPE_CHECKING:
    from codebase_server.store import Registry


class Forgotten(TypedDict):
    """What `forget` did."""

    root: str
    repository: str
    freed_bytes: int


class Collected(TypedDict):
    """What `gc` did."""

    removed_roots: list[str]
    removed_tombstones: int
    removed_versions: int
    freed_bytes: int


class Purged(TypedDict):
    """What `purge` did."""

    repositories: int
    removed_versions: int
    freed_bytes: int


def forget(registry: Registry, given: str, roots: list[Root]) -> Forgotten:
    """Drop one root, named by its path or its repository identity. Raises `RootUnknownError`."""
    root = meant(given, roots)
    done = maintenance.forget(registry, root.path)
    if done is None:
        raise RootUnknownError(given, [root.row() for root in roots])
    return {"root": str(root.path), "repository": root.repository, "freed_bytes": done.freed_bytes}


def meant(given: str, roots: list[Root]) -> Root:
    """The root of that path or repository identity. Raises `RootUnknownError`.

    Only an exact name counts: a path inside a root must not cost the index of the root.
    """
    path = places.expanded(given)
    named = [
        root for root in roots if given == root.repository or path == root.path or _real(path) == root.path
    ]
    if len(named) > 1:
        listed = ", ".join(str(root.path) for root in named)
        raise InvalidArgumentError(
            f"'{given}' has {len(named)} checkouts.", f"Name one by its path: {listed}."
        )
    if not named:
        raise RootUnknownError(given, [root.row() for root in roots])
    return named[0]


def collect(registry: Registry, tombstone_days: int) -> Collected:
    """Remove roots whose folder is gone, old tombstones, and what nothing refers to."""
    done = maintenance.collect(registry, tombstone_days)
    return {
        "removed_roots": [str(path) for path in done.roots],
        "removed_tombstones": done.tombstones,
        "removed_versions": done.versions,
        "freed_bytes": done.freed_bytes,
    }


def purge(registry: Registry, what: str) -> Purged:
    """Remove a chunk id or a text from every index and its history. Raises `InvalidArgumentError`."""
    try:
        done = maintenance.purge(registry, what)
    except ValueError as problem:
        raise InvalidArgumentError(str(problem)) from problem
    return {
        "repositories": done.repositories,
        "removed_versions": done.versions,
        "freed_bytes": done.freed_bytes,
    }


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):  # no name of a file: it has a NUL, or is no text
        return path
