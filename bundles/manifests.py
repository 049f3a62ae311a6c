"""What a bundle says of itself: how it is started, and what its user may set."""

from __future__ import annotations

from typing import Any, Final

_SETTINGS: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "codebase-server": {
        "folder": {
            "type": "directory",
            "title": "Repository",
            "description": "The folder of the repository to search.",
            "required": True,
        },
        "port": {
            "type": "number",
            "title": "Loopback port",
            "description": "Where workflow-server and scripts ask it. 0 takes a free one.",
            "default": 8020,
            "min": 0,
            "max": 65535,
        },
        "embedder": {
            "type": "string",
            "title": "Model",
            "description": "static (shipped), none, or sentence-transformers:NAME-OR-FOLDER.",
            "default": "static",
        },
    },
    "workflow-server": {
        "folder": {
            "type": "directory",
            "title": "Repository",
            "description": "The folder you work in. It names the project, and code is looked for there.",
            "required": True,
        },
        "project": {
            "type": "string",
            "title": "Project",
            "description": "Empty: the project of the repository. Or the name of another one.",
            "default": "",
        },
        "bridge": {
            "type": "boolean",
            "title": "Check code references",
            "description": "Ask codebase-server what became of the code that items are about.",
            "default": True,
        },
    },
}
"""A port is asked for only where a server has one: over stdio workflow-server opens none."""

_ARGUMENTS: Final = {
    "codebase-server": [
        "codebase-server",
        "--root",
        "${user_config.folder}",
        "--port",
        "${user_config.port}",
        "--embedder",
        "${user_config.embedder}",
    ],
    "workflow-server": ["workflow-server"],
}

_ENVIRONMENT: Final[dict[str, dict[str, str]]] = {
    "codebase-server": {},
    # as variables, for one that is empty counts as not given
    "workflow-server": {
        "CLAUDE_PROJECT_DIR": "${user_config.folder}",
        "WORKFLOW_PROJECT": "${user_config.project}",
        "BRIDGE": "${user_config.bridge}",
    },
}

_WORDS: Final = {
    "codebase-server": (
        "Code search",
        "Answers where the code is that does this, offline, in milliseconds.",
        "codebase_server",
    ),
    "workflow-server": (
        "Work items",
        "Keeps projects, work items and dependencies, and which code each item is about.",
        "workflow_server",
    ),
}

SERVERS: Final = tuple(_WORDS)


def manifest(server: str, version: str) -> dict[str, Any]:
    """The manifest of one server's bundle, in the form that starts it through the host's uv."""
    title, description, package = _WORDS[server]
    return {
        "manifest_version": "0.4",
        "name": server,
        "display_name": title,
        "version": version,
        "description": description,
        "author": {"name": "Tandem"},
        "license": "MIT",
        "server": {
            "type": "uv",
            "entry_point": f"src/{package}/__main__.py",
            "mcp_config": {
                "command": "uv",
                "args": ["run", "--directory", "${__dirname}", *_ARGUMENTS[server]],
                "env": _ENVIRONMENT[server],
            },
        },
        "tools_generated": True,
        "compatibility": {
            "platforms": ["darwin", "win32", "linux"],
            "runtimes": {"python": ">=3.11"},
        },
        "user_config": _SETTINGS[server],
    }
