"""What a person may set, and where each value came from.

Flags win over environment, environment over ``config.toml`` in the user's
configuration folder, which wins over defaults. Every value keeps its origin,
so that ``doctor`` can print it beside the value.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

Origin = Literal["flag", "environment", "config.toml", "default"]

APPLICATION: Final = "codebase-server"
"""Name of this server's folders below the user's data and configuration folders."""

DEFAULT_PORT: Final = 8020
DEFAULT_MAX_FILE_BYTES: Final = 1_000_000
"""Files above this are seldom written by hand; they are skipped and counted."""
DEFAULT_TOMBSTONE_DAYS: Final = 180

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


class SettingError(ValueError):
    """A setting has a value that cannot be used; the text names it, its origin and what is valid."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table of settings: how it is named by each source."""

    name: str
    environment: str
    default: object
    kind: Literal["paths", "path", "port", "count", "switch", "words", "text"]
    meaning: str


TABLE: Final[tuple[Setting, ...]] = (
    Setting("root", "CODEBASE_ROOT", (), "paths", "a repository or folder to serve; repeatable"),
    Setting("data_dir", "CODEBASE_DATA_DIR", None, "path", "folder of the indexes"),
    Setting("port", "CODEBASE_HTTP_PORT", DEFAULT_PORT, "port", "loopback port; 0 takes a free one"),
    Setting("http", "CODEBASE_HTTP", True, "switch", "whether the loopback door is opened at all"),
    Setting("token", "CODEBASE_TOKEN_WANTED", True, "switch", "whether the loopback door wants the token"),
    Setting("embedder", "CODEBASE_EMBEDDER", "static", "text", "static, none, or sentence-transformers:NAME"),
    Setting("exclude", "CODEBASE_EXCLUDE", (), "words", "globs of files never indexed; repeatable"),
    Setting(
        "max_file_bytes",
        "CODEBASE_MAX_FILE_BYTES",
        DEFAULT_MAX_FILE_BYTES,
        "count",
        "larger files are skipped",
    ),
    Setting(
        "tombstone_days",
        "CODEBASE_TOMBSTONE_DAYS",
        DEFAULT_TOMBSTONE_DAYS,
        "count",
        "how long gone code is known",
    ),
)
"""Every setting of codebase-server, in the order `doctor` prints them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The effective settings of one process.

    ``root`` is empty when nobody named one: the service then looks at the
    working directory, ``CLAUDE_PROJECT_DIR`` and the client's MCP roots.
    ``origins`` maps a setting's name to where its value came from.
    """

    root: tuple[Path, ...] = ()
    data_dir: Path = field(default_factory=Path)
    port: int = DEFAULT_PORT
    http: bool = True
    token: bool = True
    embedder: str = "static"
    exclude: tuple[str, ...] = ()
    max_file_bytes: int = DEFAULT_MAX_FILE_BYTES
    tombstone_days: int = DEFAULT_TOMBSTONE_DAYS
    origins: Mapping[str, Origin] = field(default_factory=dict)
    config_file: Path | None = None

    def rows(self) -> list[tuple[str, str, str]]:
        """Name, value and origin of every setting, as text."""
        return [(row.name, _shown(getattr(self, row.name)), self.origins[row.name]) for row in TABLE]


def load(
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    config_file: Path | None = None,
) -> Settings:
    """Resolve every setting from its sources.

    :param flags: values given on the command line, by `Setting.name`; absent or None means not given.
    :param environment: the process environment unless given.
    :param config_file: the user's ``config.toml`` unless given; it need not exist.
    :raises SettingError: a value is of the wrong kind, or ``config.toml`` names an unknown setting.
    """
    flags = flags or {}
    environment = os.environ if environment is None else environment
    config_file = config_file or default_config_file(environment)
    from_file = _read_config(config_file)
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for row in TABLE:
        raw, origin = _first_given(row, flags, environment, from_file)
        values[row.name] = _converted(row, raw, origin)
        origins[row.name] = origin
    if values["data_dir"] is None:
        values["data_dir"] = _user_folder("data", environment)
    return Settings(**values, origins=origins, config_file=config_file)


def default_config_file(environment: Mapping[str, str] | None = None) -> Path:
    """Where the user's ``config.toml`` is looked for."""
    return _user_folder("config", os.environ if environment is None else environment) / "config.toml"


def _first_given(
    row: Setting, flags: Mapping[str, object], environment: Mapping[str, str], from_file: Mapping[str, object]
) -> tuple[object, Origin]:
    given = flags.get(row.name)
    if given is not None and given != ():
        return given, "flag"
    if row.name == "token" and "CODEBASE_NO_TOKEN" in environment:
        # The documented variable says the opposite of the setting.
        return not _switch(row, environment["CODEBASE_NO_TOKEN"], "environment"), "environment"
    if environment.get(row.environment, "") != "":
        return environment[row.environment], "environment"
    if row.name in from_file:
        return from_file[row.name], "config.toml"
    return row.default, "default"


def _read_config(file: Path) -> dict[str, object]:
    try:
        raw = file.read_bytes()
    except OSError:
        return {}
    import tomllib

    try:
        table = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise SettingError(f"{file} is not valid TOML: {problem}. Mend or remove the file.") from problem
    table = table.get("codebase", table)
    known = {row.name for row in TABLE}
    unknown = sorted(set(table) - known)
    if unknown:
        raise SettingError(
            f"{file} names an unknown setting '{unknown[0]}'. Known settings: {', '.join(sorted(known))}."
        )
    return table


def _converted(row: Setting, raw: object, origin: Origin) -> object:
    if raw is None or raw == row.default:
        return raw
    if row.kind == "paths":
        return tuple(Path(part).expanduser() for part in _listed(row, raw, origin, os.pathsep))
    if row.kind == "words":
        return tuple(_listed(row, raw, origin, ","))
    if row.kind == "path":
        return Path(str(raw)).expanduser().absolute()
    if row.kind in ("port", "count"):
        return _number(row, raw, origin)
    if row.kind == "switch":
        return _switch(row, raw, origin)
    return str(raw).strip()


def _listed(row: Setting, raw: object, origin: Origin, separator: str) -> list[str]:
    if isinstance(raw, str):
        return [part.strip() for part in raw.split(separator) if part.strip()]
    if isinstance(raw, list | tuple):
        return [str(part) for part in raw]
    raise _unusable(row, raw, origin, "a text or a list of texts")


def _number(row: Setting, raw: object, origin: Origin) -> int:
    highest = 65_535 if row.kind == "port" else 2**40
    try:
        number = int(str(raw))
    except ValueError:
        number = -1
    if not 0 <= number <= highest:
        raise _unusable(row, raw, origin, f"a whole number from 0 to {highest}")
    return number


def _switch(row: Setting, raw: object, origin: Origin) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise _unusable(row, raw, origin, "1, 0, true, false, yes, no, on or off")


def _unusable(row: Setting, raw: object, origin: Origin, valid: str) -> SettingError:
    flag = "--" + row.name.replace("_", "-")
    where = {"flag": flag, "environment": row.environment}.get(origin, f"'{row.name}' in config.toml")
    return SettingError(f"{where} is {raw!r}, but must be {valid}.")


def _user_folder(which: Literal["data", "config"], environment: Mapping[str, str]) -> Path:
    """The user's folder for this application, as platformdirs names it.

    The common case on Linux is answered here: importing platformdirs costs
    20 ms, which every start of the server would pay.
    """
    if sys.platform.startswith("linux"):
        variable, below_home = (
            ("XDG_DATA_HOME", ".local/share") if which == "data" else ("XDG_CONFIG_HOME", ".config")
        )
        base = environment.get(variable, "")
        home = Path(environment.get("HOME") or Path.home())
        return (Path(base) if base.startswith("/") else home / below_home) / APPLICATION
    import platformdirs

    if which == "data":
        return Path(platformdirs.user_data_dir(APPLICATION, appauthor=False))
    return Path(platformdirs.user_config_dir(APPLICATION, appauthor=False))


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value) or "(none)"
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)
