"""Flags before environment, environment before the settings file, the file before defaults.

Every value knows where it came from, so that ``doctor`` can say it.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from bridge.agreed import places
from bridge.agreed.errors import TandemError, did_you_mean

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A value and its source: ``flag --port``, ``environment WORKFLOW_HTTP_PORT``, a file, or ``default``."""

    name: str
    value: T
    source: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a server's table of settings.

    ``convert`` makes its value of a text or of what the settings file has; it raises `ValueError` with what
    would be valid. ``meaning`` is what `doctor` and `--help` say of it.
    """

    name: str
    variable: str
    default: Any
    convert: Callable[[Any], Any]
    meaning: str


KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "codebase": (
        *("root", "data_dir", "port", "http", "token", "no_token", "embedder", "vectors", "exclude"),
        *("max_file_bytes", "tombstone_days"),
    ),
    "workflow": (
        *("project", "data_dir", "port", "no_token", "actor", "bridge", "bridge_timeout"),
        *("codebase_url", "codebase_token", "log_level"),
    ),
}
"""The sections of the settings file and what each may hold: both servers read one file."""


VARIABLES: Final = (
    *("WORKFLOW_PROJECT", "WORKFLOW_DATA_DIR", "WORKFLOW_HTTP_PORT", "WORKFLOW_NO_TOKEN", "WORKFLOW_ACTOR"),
    *("WORKFLOW_LOG_LEVEL", "BRIDGE", "BRIDGE_TIMEOUT_MS", "CODEBASE_URL", "CODEBASE_TOKEN"),
    *("CODEBASE_ROOT", "CODEBASE_DATA_DIR", "CODEBASE_HTTP_PORT", "CODEBASE_HTTP", "CODEBASE_WANT_TOKEN"),
    *("CODEBASE_NO_TOKEN", "CODEBASE_EMBEDDER", "CODEBASE_VECTORS", "CODEBASE_EXCLUDE"),
    *("CODEBASE_MAX_FILE_BYTES", "CODEBASE_TOMBSTONE_DAYS", "TANDEM_RUNTIME_DIR"),
)
"""The variables that the servers read."""

_ALIKE: Final = 0.85
"""How near to one of them another's name is that is taken for it, misspelt. Beside ours, programs of other
makers have names in WORKFLOW and CODEBASE too.
"""


def misspelt(environment: Mapping[str, str]) -> list[str]:
    """A sentence for each variable that no server reads and that looks as if one of theirs was meant."""
    found = []
    for name in sorted(environment.keys() - set(VARIABLES)):
        if near := difflib.get_close_matches(name.upper().replace("-", "_"), VARIABLES, n=1, cutoff=_ALIKE):
            found.append(f"{name} is read by no server. Did you mean {near[0]}?")
    return found


def _listed(names: Iterable[str]) -> str:
    return f" There are {', '.join(names)}."


def unknown(file: Path) -> list[str]:
    """A sentence for each section and key of a settings file that no server reads; none if it is no TOML."""
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return []
    found = []
    for section, table in content.items():
        keys = KEYS.get(section)
        if keys is None and isinstance(table, dict):
            listed = " and ".join(f"[{known}]" for known in KEYS)
            found.append(f"[{section}] is no section.{did_you_mean(section, KEYS)} There are {listed}.")
        elif keys is None:
            where = [f"[{known}]" for known, its in KEYS.items() if section in its]
            belongs = f" It belongs below {' or '.join(where)}." if where else ""
            found.append(f"{section} stands above every section and is not read.{belongs}")
        elif isinstance(table, dict):
            found += [
                f"{key} in [{section}] is no setting.{did_you_mean(key, keys) or _listed(keys)}"
                for key in table
                if key not in keys
            ]
    return found


class Sources:
    """The three places above the defaults.

    ``section`` is the program's table in ``config.toml`` (``[workflow]``); a key
    there is the flag's name with underscores. Raises `TandemError`
    ``invalid_settings`` for a settings file that is no TOML.
    """

    def __init__(
        self,
        section: str,
        *,
        flags: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
        file: Path | None = None,
    ) -> None:
        self._flags = {name: value for name, value in (flags or {}).items() if value is not None}
        self._environment = os.environ if environment is None else environment
        self._file = places.config_file() if file is None else file
        self._table = _table(self._file, section)

    def read(self, name: str, variable: str | None, default: T, convert: Callable[[Any], T]) -> Setting[T]:
        """The setting ``name``, converted. An empty variable counts as not set.

        ``convert`` raises `ValueError` with what would be valid; it becomes a
        `TandemError` ``invalid_setting`` that names the value and its source.
        """
        if name in self._flags:
            return self._converted(name, self._flags[name], f"flag --{name.replace('_', '-')}", convert)
        if variable and self._environment.get(variable):
            return self._converted(name, self._environment[variable], f"environment {variable}", convert)
        if name in self._table:
            return self._converted(name, self._table[name], str(self._file), convert)
        return Setting(name, default, "default")

    def _converted(self, name: str, raw: Any, source: str, convert: Callable[[Any], T]) -> Setting[T]:
        try:
            return Setting(name, convert(raw), source)
        except (ValueError, TypeError) as error:
            raise TandemError(
                "invalid_setting", f"The setting {name} ({source}) is {raw!r}: {error}.", "Correct it there."
            ) from None


def _table(file: Path, section: str) -> Mapping[str, Any]:
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise TandemError(
            "invalid_settings", f"{file} cannot be read: {error}.", "Correct or remove it."
        ) from None
    table = content.get(section, {})
    if not isinstance(table, dict):
        raise TandemError("invalid_settings", f"[{section}] in {file} is no table.", "Correct or remove it.")
    return table


def folder(raw: Any) -> Path:
    """A converter for folders: absolute, ``~`` and variables expanded."""
    return places.expanded(str(raw)).absolute()


def whole_number(low: int, high: int) -> Callable[[Any], int]:
    """A converter for integers within bounds."""

    def convert(raw: Any) -> int:
        try:
            number = int(str(raw))
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise ValueError(f"give a whole number from {low} to {high}")
        return number

    return convert


_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})


def yes_or_no(raw: Any) -> bool:
    """A converter for switches: 1/0, true/false, yes/no, on/off."""
    word = str(raw).strip().casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise ValueError("give 1, true, yes, on or 0, false, no, off")
