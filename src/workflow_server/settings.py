"""What a person may set, and where each value came from.

Flags win over environment, environment over the `[workflow]` table of ``config.toml`` in the user's configuration
folder, which wins over defaults.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from bridge.agreed import places
from bridge.agreed.errors import TandemError, did_you_mean

Origin = Literal["flag", "environment", "config.toml", "default"]

PROGRAM: Final = "workflow-server"
DEFAULT_PORT: Final = 8010
DEFAULT_BRIDGE_TIMEOUT_MS: Final = 300

_SWITCHES: Final = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table: its name in `Settings`, its variable, its default and how its text is read."""

    name: str
    environment: str
    default: object
    read: Callable[[str], object]
    valid: str
    meaning: str


def _text(raw: str) -> str:
    return raw.strip()


def _folder(raw: str) -> Path:
    return Path(raw).expanduser().absolute()


def _port(raw: str) -> int:
    number = int(raw)
    if not 0 <= number <= 65_535:
        raise ValueError
    return number


def _milliseconds(raw: str) -> int:
    number = int(raw)
    if not 1 <= number <= 60_000:
        raise ValueError
    return number


def _switch(raw: str) -> bool:
    return _SWITCHES[raw.strip().lower()]


def _not(raw: str) -> bool:
    return not _switch(raw)


def _level(raw: str) -> str:
    level = raw.strip().upper()
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError
    return level


TABLE: Final[tuple[Setting, ...]] = (
    Setting("project", "WORKFLOW_PROJECT", None, _text, "a project's name", "project of calls that name none"),
    Setting("data_dir", "WORKFLOW_DATA_DIR", None, _folder, "a folder", "folder of the project files"),
    Setting("port", "WORKFLOW_HTTP_PORT", DEFAULT_PORT, _port, "0 to 65535", "loopback port of `web`; 0 takes a free one"),
    Setting("token", "WORKFLOW_NO_TOKEN", True, _not, "1 or 0", "whether the web door wants the token"),
    Setting("actor", "WORKFLOW_ACTOR", None, _text, "a name", "who acts, in the history"),
    Setting("bridge", "BRIDGE", True, _switch, "on or off", "whether code references are checked"),
    Setting(
        "bridge_timeout_ms", "BRIDGE_TIMEOUT_MS", DEFAULT_BRIDGE_TIMEOUT_MS, _milliseconds, "1 to 60000",
        "milliseconds for the codebase server, in all, per call",
    ),
    Setting("codebase_url", "CODEBASE_URL", None, _text, "a URL", "the codebase server, instead of the endpoint files"),
    Setting("codebase_token", "CODEBASE_TOKEN", None, _text, "a token", "its token; with CODEBASE_URL alone none is sent"),
    Setting("log_level", "WORKFLOW_LOG_LEVEL", "WARNING", _level, "DEBUG, INFO, WARNING or ERROR", "what is logged"),
)  # fmt: skip
"""Every setting of workflow-server, in the order `doctor` prints them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The effective settings of one process; `origins` maps each name to where its value came from."""

    data_dir: Path
    project: str | None = None
    port: int = DEFAULT_PORT
    token: bool = True
    actor: str | None = None
    bridge: bool = True
    bridge_timeout_ms: int = DEFAULT_BRIDGE_TIMEOUT_MS
    codebase_url: str | None = None
    codebase_token: str | None = None
    log_level: str = "WARNING"
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def rows(self) -> list[tuple[str, str, str]]:
        """Name, value and origin of every setting, as text; a token is not shown."""
        told = []
        for row in TABLE:
            value = getattr(self, row.name)
            shown = "–" if value is None else "(given)" if row.name == "codebase_token" else str(value)
            told.append((row.name, shown, self.origins.get(row.name, "default")))
        return told


def load(
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    config_file: Path | None = None,
) -> Settings:
    """Resolve every setting from its sources.

    `flags` are by `Setting.name`, None meaning not given. A value of the wrong kind and an unknown name in the
    file raise `TandemError` ``invalid_setting``.
    """
    environment = os.environ if environment is None else environment
    from_file = _read_config(config_file or places.config_file())
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for row in TABLE:
        values[row.name], origins[row.name] = _resolved(row, flags or {}, environment, from_file)
    if values["data_dir"] is None:
        values["data_dir"] = places.data_folder(PROGRAM)
    return Settings(**values, origins=origins)


def _resolved(
    row: Setting, flags: Mapping[str, object], environment: Mapping[str, str], from_file: Mapping[str, object]
) -> tuple[object, Origin]:
    given = flags.get(row.name)
    if given is not None:
        # a switch's flag says the setting itself; WORKFLOW_NO_TOKEN says its opposite
        return (given, "flag") if isinstance(given, bool) else (_read(row, str(given), "flag"), "flag")
    if environment.get(row.environment, "") != "":
        return _read(row, environment[row.environment], "environment"), "environment"
    if row.name in from_file:
        value = from_file[row.name]
        if isinstance(value, bool) and isinstance(row.default, bool):
            return value, "config.toml"
        return _read(row, str(value), "config.toml"), "config.toml"
    return row.default, "default"


def _read(row: Setting, raw: str, origin: Origin) -> object:
    try:
        return row.read(raw)
    except (ValueError, KeyError) as error:
        flag = "--" + row.name.removesuffix("_ms").replace("_", "-")
        where = {"flag": flag, "environment": row.environment}.get(origin, f"`{row.name}` in config.toml")
        raise TandemError("invalid_setting", f'{where} is "{raw}".', f"Give {row.valid}.") from error


def _read_config(file: Path) -> Mapping[str, object]:
    try:
        raw = file.read_bytes()
    except OSError:
        return {}
    import tomllib

    try:
        table = tomllib.loads(raw.decode("utf-8")).get("workflow", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TandemError("invalid_setting", f"{file} is not TOML: {error}.", "Mend or remove it.") from error
    known = [row.name for row in TABLE]
    for name in table:
        if name not in known:
            raise TandemError(
                "invalid_setting",
                f"{file} names an unknown setting `{name}`.{did_you_mean(name, known)}",
                f"Settings of [workflow]: {', '.join(known)}.",
            )
    return dict(table)
