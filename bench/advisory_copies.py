"""Local copies of public advisory databases, and what they say of a set of packages.

Two kinds are read, each as a git repository (with or without a work tree) or as a plain folder:

- ``vulns/NAME/*.yaml`` in the OSV format, as https://github.com/pypa/advisory-database keeps it, the source
  of pip-audit's service (OSV schema: https://ossf.github.io/osv-schema/)
- ``data/insecure.json``, a list of version specifiers for each package, as https://github.com/pyupio/safety-db
  keeps it (no names of advisories; for non-commercial use)

A copy knows nothing that was found after its date, which belongs to every answer.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

_OSV: Final = "vulns"
_SPECIFIERS: Final = "data/insecure.json"


@dataclass(frozen=True)
class Finding:
    """A version that an advisory names."""

    package: str
    version: str
    advisory: str
    fixed: tuple[str, ...]


class Copy:
    """One copy; raises `ValueError` when the folder holds neither kind."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tree: dict[str, str] | None = None
        if _git(folder, "rev-parse", "--git-dir"):
            listed = _git(folder, "ls-tree", "-r", "HEAD").splitlines()
            self._tree = {line.partition("\t")[2]: line.split()[2] for line in listed}
        if self._read(_SPECIFIERS) is None and not any(self._under(_OSV)):
            raise ValueError(f"{folder} has neither {_OSV}/NAME/*.yaml nor {_SPECIFIERS}.")

    def date(self) -> str:
        """Day of its newest advisory, or the newest change of its files where it is no git repository."""
        if self._tree is not None:
            return _git(self._folder, "log", "-1", "--format=%cs").strip()
        newest = max(file.stat().st_mtime for file in self._folder.rglob("*") if file.is_file())
        return datetime.fromtimestamp(newest, UTC).date().isoformat()

    def findings(self, packages: Mapping[str, str]) -> list[Finding]:
        """What it says of these packages, each with its version."""
        specifiers = json.loads(self._read(_SPECIFIERS) or "{}")
        return [
            found
            for name, version in sorted(packages.items())
            for found in (
                *self._of_osv(canonicalize_name(name), version),
                *_of_specifiers(canonicalize_name(name), version, specifiers),
            )
        ]

    def knows(self, packages: Mapping[str, str]) -> list[str]:
        """Which of these packages it has ever had an advisory for."""
        specifiers = json.loads(self._read(_SPECIFIERS) or "{}")
        names = {canonicalize_name(path.split("/")[1]) for path in self._under(_OSV) if path.count("/") == 2}
        names |= {canonicalize_name(name) for name in specifiers}
        return sorted(name for name in packages if canonicalize_name(name) in names)

    def _of_osv(self, name: str, version: str) -> Iterator[Finding]:
        import yaml

        for path in self._under(f"{_OSV}/{name}"):
            if path.endswith(".yaml") and (text := self._read(path)) is not None:
                finding = judged(yaml.safe_load(text), name, version)
                if finding is not None:
                    yield finding

    def _under(self, folder: str) -> list[str]:
        if self._tree is not None:
            return [path for path in self._tree if path.startswith(f"{folder}/")]
        found = (self._folder / folder).rglob("*")
        return [file.relative_to(self._folder).as_posix() for file in found if file.is_file()]

    def _read(self, path: str) -> str | None:
        if self._tree is not None:
            return _git(self._folder, "cat-file", "blob", self._tree[path]) if path in self._tree else None
        file = self._folder / path
        return file.read_text(encoding="utf-8") if file.is_file() else None


def judged(advisory: Mapping[str, Any], name: str, version: str) -> Finding | None:
    """What an OSV advisory says of this version; None when it is not affected, or the advisory withdrawn."""
    if advisory.get("withdrawn"):
        return None
    for affected in advisory.get("affected", ()):
        package = affected.get("package", {})
        if package.get("ecosystem") != "PyPI" or canonicalize_name(package.get("name", "")) != name:
            continue
        ranges = [one for one in affected.get("ranges", ()) if one.get("type") in ("ECOSYSTEM", "SEMVER")]
        if version in affected.get("versions", ()) or any(
            _within(Version(version), one["events"]) for one in ranges
        ):
            fixed = {event["fixed"] for one in ranges for event in one["events"] if "fixed" in event}
            later = sorted((one for one in fixed if Version(one) > Version(version)), key=Version)
            return Finding(name, version, str(advisory["id"]), tuple(later))
    return None


def _within(version: Version, events: Sequence[Mapping[str, str]]) -> bool:
    """Whether a version lies in a range, by the algorithm of the OSV schema ("evaluation")."""
    inside = False
    for event in sorted(events, key=_place):
        if "introduced" in event and version >= _place(event)[0]:
            inside = True
        elif ("fixed" in event and version >= _place(event)[0]) or (
            "last_affected" in event and version > _place(event)[0]
        ):
            inside = False
    return inside


def _place(event: Mapping[str, str]) -> tuple[Version, bool]:
    told = event.get("introduced") or event.get("fixed") or event.get("last_affected") or "0"
    return Version(told), "introduced" not in event


def _of_specifiers(name: str, version: str, listed: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    for specifier in listed.get(name, ()):
        try:
            hit = SpecifierSet(specifier).contains(version, prereleases=True)
        except (InvalidSpecifier, InvalidVersion):
            continue  # of a version that no index would take
        if hit:
            yield Finding(name, version, f"{name} {specifier}", ())


def _git(folder: Path, *arguments: str) -> str:
    """Standard output; empty where git has nothing to say."""
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""
