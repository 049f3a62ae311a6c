"""Repositories of a wanted size, put together from real ones."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

from codebase_server import files


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder."""
    return subprocess.run(
        ["git", "-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "gc.auto=0", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def assemble(sources: Path, wanted: int, target: Path) -> int:
    """Copy whole projects from ``sources`` side by side until ``wanted`` files can be indexed, and commit.

    The same projects in the same order each time; of the last one only as much as is missing.
    """
    target.mkdir(parents=True)
    projects = sorted(path for path in sources.iterdir() if path.is_dir())
    random.Random(11).shuffle(projects)
    taken = 0
    for project in projects:
        for entry in files.scan(project).entries[: wanted - taken]:
            if isinstance(files.read(project, entry.path), files.Skip):
                continue
            place = target / project.name / entry.path
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(project / entry.path, place)
            taken += 1
        if taken >= wanted:
            break
    else:
        raise SystemExit(f"{sources} holds only {taken} files that can be indexed; {wanted} are wanted.")
    commit_all(target)
    return taken


def commit_all(folder: Path) -> None:
    """Make the folder a git repository with everything in one commit, whatever its ignore files say."""
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-f", ".")
    git(folder, "commit", "-qm", "everything")


def quiet_environment(data: Path) -> dict[str, str]:
    """The environment of a server or command with a data folder of its own."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {
        "CODEBASE_DATA_DIR": str(data),
        "CODEBASE_HTTP_PORT": "0",
        "TANDEM_RUNTIME_DIR": str(data / "runtime"),
    }
