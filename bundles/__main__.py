"""Builds ``dist/codebase-server.mcpb`` and ``dist/workflow-server.mcpb``.

    python -m bundles [--out DIR] [--validate]

A bundle carries the sources and ``pyproject.toml``; the host's own ``uv`` makes
the environment on first start. ``--validate`` runs the official tool on each
manifest (needs ``npx``).
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bundles.manifests import SERVERS, manifest

PROJECT = Path(__file__).parents[1]
VALIDATOR = "@anthropic-ai/mcpb@2.1.2"
CARRIED = ("pyproject.toml", "README.md", "LICENSE", "docs/troubleshooting.md")
_EPOCH = (2020, 1, 1, 0, 0, 0)
"""The time of every file in a bundle, so that the same sources give the same bytes."""


def build(server: str, out: Path) -> Path:
    """Write one bundle into `out` and return it."""
    out.mkdir(parents=True, exist_ok=True)
    target = out / f"{server}.mcpb"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        _add(bundle, "manifest.json", json.dumps(described(server), indent=2).encode())
        for name, content in _sources():
            _add(bundle, name, content)
    return target


def described(server: str) -> dict[str, Any]:
    """The manifest of a server, with the version of this project."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    return manifest(server, str(project["version"]))


def validate(server: str) -> str:
    """What the official tool says of a manifest. Raises `subprocess.CalledProcessError` if it refuses."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "manifest.json"
        file.write_text(json.dumps(described(server)))
        command = ["npx", "-y", VALIDATOR, "validate", str(file)]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout.strip()


def _sources() -> Iterator[tuple[str, bytes]]:
    for name in CARRIED:
        file = PROJECT / name
        if file.exists():
            yield name, file.read_bytes()
    for file in sorted((PROJECT / "src").rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            yield file.relative_to(PROJECT).as_posix(), file.read_bytes()


def _add(bundle: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    bundle.writestr(entry, content)


def main() -> None:
    """Build, and validate when asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=PROJECT / "dist")
    parser.add_argument("--validate", action="store_true")
    given = parser.parse_args()
    if given.validate and shutil.which("npx") is None:
        sys.exit("npx was not found; install Node, or leave --validate out.")
    for server in SERVERS:
        if given.validate:
            print(validate(server))
        target = build(server, given.out)
        print(f"{target}  {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
