"""One intended change of one settings file: shown first, backed up, then written as a whole or not at all."""

from __future__ import annotations

import difflib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bridge.agreed.errors import TandemError
from bridge.hosts import jsonc, toml
from bridge.hosts.known import Host, Launch, Surroundings

BACKUP_SUFFIX = ".before-tandem"


@dataclass(frozen=True, slots=True)
class Change:
    """A settings file as it is and as it would be. ``before`` is None when there is no file yet."""

    file: Path
    before: str | None
    after: str

    @property
    def needed(self) -> bool:
        """Whether anything would change."""
        return (self.before or "") != self.after

    def diff(self) -> str:
        """The change as a unified diff."""
        before = (self.before or "").splitlines(keepends=True)
        after = self.after.splitlines(keepends=True)
        return "".join(difflib.unified_diff(before, after, str(self.file), str(self.file)))

    def write(self) -> Path | None:
        """Keep what stood there beside it, then put the new text in its place.

        Returns the backup, or None when there was no file or nothing to change. An
        older backup is kept and not overwritten: it is what stood there before us.

        Raises `TandemError` ``settings_changed`` when the file is no longer what the
        person was shown.
        """
        if not self.needed:
            return None
        if _read(self.file) != self.before:
            raise TandemError(
                "settings_changed",
                f"{self.file} was changed meanwhile; nothing was written.",
                "Run setup again.",
            )
        backup = self._keep_backup()
        self.file.parent.mkdir(parents=True, exist_ok=True)
        target = Path(os.path.realpath(self.file))  # a linked settings file stays a link
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=target.name)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(self.after)
            stream.flush()
            os.fsync(stream.fileno())
        if self.before is not None:
            Path(name).chmod(target.stat().st_mode & 0o777)
        Path(name).replace(target)
        return backup

    def _keep_backup(self) -> Path | None:
        if self.before is None:
            return None
        backup = self.file.with_name(self.file.name + BACKUP_SUFFIX)
        if not backup.exists():
            backup.write_text(self.before, encoding="utf-8", newline="")
        return backup


def adding(host: Host, launch: Launch, around: Surroundings) -> Change:
    """The change that makes `host` start the server. Raises `TandemError` ``settings_unreadable``."""
    file = host.file(around)
    before = _read(file)
    path = (*host.section, launch.name)
    entry = host.entry(launch)
    try:
        if host.syntax == "toml":
            held = toml.value_at(before or "", path)
            after = (before or "") if held == entry else toml.with_table(before or "", path, entry)
        else:
            held = jsonc.value_at(before or "", path)
            after = (before or "") if held == entry else jsonc.with_member(before or "", path, entry)
    except (jsonc.NotJsonError, toml.NotTomlError) as problem:
        raise _unreadable(host, file, problem) from problem
    return Change(file, before, after)


def removing(host: Host, name: str, around: Surroundings) -> Change:
    """The change that takes the server out again. Raises `TandemError` ``settings_unreadable``."""
    file = host.file(around)
    before = _read(file)
    path = (*host.section, name)
    try:
        if host.syntax == "toml":
            after = toml.without_table(before or "", path)
        else:
            after = jsonc.without_member(before or "", path)
    except (jsonc.NotJsonError, toml.NotTomlError) as problem:
        raise _unreadable(host, file, problem) from problem
    return Change(file, before, after)


def _read(file: Path) -> str | None:
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as problem:
        raise TandemError(
            "settings_unreadable", f"Cannot read {file}: {problem}.", "Mend it first."
        ) from problem


def _unreadable(host: Host, file: Path, problem: Exception) -> TandemError:
    return TandemError(
        "settings_unreadable",
        f"{file}, the settings of {host.title}, cannot be edited: {problem}.",
        "Mend it, or paste the entry that `setup --print` shows by hand.",
    )
