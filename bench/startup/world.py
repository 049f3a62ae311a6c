"""Where both servers of a bench keep their things: all in one folder."""

from __future__ import annotations

from pathlib import Path


def settings_of(world: Path) -> dict[str, str]:
    """Environment variables that keep a bench's servers, data and repository inside ``world``."""
    return {
        "TANDEM_RUNTIME_DIR": str(world / "runtime"),
        "CODEBASE_DATA_DIR": str(world / "codebase"),
        "CODEBASE_ROOT": str(world / "repository"),
        "CODEBASE_HTTP_PORT": "0",
        "WORKFLOW_DATA_DIR": str(world / "workflow"),
        "WORKFLOW_PROJECT": "bench",
    }
