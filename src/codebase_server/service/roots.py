"""Which root a call is about.

A server is started for some roots (**served**): those on its command line, in
its settings or in ``CODEBASE_ROOT``; else the repository of the working
directory; else that of ``CLAUDE_PROJECT_DIR``; else the MCP roots of its
client. Beside these it answers for every root that this user's data folder
already has an index of (**known**). A tool argument can choose among the
known ones and can never add one.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge.agreed import places
from codebase_server.service.errors import (
    RootAmbiguousError,
    RootNeededError,
    RootRefusedError,
    RootUnknownError,
)
from codebase_server.service.importing import IMPORTING


@dataclass(frozen=True, slots=True)
class Root:
    """One checkout on disk: its real path and the repository it belongs to."""

    path: Path
    repository: str

    def row(self) -> dict[str, str]:
        """The root as error texts and `/health` list it."""
        return {"root": str(self.path), "repository": self.repository}


class Roots:
    """Selects the root of a call. Thread-safe.

    :param named: the roots of the settings, possibly relative to `working_folder`.
    :param known: lists the roots that the data folder has an index of, most recently used first.
    :param identify: computes (or remembers) the repository identity of a folder.
    """

    def __init__(
        self,
        named: Sequence[Path],
        *,
        known: Callable[[], Iterable[Root]],
        identify: Callable[[Path], str],
        working_folder: Path,
        environment: Mapping[str, str],
    ) -> None:
        self._named = named
        self._known = known
        self._identify = identify
        self._working_folder = working_folder
        self._environment = environment
        self._offered: tuple[Path, ...] = ()
        self._served: tuple[Root, ...] | None = None
        self._lock = threading.Lock()

    def served(self) -> tuple[Root, ...]:
        """The roots this server was started for.

        Raises `RootNeededError` when there is none, `RootRefusedError` when one
        of them must not be indexed.
        """
        with self._lock:
            if self._served is None:
                self._served = tuple(self._made(folder) for folder in self._folders())
            return self._served

    def served_or_none(self) -> tuple[Root, ...]:
        """The roots this server was started for, or none when there is none yet."""
        try:
            return self.served()
        except (RootNeededError, RootRefusedError):
            return ()

    def offer(self, folders: Iterable[Path]) -> bool:
        """Take the client's MCP roots, if none was found otherwise; whether any of them can be indexed."""
        usable = tuple(folder for folder in folders if _refusal(folder) is None)
        with self._lock:
            if usable and self._served is None:
                self._offered = usable
        return bool(usable)

    def everything(self) -> list[Root]:
        """Served roots first, then all others that the data folder knows."""
        return list(dict.fromkeys((*self.served_or_none(), *self._known())))

    def select(self, given: str | None) -> Root:
        """The root that a call means.

        :param given: a path, a repository identity, or None for the only one.
        Raises `RootAmbiguousError`, `RootUnknownError` or `RootNeededError`.
        """
        if given is None:
            served = self.served()
            if len(served) > 1:
                raise RootAmbiguousError([root.row() for root in served])
            return served[0]
        roots = self.everything()
        for known in (self.served_or_none(), roots):
            same = [root for root in known if root.repository == given]
            if len(same) > 1:
                raise RootAmbiguousError([root.row() for root in same], given)
            if same:
                return same[0]
        found = _enclosing(given, self._working_folder, roots)
        if found is None:
            found = _only_one_named(given, self.served_or_none()) or _only_one_named(given, roots)
        if found is None:
            raise RootUnknownError(given, [root.row() for root in roots])
        return found

    def below(self, given: str | None, root: Root) -> str:
        """Where in a root the folder lies that a call named it by, relative to it; empty for the root itself,
        and where it was named otherwise."""
        if given is None or _enclosing(given, self._working_folder, [root]) is None:
            return ""
        real = Path(os.path.realpath(self._working_folder / places.expanded(given)))
        return "" if real == root.path else real.relative_to(root.path).as_posix()

    def _folders(self) -> Sequence[Path]:
        """The folders to serve, by the first source that names any."""
        if self._named:
            return [self._working_folder / folder for folder in self._named]
        looked_at = []
        project = self._environment.get("CLAUDE_PROJECT_DIR", "")
        places = [("the working directory", self._working_folder)]
        if project:
            places.append(("CLAUDE_PROJECT_DIR", Path(project)))
        for name, folder in places:
            found = repository_around(folder) or self._known_around(folder)
            refused = None if found is None else _refusal(found)
            if refused is not None and refused.code == "root_unreadable":
                raise refused  # it is the one that is meant, and a remedy is all that helps
            if found is not None and refused is None:
                return [found]
            looked_at.append(f"{name} {folder} {_no_checkout(folder)}")
        if self._offered:
            return self._offered
        looked_at.append("the client offered no MCP roots")
        raise RootNeededError(looked_at)

    def _known_around(self, folder: Path) -> Path | None:
        around = _enclosing(str(folder), folder, self._known())
        return around.path if around is not None else None

    def _made(self, folder: Path) -> Root:
        path = checked(folder)
        return Root(path, self._identify(path))


def _only_one_named(given: str, roots: Iterable[Root]) -> Root | None:
    """The root whose folder has this name, where there is no other of that name."""
    named = [root for root in roots if root.path.name == given]
    return named[0] if len(named) == 1 else None


def repository_around(folder: Path) -> Path | None:
    """The top folder of the git working tree that `folder` lies in, or None.

    Looks for ``.git`` (a folder, or a worktree's file) upwards; git itself is
    not started, since every start of the server comes here.
    """
    try:
        real = folder.resolve()
    except (OSError, RuntimeError):
        return None
    for candidate in (real, *real.parents):
        if os.path.lexists(candidate / ".git"):
            return candidate
    return None


def _no_checkout(folder: Path) -> str:
    """Why there is nothing to index around a folder."""
    with contextlib.suppress(OSError, RuntimeError):
        real = folder.resolve()
        for candidate in (real, *real.parents):
            if (candidate / "HEAD").is_file() and (candidate / "objects").is_dir():
                inside = "" if candidate == real else f" {candidate}"
                return f"is in a bare repository{inside}, which has no files: name a checkout of it"
    return "is in no git repository"


def checked(folder: Path) -> Path:
    """The real path of a folder that may be indexed. Raises `RootRefusedError`."""
    # Imported late: starting the server must not wait for the readers of files.
    with IMPORTING:
        from codebase_server.files import RootError, check_root

    try:
        return check_root(folder)
    except RootError as problem:
        raise RootRefusedError(problem.code, problem.message, problem.hint) from problem


def _refusal(folder: Path) -> RootRefusedError | None:
    """Why a folder that was found, not named, cannot be a root; None when it can."""
    try:
        checked(folder)
    except RootRefusedError as refused:
        return refused
    return None


def _enclosing(given: str, working_folder: Path, roots: Iterable[Root]) -> Root | None:
    """The innermost root that is, or holds, the folder `given`; not one around a checkout that lies in it."""
    from bridge.agreed import identity

    try:
        real = Path(os.path.realpath(working_folder / places.expanded(given)))
        there = real.exists()
    except (OSError, RuntimeError, ValueError):
        return None
    # A mistyped repository identity would be a missing file of the working directory: it must not count.
    holding = [root for root in roots if real == root.path or (there and root.path in real.parents)]
    innermost = max(holding, key=lambda root: len(root.path.parts), default=None)
    if innermost is None or identity.is_apart(real, innermost.path):
        return None
    return innermost
