"""A bundle holds what its host needs to start the server, and nothing of the machine it was built on."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from bundles.__main__ import build, described, validate
from bundles.manifests import SERVERS


def manifest_of(bundle: Path) -> dict[str, Any]:
    with zipfile.ZipFile(bundle) as opened:
        found: dict[str, Any] = json.loads(opened.read("manifest.json"))
        return found


@pytest.mark.parametrize("server", SERVERS)
def test_a_bundle_carries_manifest_project_file_and_sources(server: str, tmp_path: Path) -> None:
    bundle = build(server, tmp_path)
    manifest = manifest_of(bundle)
    with zipfile.ZipFile(bundle) as opened:
        names = set(opened.namelist())
    assert {"manifest.json", "pyproject.toml", "README.md", "LICENSE", "docs/troubleshooting.md"} <= names
    assert manifest["server"]["entry_point"] in names
    assert not [name for name in names if "__pycache__" in name or name.startswith(("tests/", "."))]


@pytest.mark.parametrize("server", SERVERS)
def test_every_setting_the_start_uses_is_one_the_user_is_asked_for(server: str) -> None:
    manifest = described(server)
    used = {
        part[len("${user_config.") : -1]
        for part in manifest["server"]["mcp_config"]["args"]
        if part.startswith("${user_config.")
    }
    assert used == set(manifest["user_config"])
    assert manifest["server"]["mcp_config"]["args"][3] == server


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    first = build("codebase-server", tmp_path / "one").read_bytes()
    assert first == build("codebase-server", tmp_path / "two").read_bytes()


@pytest.mark.node
@pytest.mark.timeout(300)
@pytest.mark.parametrize("server", SERVERS)
def test_the_official_tool_accepts_the_manifest(server: str) -> None:
    assert "passes" in validate(server)
