"""Where this installation's console commands are, and what a host must be told to start them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any, Final

from bridge.agreed import identity

TRIAL: Final[tuple[str, dict[str, Any]]] = ("index_status", {})
"""The tool, and its arguments, that shows whether a server works: it only reads."""


def program(name: str) -> str:
    """The absolute path of a console command of this installation: hosts have hardly a PATH."""
    suffix = ".exe" if sys.platform == "win32" else ""
    beside = Path(sys.executable).parent / f"{name}{suffix}"
    if beside.exists():
        return str(beside)
    return shutil.which(name) or str(beside)


def host_configuration(root: str) -> dict[str, Any]:
    """The ``mcpServers`` of both servers, as most hosts write them: started in no particular folder, each
    must be told what it is about.
    """
    project = identity.folder_name(identity.of_folder(root).common)
    return {
        "mcpServers": {
            "codebase": {"command": program("codebase-server"), "args": ["--root", root]},
            "workflow": {"command": program("workflow-server"), "args": ["--project", project]},
        }
    }
