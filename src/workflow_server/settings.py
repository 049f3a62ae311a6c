"""What a person may set, and where each value came from.

Flags win over environment, environment over the `[workflow]` table of ``config.toml`` in the user's
configuration folder, which wins over defaults; the rule itself is `bridge.agreed.settings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bridge.agreed import places
from bridge.agreed.settings import Row, Setting, Sources, folder, whole_number, yes_or_no

PROGRAM: Final = "workflow-server"
DEFAULT_PORT: Final = 8010
DEFAULT_BRIDGE_TIMEOUT_MS: Final = 300
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")


def _text(raw: Any) -> str:
    text = str(raw).strip()
    if not text:
        raise ValueError("give a text that is not empty")
    return text


def _level(raw: Any) -> str:
    level = str(raw).strip().upper()
    if level not in LOG_LEVELS:
        raise ValueError(f"give one of {', '.join(LOG_LEVELS)}")
    return level


TABLE: Final = (
    Row("project", "WORKFLOW_PROJECT", None, _text, "project of calls that name none"),
    Row("data_dir", "WORKFLOW_DATA_DIR", None, folder, "folder of the project files"),
    Row("port", "WORKFLOW_HTTP_PORT", DEFAULT_PORT, whole_number(0, 65_535), "port of `web`; 0: a free one"),
    Row("no_token", "WORKFLOW_NO_TOKEN", False, yes_or_no, "the web door wants no token"),
    Row("actor", "WORKFLOW_ACTOR", None, _text, "who acts, in the history"),
    Row("bridge", "BRIDGE", True, yes_or_no, "code references are checked"),
    Row(
        "bridge_timeout", "BRIDGE_TIMEOUT_MS", DEFAULT_BRIDGE_TIMEOUT_MS, whole_number(1, 60_000),
        "milliseconds for the codebase server, in all, per call",
    ),
    Row("codebase_url", "CODEBASE_URL", None, _text, "the codebase server, instead of the endpoint files"),
    Row("codebase_token", "CODEBASE_TOKEN", None, _text, "its token; with CODEBASE_URL alone none is sent"),
    Row("log_level", "WORKFLOW_LOG_LEVEL", "WARNING", _level, "what is logged"),
)  # fmt: skip
"""Every setting of workflow-server, in the order `doctor` prints them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The effective settings of one process. `bridge_timeout` is in milliseconds."""

    data_dir: Path
    project: str | None = None
    port: int = DEFAULT_PORT
    no_token: bool = False
    actor: str | None = None
    bridge: bool = True
    bridge_timeout: int = DEFAULT_BRIDGE_TIMEOUT_MS
    codebase_url: str | None = None
    codebase_token: str | None = None
    log_level: str = "WARNING"
    sources: Mapping[str, str] = field(default_factory=dict)

    def rows(self) -> list[tuple[str, str, str]]:
        """Name, value and source of every setting, as text; a token is not shown."""
        told = []
        for row in TABLE:
            value = getattr(self, row.name)
            shown = "–" if value is None else "(given)" if row.name == "codebase_token" else str(value)
            told.append((row.name, shown, self.sources.get(row.name, "default")))
        return told


def load(
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """Resolve every setting from its sources.

    `flags` are by name, None meaning not given. A value that cannot be used raises `TandemError`
    ``invalid_setting``.
    """
    sources = Sources("workflow", flags=flags, environment=environment, file=file)
    found: dict[str, Setting[Any]] = {
        row.name: sources.read(row.name, row.variable, row.default, row.convert) for row in TABLE
    }
    values = {name: setting.value for name, setting in found.items()}
    if values["data_dir"] is None:
        values["data_dir"] = places.data_folder(PROGRAM)
    return Settings(**values, sources={name: setting.source for name, setting in found.items()})
