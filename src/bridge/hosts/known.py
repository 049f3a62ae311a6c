"""The hosts that can be set up: where each keeps its settings and how it writes down a server."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Platform = Literal["linux", "darwin", "win32"]


@dataclass(frozen=True, slots=True)
class Launch:
    """How a host starts one server: absolute command, arguments, environment."""

    name: str
    command: str
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The machine a host is looked for on; given, not read, so that every platform can be tested."""

    home: Path
    platform: Platform
    environment: Mapping[str, str]
    project: Path

    @property
    def application_data(self) -> Path:
        """Where desktop applications keep their settings."""
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support"
        if self.platform == "win32":
            return Path(self.environment.get("APPDATA") or self.home / "AppData" / "Roaming")
        return Path(self.environment.get("XDG_CONFIG_HOME") or self.home / ".config")


@dataclass(frozen=True, slots=True)
class Host:
    """One MCP host.

    ``file`` finds its settings file, ``present`` a folder or file that shows that
    it is installed, ``section`` the path of names below which servers stand.
    The settings of a host that is not ``everywhere`` belong to one project, in whose folder it
    starts servers. A ``strict`` one reads JSON without comments and trailing commas only. ``caution`` is what
    to know of the file that was written, ``removed`` what to do after the server was taken out (nothing:
    the same as after it was put in).
    """

    key: str
    title: str
    file: Callable[[Surroundings], Path]
    present: Callable[[Surroundings], Path]
    section: Sequence[str]
    entry: Callable[[Launch], dict[str, Any]]
    syntax: Literal["json", "toml"] = "json"
    afterwards: str = "Restart it."
    everywhere: bool = True
    strict: bool = False
    caution: str = ""
    removed: str = ""


def _plain(launch: Launch) -> dict[str, Any]:
    entry: dict[str, Any] = {"command": launch.command, "args": list(launch.arguments)}
    if launch.environment:
        entry["env"] = dict(launch.environment)
    return entry


def _typed(launch: Launch) -> dict[str, Any]:
    return {"type": "stdio", **_plain(launch)}


def _custom(launch: Launch) -> dict[str, Any]:
    return {"source": "custom", **_plain(launch)}


def _below_home(*names: str) -> Callable[[Surroundings], Path]:
    return lambda around: around.home.joinpath(*names)


def _below_applications(*names: str) -> Callable[[Surroundings], Path]:
    return lambda around: around.application_data.joinpath(*names)


def _zed_folder(around: Surroundings) -> Path:
    if around.platform == "win32":
        return around.application_data / "Zed"
    return Path(around.environment.get("XDG_CONFIG_HOME") or around.home / ".config") / "zed"


def _codex_folder(around: Surroundings) -> Path:
    return Path(around.environment.get("CODEX_HOME") or around.home / ".codex")


HOSTS: Sequence[Host] = (
    Host(
        "claude-desktop",
        "Claude Desktop",
        _below_applications("Claude", "claude_desktop_config.json"),
        _below_applications("Claude"),
        ("mcpServers",),
        _plain,
        afterwards="Quit it fully and start it again.",
        strict=True,
    ),
    Host(
        "claude-code",
        "Claude Code",
        lambda around: around.project / ".mcp.json",
        _below_home(".claude.json"),
        ("mcpServers",),
        _typed,
        afterwards="Start it in this project and approve the server when asked.",
        everywhere=False,
        strict=True,
        caution="It names programs by their places on this machine, and is usually committed: keep it "
        "out of git, or have the others who use this repository run setup too.",
        removed="Sessions that run have the server until they end.",
    ),
    Host(
        "cursor",
        "Cursor",
        _below_home(".cursor", "mcp.json"),
        _below_home(".cursor"),
        ("mcpServers",),
        _plain,
    ),
    Host(
        "vscode",
        "VS Code",
        _below_applications("Code", "User", "mcp.json"),
        _below_applications("Code"),
        ("servers",),
        _typed,
    ),
    Host(
        "windsurf",
        "Windsurf",
        _below_home(".codeium", "windsurf", "mcp_config.json"),
        _below_home(".codeium", "windsurf"),
        ("mcpServers",),
        _plain,
    ),
    Host(
        "zed",
        "Zed",
        lambda around: _zed_folder(around) / "settings.json",
        _zed_folder,
        ("context_servers",),
        _custom,
        afterwards="Nothing to restart: it follows its settings file.",
    ),
    Host(
        "codex",
        "Codex CLI",
        lambda around: _codex_folder(around) / "config.toml",
        _codex_folder,
        ("mcp_servers",),
        _plain,
        syntax="toml",
        afterwards="Start a new session.",
    ),
    Host(
        "gemini",
        "Gemini CLI",
        _below_home(".gemini", "settings.json"),
        _below_home(".gemini"),
        ("mcpServers",),
        _plain,
        afterwards="Start a new session.",
    ),
)
"""All hosts, in the order in which they are offered."""


def host(key: str) -> Host | None:
    """The host of that key, or None."""
    return next((one for one in HOSTS if one.key == key), None)


def installed(around: Surroundings) -> list[Host]:
    """The hosts that this user has."""
    return [one for one in HOSTS if one.present(around).exists() or one.file(around).exists()]


def this_machine(environment: Mapping[str, str], project: Path) -> Surroundings:
    """The machine this process runs on."""
    platform: Platform = (
        "darwin" if sys.platform == "darwin" else "win32" if sys.platform == "win32" else "linux"
    )
    return Surroundings(Path.home(), platform, environment, project)
