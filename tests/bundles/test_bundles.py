"""A bundle holds what its host needs to start the server, and nothing of the machine it was built on."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from bundles.__main__ import build, described, validate
from bundles.manifests import SERVERS

from bridge.hosting.trial import try_server


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


def filled(text: str, given: dict[str, str]) -> str:
    """What a host makes of a text of the manifest once its user has said these settings."""
    return re.sub(r"\$\{user_config\.(\w+)\}", lambda found: given[found[1]], text)


@pytest.mark.parametrize("server", SERVERS)
def test_every_setting_the_start_uses_is_one_the_user_is_asked_for(server: str) -> None:
    manifest = described(server)
    start = manifest["server"]["mcp_config"]
    told = " ".join([*start["args"], *start["env"].values()])
    assert set(re.findall(r"\$\{user_config\.(\w+)\}", told)) == set(manifest["user_config"])
    assert start["args"][3] == server


@pytest.mark.parametrize("server", SERVERS)
def test_a_setting_that_is_not_required_has_a_default(server: str) -> None:
    """A host puts nothing in the place of a setting that its user left alone and that has no default."""
    for name, setting in described(server)["user_config"].items():
        assert setting.get("required") or "default" in setting, name


def started(server: str, given: dict[str, str], monkeypatch: pytest.MonkeyPatch, trial: Any) -> str:
    """Start a server with what its bundle says, as a host does that knows nothing of repositories."""
    start = described(server)["server"]["mcp_config"]
    for name, value in start["env"].items():
        monkeypatch.setenv(name, filled(value, given))
    arguments = [filled(one, given) for one in start["args"][4:]]
    outcome = try_server([sys.executable, "-m", server.replace("-", "_"), *arguments], *trial)
    assert outcome.well, outcome.told
    return outcome.told


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a blank in its path, and a host that works elsewhere."""
    for name in ("home", "elsewhere", "my work/shop"):
        (tmp_path / name).mkdir(parents=True)
    for name in [one for one in os.environ if one.startswith(("CODEBASE_", "WORKFLOW_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TANDEM_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("CODEBASE_DATA_DIR", str(tmp_path / "code"))
    monkeypatch.setenv("WORKFLOW_DATA_DIR", str(tmp_path / "work"))
    monkeypatch.chdir(tmp_path / "elsewhere")
    subprocess.run(["git", "init", "-q", str(tmp_path / "my work/shop")], check=True)
    return tmp_path / "my work" / "shop"


@pytest.mark.parametrize(("project", "kept"), [("", "shop"), ("release-2", "release-2")])
def test_the_repository_that_was_chosen_names_the_project_unless_one_is_given(
    project: str, kept: str, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"folder": str(repository), "project": project, "bridge": "false"}
    started("workflow-server", given, monkeypatch, ("create_work_item", {"title": "One"}))
    assert [file.stem for file in (tmp_path / "work" / "projects").glob("*.sqlite3")] == [kept]


def test_the_repository_that_was_chosen_is_the_one_searched(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"folder": str(repository), "port": "0", "embedder": "static"}
    started("codebase-server", given, monkeypatch, ("index_status", {"root": str(repository)}))


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    first = build("codebase-server", tmp_path / "one").read_bytes()
    assert first == build("codebase-server", tmp_path / "two").read_bytes()


@pytest.mark.node
@pytest.mark.timeout(300)
@pytest.mark.parametrize("server", SERVERS)
def test_the_official_tool_accepts_the_manifest(server: str) -> None:
    assert "passes" in validate(server)
