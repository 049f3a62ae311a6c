"""`codebase-server doctor` where something is wrong: it names the thing and the next step."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from codebase_server.doors.cli.run import run

from .conftest import server_environment


@pytest.fixture
def here(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in the repository, in a world of one's own, with an index."""
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in server_environment(tmp_path, repository).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(repository)
    assert run(["index"]) == 0
    return repository


def examined(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code and the findings by name."""
    capsys.readouterr()
    code = run(["doctor", "--json", "--no-live", *arguments])
    findings = json.loads(capsys.readouterr().out)["findings"]
    return code, {one["name"]: one for one in findings}


def test_all_is_well_where_nothing_is_wrong(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = examined(capsys)
    assert code == 0
    assert {one["level"] for one in found.values()} == {"ok"}
    assert "3 files" in found["index of repository"]["detail"]


def test_every_finding_that_is_not_good_has_a_next_step(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cursor = tmp_path / "home" / ".cursor" / "mcp.json"
    cursor.parent.mkdir()
    cursor.write_text(json.dumps({"mcpServers": {"codebase": {"command": "/gone/codebase-server"}}}))
    with subprocess.Popen([sys.executable, "-c", "pass"]) as ended:
        pass
    endpoint = {"url": "http://127.0.0.1:1", "token": "t", "pid": ended.pid, "data_dir_id": "d", "roots": []}
    runtime = tmp_path / "runtime"
    runtime.mkdir(exist_ok=True)
    (runtime / "codebase-endpoint.json").write_text(json.dumps(endpoint))
    code, found = examined(capsys)
    assert code != 0
    assert "not there any more" in found["Cursor"]["detail"]
    assert "which is gone" in found["codebase-endpoint.json"]["detail"]
    for one in found.values():
        assert one["level"] == "ok" or (one["next_step"] and one["see"]), one


def test_a_damaged_index_is_found(here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    databases = list((tmp_path / "data").rglob("index.sqlite3"))
    assert len(databases) == 1
    for file in databases:
        for beside in (Path(f"{file}-wal"), Path(f"{file}-shm")):
            beside.unlink(missing_ok=True)
        file.write_bytes(b"no database at all" * 4000)
    _, found = examined(capsys)
    told = found["index of repository"]
    assert told["level"] != "ok"
    assert told["next_step"]


def test_a_root_that_is_gone_is_found(here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "one.py").write_text("def one():\n    return 1\n")
    assert run(["index", "--root", str(other)]) == 0
    (other / "one.py").unlink()
    other.rmdir()
    _, found = examined(capsys)
    assert "is gone" in found["index of other"]["detail"]
    assert f"forget {other}" in found["index of other"]["next_step"]
