"""By which name a repository is known.

Clones and worktrees of one repository must agree on it without asking each
other, so for git it is derived from the oldest root commit reachable from
HEAD: history grows at the other end. A shallow clone does not have that
commit, a new repository none yet; these and plain folders are known by the
real path of the common git directory or folder.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
import stat
import subprocess
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from bridge.agreed import limits, places, reading, slow_git, system
from bridge.agreed.programs import GIT_MEMORY_BYTES, program

logger = logging.getLogger(__name__)

_GIT_SECONDS: Final = 60.0
_HASH_BYTES: Final = 10  # 16 base-32 characters
_GIT_WITHOUT_THE_REPOSITORYS_PROGRAMS: Final = (
    "--no-pager",
    "-c",
    "core.fsmonitor=false",
    "-c",
    f"core.hooksPath={os.devnull}",
    "-c",
    "protocol.allow=never",
)
_READ_BY_GIT: Final = ("HEAD", "config", "config.worktree", "index", "packed-refs", "shallow", "info/exclude")
_known: dict[Path, RepositoryIdentity] = {}
_known_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class RepositoryIdentity:
    """A repository's name, how it was found and where.

    ``id`` is ``r_`` and 16 base-32 characters. ``top`` is the checkout's top
    folder, ``common`` the git directory that its worktrees share (for a plain
    folder, both are the folder).
    """

    id: str
    basis: Literal["root commit", "path"]
    top: Path
    common: Path


def of_folder(folder: str | os.PathLike[str]) -> RepositoryIdentity:
    """The identity of the repository that ``folder`` lies in, or of the plain folder itself.

    Reads git's data with git, but runs nothing that the repository brings (hooks,
    monitors, pagers, filters) and asks no network. Raises `FileNotFoundError` or
    `NotADirectoryError` for what is no folder.
    """
    real = Path(folder).resolve(strict=True)
    if not real.is_dir():
        raise NotADirectoryError(str(folder))
    top, common = _checkout(real)
    if common is None:
        return RepositoryIdentity(_name("path", str(real)), "path", real, real)
    with _known_lock:
        known = _known.get(common)
    if known is not None and known.basis == "root commit":
        return RepositoryIdentity(known.id, known.basis, top, common)
    commit = _oldest_root_commit(top, common)
    if commit:
        identity = RepositoryIdentity(_name("root commit", commit), "root commit", top, common)
    else:
        identity = RepositoryIdentity(_name("path", str(common)), "path", top, common)
    with _known_lock:
        _known[common] = identity
    return identity


def folder_name(common: Path) -> str:
    """What people call the repository of this common git directory: its folder's name. The project of its
    work items bears it, unless another has it already.
    """
    top = common.parent if common.name == ".git" else common
    return top.name.removesuffix(".git") or "project"


def top_folder(folder: str | os.PathLike[str]) -> Path | None:
    """The top of the checkout that ``folder`` lies in, or None outside any repository. Reads no history."""
    top, common = _checkout(Path(folder).resolve(strict=True))
    return top if common is not None else None


def is_apart(folder: Path, root: Path) -> bool:
    """Whether ``folder``, which lies within ``root``, is in a checkout of its own there: a worktree or clone,
    whose files are not the root's, as those of a submodule are. Both are real paths; starts no git.
    """
    for top in (folder, *folder.parents):
        if top == root:
            return False
        marker = top / ".git"
        git_dir = _git_dir_of(marker) if marker.is_file() else marker
        if git_dir is None or not (git_dir / "HEAD").exists():
            continue
        if "modules" not in git_dir.parts or (git_dir / "commondir").exists():
            return True
    return False


def commit(folder: str | os.PathLike[str], name: str) -> str | None:
    """The full hash of a commit that hexadecimal ``name`` abbreviates in the folder's repository, or None."""
    top = top_folder(folder)
    if top is None or not name.isalnum():
        return None
    try:
        full = _git(top, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except _SlowError:
        return None
    return full.strip() if full else None


def is_unanswered(folder: str | os.PathLike[str]) -> bool:
    """Whether git gave no answer about the folder's repository lately, and is not asked now."""
    top = top_folder(folder)
    return top is not None and slow_git.is_resting("history", top)


def git_would_wait(folder: str | os.PathLike[str]) -> bool:
    """Whether something that is no file, a pipe for one, is where git reads a file of its own.

    Git would wait for ever for what never comes out of it, so it is not asked.
    """
    top, common = _checkout(Path(folder).resolve())
    if common is None:
        return False
    marker = top / ".git"
    own = (_git_dir_of(marker) if marker.is_file() else None) or marker  # a worktree's files stand elsewhere
    read = [folder / name for folder in {own, common} for name in _READ_BY_GIT]
    for head in (own / "HEAD", common / "HEAD"):
        with suppress(OSError, ValueError):
            word, _, branch = reading.line_of(head).partition(":")
            read += [common / branch.strip()] if word == "ref" else []
    for file in read:
        with suppress(OSError, ValueError):
            mode = file.stat().st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                logger.warning("git is not asked about %s: %s is no file.", top, file)
                return True
    return False


def forget_known() -> None:
    """Drop what this process remembers, so that the next call looks again."""
    with _known_lock:
        _known.clear()
    slow_git.forget_known()


def _name(basis: str, value: str) -> str:
    digest = hashlib.blake2b(f"{basis}\0{value}".encode(), digest_size=_HASH_BYTES).digest()
    return "r_" + base64.b32encode(digest).decode().lower()


def _checkout(folder: Path) -> tuple[Path, Path | None]:
    """The checkout's top and its common git directory; None for a folder outside any."""
    for top in (folder, *folder.parents):
        marker = top / ".git"
        if marker.is_dir() and (marker / "HEAD").exists():
            return top, marker.resolve()
        if marker.is_file() and (linked := _linked_git_dir(marker)) is not None:
            return top, linked
    return folder, None


def _linked_git_dir(marker: Path) -> Path | None:
    """The directory that the history is in to which the ``.git`` file of a worktree or submodule leads."""
    git_dir = _git_dir_of(marker)
    if git_dir is not None:
        with suppress(OSError, ValueError):
            shared = git_dir / "commondir"
            return (git_dir / reading.line_of(shared)).resolve() if shared.exists() else git_dir
    return None


def _git_dir_of(marker: Path) -> Path | None:
    """The git directory that a ``.git`` file names."""
    with suppress(OSError, ValueError):
        word, _, place = reading.line_of(marker).partition(":")
        git_dir = (marker.parent / place.strip()).resolve()
        if word == "gitdir" and (git_dir / "HEAD").exists():
            return git_dir
    return None


def _oldest_root_commit(top: Path, common: Path) -> str:
    """The oldest commit without parents that HEAD descends from; empty when it cannot be known."""
    with suppress(OSError):
        if (common / "shallow").stat().st_size > 0:
            return ""
    remembered = _Remembered(common)
    commit = remembered.read()
    try:
        if commit and _git(top, "cat-file", "-e", f"{commit}^{{commit}}") is not None:
            return commit
        listed = _git(top, "rev-list", "--max-parents=0", "--timestamp", "HEAD")
    except _SlowError:
        return commit  # nothing speaks against it, and by another name all that is known would be lost
    roots = [line.split() for line in (listed or "").splitlines()]
    dated = [(int(fields[0]), fields[1]) for fields in roots if len(fields) == 2 and fields[0].isdigit()]
    if not dated:
        return ""
    commit = min(dated)[1]
    remembered.write(commit)
    return commit


class _SlowError(Exception):
    """Git gives no answer in time, or gave none a while ago."""


def _git(folder: Path, *arguments: str) -> str | None:
    """What git prints, or None when it fails or is missing. Raises `_SlowError` when it takes too long."""
    if slow_git.is_resting("history", folder):
        raise _SlowError
    if git_would_wait(folder):
        return None
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_GRAFT_FILE": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
    try:
        with subprocess.Popen(
            [program("git"), *_GIT_WITHOUT_THE_REPOSITORYS_PROGRAMS, "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        ) as git:
            limits.limit_memory_of(git.pid, GIT_MEMORY_BYTES)
            try:
                told, _ = git.communicate(timeout=_GIT_SECONDS)
            finally:
                git.kill()  # nothing, where it has ended
    except subprocess.TimeoutExpired as error:
        logger.warning(
            "git took over %.0f s in %s: it is not asked again for some time.", _GIT_SECONDS, folder
        )
        slow_git.note("history", folder, _GIT_SECONDS)
        raise _SlowError from error
    except OSError as error:
        logger.warning("git could not be asked about %s: %s", folder, type(error).__name__)
        return None
    return told.decode("ascii", "replace") if git.returncode == 0 else None


class _Remembered:
    """The root commit found before, by common git directory: a long history takes seconds to walk.

    It is believed only while the commit still stands in the repository.
    """

    def __init__(self, common: Path) -> None:
        name = hashlib.blake2b(str(common).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
        self._file = places.cache_folder() / "root-commits" / f"{name}.json"
        self._common = str(common)

    def read(self) -> str:
        with suppress(OSError, ValueError, KeyError, TypeError):
            record = json.loads(self._file.read_text("utf-8"))
            commit = record["commit"] if record["common"] == self._common else ""
            return commit if isinstance(commit, str) and commit.isalnum() else ""
        return ""

    def write(self, commit: str) -> None:
        with suppress(OSError):
            places.own_folder(self._file.parent)
            with tempfile.NamedTemporaryFile(
                "w", dir=self._file.parent, delete=False, encoding="utf-8"
            ) as new:
                json.dump({"common": self._common, "commit": commit}, new)
            system.put_in_place(new.name, self._file)
