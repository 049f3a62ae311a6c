"""`codebase-server doctor` where something is wrong: it names the thing and the next step."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.agreed import places
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


def test_scarce_space_and_a_folder_that_cannot_be_written_are_found(
    here: Path, small_disk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEBASE_DATA_DIR", str(small_disk / "data"))
    _, found = examined(capsys)
    assert found["data folder"]["level"] == "warn"
    assert "gc` drops old code" in found["data folder"]["next_step"]
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    code, found = examined(capsys)
    assert code != 0
    assert found["data folder"]["level"] == "bad"
    assert "cannot be written" in found["data folder"]["detail"]


def test_what_is_missing_or_switched_off_is_told(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "data2"
    monkeypatch.setenv("CODEBASE_DATA_DIR", str(other))
    monkeypatch.setenv("PATH", str(tmp_path / "no-programs"))
    _, found = examined(capsys, "--no-http")
    assert found["git"]["level"] == "warn"
    assert found["git"]["next_step"].startswith("Install git")
    assert found["loopback door"]["detail"] == "switched off"
    assert "nothing is indexed yet" in found["index of repository"]["detail"]
    assert found["index of repository"]["next_step"].startswith("Run `codebase-server index")


def test_the_last_error_of_the_log_is_shown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, found = examined(capsys)
    log = Path(found["log"]["detail"].split(": ")[0])
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("2031 WARNING 1 - x: careful\n2031 ERROR 1 - x: it broke\n2031 INFO 1 - x: done\n")
    _, found = examined(capsys)
    assert found["log"]["level"] == "warn"
    assert "it broke" in found["log"]["detail"]


def test_a_port_that_another_program_holds_is_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        _, found = examined(capsys, "--port", str(port))
        assert "held by another program" in found[f"port {port}"]["detail"]
    _, found = examined(capsys, "--port", str(port))
    assert found[f"port {port}"]["detail"] == "free; no codebase-server is running"


def test_no_repository_is_a_finding_not_a_failure(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CODEBASE_ROOT", raising=False)
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    monkeypatch.chdir(nowhere)
    _, found = examined(capsys)
    assert found["root"]["level"] == "warn"
    assert "--root" in found["root"]["next_step"]


def test_a_report_for_people_has_the_settings_and_their_sources(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run(["doctor", "--no-live"]) == 0
    told = capsys.readouterr().out
    assert "setting\tvalue\tfrom" in told
    assert "port\t" in told


def test_a_misspelt_setting_is_named_by_the_doctor_and_in_the_log(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = places.config_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('[codebase]\nembeder = "none"\n\n[workflo]\nport = 1\n')
    _, found = examined(capsys)
    assert found["settings file"]["level"] == "warn"
    for meant in ("Did you mean `embedder`?", "Did you mean `workflow`?"):
        assert meant in found["settings file"]["detail"]
    server = subprocess.run(
        [sys.executable, "-m", "codebase_server", "--no-http"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "embeder in [codebase] is no setting. Did you mean `embedder`?" in server.stderr
