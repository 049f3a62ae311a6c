"""What a person may set for codebase-server, and where each value came from.

Flags win over environment, environment over ``config.toml`` (table
``[codebase]``), which wins over defaults.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from bridge.agreed import places
from bridge.agreed.settings import Row, Sources, folder, whole_number, yes_or_no

APPLICATION: Final = "codebase-server"
"""Name of this program in log files and below the user's data folder."""

DEFAULT_PORT: Final = 8020
DEFAULT_MAX_FILE_BYTES: Final = 1_000_000
"""Files above this are seldom written by hand; they are skipped and counted."""
DEFAULT_TOMBSTONE_DAYS: Final = 180


def _listed(separator: str) -> Callable[[Any], tuple[str, ...]]:
    def convert(raw: Any) -> tuple[str, ...]:
        if isinstance(raw, str):
            return tuple(part.strip() for part in raw.split(separator) if part.strip())
        if isinstance(raw, list | tuple):
            return tuple(str(part) for part in raw)
        raise ValueError("give a text or a list of texts")

    return convert


def _folders(raw: Any) -> tuple[Path, ...]:
    return tuple(places.expanded(part) for part in _listed(os.pathsep)(raw))


def _embedder(raw: Any) -> str:
    name = str(raw).strip()
    if name in ("static", "none") or (name.startswith("sentence-transformers:") and name[22:].strip()):
        return name
    raise ValueError("give static, none, or sentence-transformers:NAME-OR-FOLDER")


def _vectors(raw: Any) -> Literal["auto", "memory", "sqlite-vec"]:
    match str(raw).strip():
        case "auto" | "memory" | "sqlite-vec" as place:
            return place
    raise ValueError("give auto, memory or sqlite-vec")


TABLE: Final[tuple[Row, ...]] = (
    Row("root", "CODEBASE_ROOT", (), _folders, "a repository or folder to serve; repeatable"),
    Row("data_dir", "CODEBASE_DATA_DIR", None, folder, "folder of the indexes"),
    Row(
        "port",
        "CODEBASE_HTTP_PORT",
        DEFAULT_PORT,
        whole_number(0, 65_535),
        "loopback port; 0 takes a free one",
    ),
    Row("http", "CODEBASE_HTTP", True, yes_or_no, "whether the loopback door is opened at all"),
    Row("token", "CODEBASE_WANT_TOKEN", True, yes_or_no, "whether the loopback door wants the token"),
    Row(
        "embedder",
        "CODEBASE_EMBEDDER",
        "static",
        _embedder,
        "static, none, or sentence-transformers:NAME-OR-FOLDER",
    ),
    Row(
        "vectors",
        "CODEBASE_VECTORS",
        "auto",
        _vectors,
        "auto, memory or sqlite-vec: what scans vectors; auto takes sqlite-vec above 256 MB",
    ),
    Row("exclude", "CODEBASE_EXCLUDE", (), _listed(","), "globs of files never indexed; repeatable"),
    Row(
        "max_file_bytes",
        "CODEBASE_MAX_FILE_BYTES",
        DEFAULT_MAX_FILE_BYTES,
        whole_number(1_000, 2**40),
        "larger files are skipped; of JSON, YAML, XML, CSV and plain text those over an eighth of it",
    ),
    Row(
        "tombstone_days",
        "CODEBASE_TOMBSTONE_DAYS",
        DEFAULT_TOMBSTONE_DAYS,
        whole_number(0, 36_500),
        "how long gone code is remembered",
    ),
)
"""Every setting of codebase-server, in the order `doctor` prints them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The effective settings of one process.

    ``root`` is empty when nobody named one: the service then looks at the
    working directory, ``CLAUDE_PROJECT_DIR`` and the client's MCP roots.
    ``sources`` says of each setting where its value came from.
    """

    data_dir: Path
    root: tuple[Path, ...] = ()
    port: int = DEFAULT_PORT
    http: bool = True
    token: bool = True
    embedder: str = "static"
    vectors: Literal["auto", "memory", "sqlite-vec"] = "auto"
    exclude: tuple[str, ...] = ()
    max_file_bytes: int = DEFAULT_MAX_FILE_BYTES
    tombstone_days: int = DEFAULT_TOMBSTONE_DAYS
    sources: Mapping[str, str] = field(default_factory=dict)

    def rows(self) -> list[tuple[str, str, str]]:
        """Name, value and source of every setting, as texts."""
        return [(row.name, _shown(getattr(self, row.name)), self.sources.get(row.name, "")) for row in TABLE]


def load(
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    config_file: Path | None = None,
) -> Settings:
    """Resolve every setting from its sources.

    :param flags: values of the command line by `Row.name`; None or empty means not given.
    :param environment: the process environment unless given.
    :param config_file: the user's ``config.toml`` unless given; it need not exist.

    Raises `TandemError` for a value that cannot be used, naming it and its source.
    """
    given = {name: value for name, value in (flags or {}).items() if value is not None and value != ()}
    sources = Sources("codebase", flags=given, environment=environment, file=config_file)
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for row in TABLE:
        setting = sources.read(row.name, row.variable, row.default, row.convert)
        values[row.name], origins[row.name] = setting.value, setting.source
    if origins["token"] in ("default", str(config_file or "")):
        # The documented variable says the opposite of the setting.
        unwanted = sources.read("no_token", "CODEBASE_NO_TOKEN", None, yes_or_no)
        if unwanted.value is not None:
            values["token"], origins["token"] = not unwanted.value, unwanted.source
    if values["data_dir"] is None:
        values["data_dir"] = places.data_folder(APPLICATION)
    return Settings(**values, sources=origins)


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value) or "(none)"
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)
