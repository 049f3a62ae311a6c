"""One intended change of one settings file: shown first, backed up, then written as a whole or not at all."""

from __future__ import annotations

import difflib
import errno
import itertools
import os
import stat
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.agreed import system
from bridge.agreed.errors import TandemError
from bridge.hosts import jsonc, toml
from bridge.hosts.known import Host, Launch, Surroundings

BACKUP_SUFFIX = ".before-tandem"
_FULL = (errno.ENOSPC, errno.EDQUOT)
SERVERS = ("codebase", "workflow")
"""The servers that setup puts into a file, both into the same."""


@dataclass(frozen=True, slots=True)
class Change:
    """A settings file as it is and as it would be.

    ``before`` is None when there is no file yet, ``after`` is None when there will be none again.
    ``ours_alone``: all that stands there was put there by setup, so there is nothing to keep.
    ``inside``: the project whose settings these are, which they may not lead out of.
    """

    file: Path
    before: str | None
    after: str | None
    ours_alone: bool = False
    inside: Path | None = None

    @property
    def needed(self) -> bool:
        """Whether anything would change."""
        return self.before != self.after and (self.before or "") != self.after

    def diff(self) -> str:
        """The change as a unified diff."""
        before = (self.before or "").splitlines(keepends=True)
        after = (self.after or "").splitlines(keepends=True)
        return "".join(difflib.unified_diff(before, after, str(self.file), str(self.file)))

    def write(self) -> Path | None:
        """Keep what stood there beside it, then put the new text in its place.

        Returns the backup, or None when there was no file, nothing to change, or the file is again what
        its backup holds (which then goes). An older backup is kept and not overwritten: it is what stood
        there before us.

        Raises `TandemError` ``settings_changed`` when the file is no longer what the
        person was shown, ``settings_not_writable`` when the system refuses to change it.
        """
        if not self.needed:
            return None
        if _read(self.file) != self.before:
            raise TandemError(
                "settings_changed",
                f"{self.file} was changed meanwhile; nothing was written.",
                "Run setup again.",
            )
        self._refuse_a_way_out()
        try:
            return self._written()
        except OSError as problem:
            raise _not_writable(self.file, problem) from problem

    def _written(self) -> Path | None:
        if self.after is None:
            self.file.unlink()
            return None
        backup = self._keep_backup()
        self.file.parent.mkdir(parents=True, exist_ok=True)
        _put(self.after, Path(os.path.realpath(self.file)))  # a linked settings file stays a link
        if backup is not None and _read(backup) == self.after:
            backup.unlink()
            return None
        return backup

    def _keep_backup(self) -> Path | None:
        if self.before is None or self.ours_alone:
            return None
        backup = _backup_of(self.file)
        mode = stat.S_IMODE(self.file.stat().st_mode)  # settings may hold keys, and so may what they were
        try:
            descriptor = os.open(backup, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError:
            if not stat.S_ISREG(backup.lstat().st_mode):
                raise _unsafe(backup, "is no regular file") from None
            return backup
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(self.before)
        return backup

    def _refuse_a_way_out(self) -> None:
        """A link in a project's folder may come with the repository, and lead anywhere; a user's own may."""
        if self.inside is None:
            return
        real = Path(os.path.realpath(self.file))
        if not real.is_relative_to(os.path.realpath(self.inside)):
            raise _unsafe(self.file, f"leads out of the project, to {real}")


def _put(text: str, target: Path) -> None:
    """Make ``text`` what stands in a file, whole or not at all, with the file's own mode."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=target.name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            Path(name).chmod(target.stat().st_mode & 0o777)
        system.put_in_place(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def adding(host: Host, launch: Launch, around: Surroundings) -> Change:
    """The change that makes `host` start the server. Raises `TandemError` ``settings_unreadable``."""
    file = host.file(around)
    before = _read(file)
    try:
        if host.strict and (before or "").strip():
            jsonc.check_strict(before or "")
        after = _with(host, before or "", launch.name, host.entry(launch))
        alone = _made_of(host, None, before or "") is not None
        return Change(file, before, after, alone, _project_of(host, around))
    except (jsonc.NotJsonError, toml.NotTomlError) as problem:
        raise _unreadable(host, file, problem) from problem


def removing(host: Host, name: str, around: Surroundings) -> Change:
    """The change that takes the server out again. Raises `TandemError` ``settings_unreadable``.

    Where nothing but our own servers was put in since the first setup, the file will be what it was then,
    to the byte, or be gone where there was none; else only the entry is taken out of the text.
    """
    file = host.file(around)
    before = _read(file)
    try:
        if _held(host, before or "", name) is None:
            return Change(file, before, before)
        for first in (_read(_backup_of(file)), None):
            order = _made_of(host, first, before or "")
            if order is not None:
                entries = {one: _held(host, before or "", one) for one in order if one != name}
                wanted = _all_with(host, first, entries)
                return Change(file, before, wanted, first is None, _project_of(host, around))
        return Change(file, before, _without(host, before or "", name), inside=_project_of(host, around))
    except (jsonc.NotJsonError, toml.NotTomlError) as problem:
        raise _unreadable(host, file, problem) from problem


def _made_of(host: Host, first: str | None, text: str) -> Sequence[str] | None:
    """The order in which setup put our servers into `first` (None: no file) to make `text` of it, if it did.

    Taking a member out of a text cannot know how the text around it was written before. What setup puts
    in is known, though, so putting it in again shows whether anything else was changed.
    """
    ours = {one: entry for one in SERVERS if (entry := _held(host, text, one)) is not None}
    if not ours or any(_held(host, first or "", one) is not None for one in SERVERS):
        return None
    for order in itertools.permutations(ours):
        if _all_with(host, first, {one: ours[one] for one in order}) == text:
            return order
    return None


def _all_with(host: Host, text: str | None, entries: Mapping[str, object]) -> str | None:
    for name, entry in entries.items():
        text = _with(host, text or "", name, entry)
    return text


def _held(host: Host, text: str, name: str) -> Any:
    path = (*host.section, name)
    return toml.value_at(text, path) if host.syntax == "toml" else jsonc.value_at(text, path)


def _with(host: Host, text: str, name: str, entry: Any) -> str:
    path = (*host.section, name)
    if _held(host, text, name) == entry:
        return text
    return (
        toml.with_table(text, path, entry) if host.syntax == "toml" else jsonc.with_member(text, path, entry)
    )


def _without(host: Host, text: str, name: str) -> str:
    path = (*host.section, name)
    return toml.without_table(text, path) if host.syntax == "toml" else jsonc.without_member(text, path)


def _project_of(host: Host, around: Surroundings) -> Path | None:
    return None if host.everywhere else around.project


def _backup_of(file: Path) -> Path:
    return file.with_name(file.name + BACKUP_SUFFIX)


def _read(file: Path) -> str | None:
    """What a file holds, None where there is none. A pipe or a device, which may never end, is not read."""
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise _unsafe(file, "is no regular file")
            return stream.read().decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as problem:
        raise TandemError(
            "settings_unreadable", f"Cannot read {file}: {problem}.", "Mend it first."
        ) from problem


def _unsafe(file: Path, reason: str) -> TandemError:
    return TandemError(
        "settings_unsafe",
        f"{file} {reason}; nothing was written.",
        "Remove the link, or paste the entry that `setup --print` shows by hand.",
    )


def _unreadable(host: Host, file: Path, problem: Exception) -> TandemError:
    return TandemError(
        "settings_unreadable",
        f"{file}, the settings of {host.title}, cannot be edited: {problem}.",
        "Mend it, or paste the entry that `setup --print` shows by hand.",
    )


def _not_writable(file: Path, problem: OSError) -> TandemError:
    why = problem.strerror or str(problem)
    place = "It lies on a file system that is mounted read-only: mount it for writing"
    if not system.read_only(file):
        place = (
            "Free some space"
            if problem.errno in _FULL
            else f"Give yourself the right to write in {file.parent}"
        )
    return TandemError(
        "settings_not_writable",
        f"{file} cannot be written ({why}); nothing was changed.",
        f"{place} and run setup again, or paste the entry that `setup --print` shows by hand.",
    )
