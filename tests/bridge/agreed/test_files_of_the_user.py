"""Where things lie, and files that others write: what is not as it must be is refused or passed over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.agreed import endpoint, places, settings, snapshots, syntax, system
from bridge.agreed.endpoint import Endpoint, EndpointRoot
from bridge.agreed.errors import TandemError


def test_the_runtime_folder_is_the_users_own_unless_it_is_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_RUNTIME_DIR", "~/moved")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert places.runtime_folder() == tmp_path / "moved"
    monkeypatch.delenv("TANDEM_RUNTIME_DIR")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    assert places.runtime_folder().name == "tandem"
    assert places.cache_folder().name == "tandem"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("codebase = 3\n", r"\[codebase\] in .* is no table"),
        ("[codebase\n", "cannot be read"),
    ],
)
def test_a_settings_file_that_is_none_is_named(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(TandemError, match=words) as refused:
        settings.Sources("codebase", environment={}, file=file)
    assert refused.value.hint == "Correct or remove it."


def test_a_snapshot_whose_lists_hold_anything_else_is_refused() -> None:
    with pytest.raises(ValueError, match="'chunk_ids' must hold text only"):
        snapshots.from_json({"chunk_ids": ["c_a", 3]})


def test_pasted_json_that_names_no_chunk_is_taken_as_text() -> None:
    assert syntax.given('{"path":"a.py"}').ref == '{"path":"a.py"}'
    assert syntax.given('{"chunk_id": "c_abcdefghijkl", "score": 1}').ref == "c_abcdefghijkl"


GOOD: dict[str, Any] = {
    "url": "http://127.0.0.1:8020", "token": "t", "pid": 7, "data_dir_id": "d",
    "roots": [{"root": "/a", "repository": "r"}],
}  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [{"pid": "7"}, {"pid": True}, {"roots": {}}, {"url": 3}, {"token": None}, {"data_dir_id": []}],
)
def test_an_endpoint_file_with_a_field_of_another_kind_is_not_read(
    tmp_path: Path, wrong: dict[str, Any]
) -> None:
    file = tmp_path / "codebase-endpoint.json"
    file.write_text(json.dumps(GOOD))
    file.chmod(0o600)
    assert endpoint.read(file) is not None
    file.write_text(json.dumps(GOOD | wrong))
    assert endpoint.read(file) is None


def test_roots_of_an_endpoint_that_are_none_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "codebase-endpoint.json"
    file.write_text(
        json.dumps(GOOD | {"roots": ["x", {"root": 3}, {"root": "/a", "repository": 3}, *GOOD["roots"]]})
    )
    file.chmod(0o600)
    found = endpoint.read(file)
    assert found is not None
    assert found.roots == (EndpointRoot("/a", "r"),)


def test_an_endpoint_file_goes_only_with_the_process_that_stands_in_it(tmp_path: Path) -> None:
    file = tmp_path / "codebase-endpoint.json"
    endpoint.write(file, Endpoint("http://127.0.0.1:1", "t", os.getpid(), "d", (), file))
    assert not endpoint.remove(file, pid=os.getpid() + 1)
    assert file.exists()
    assert endpoint.remove(file)
    assert not file.exists()
    assert not endpoint.remove(file), "there is none any more"


def test_only_files_of_free_ports_whose_process_is_gone_are_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_RUNTIME_DIR", str(tmp_path / "run"))
    with subprocess.Popen([sys.executable, "-c", "pass"]) as ended:
        pass
    pids = {None: ended.pid, 1111: ended.pid, 2222: os.getpid()}
    for port, pid in pids.items():
        file = endpoint.file_of("codebase", port)
        endpoint.write(file, Endpoint("http://127.0.0.1:1", "t", pid, "d", (), file))
    other = endpoint.file_of("workflow", 1111)
    endpoint.write(other, Endpoint("http://127.0.0.1:1", "t", ended.pid, "d", (), other))
    assert endpoint.sweep("codebase") == [endpoint.file_of("codebase", 1111)]
    assert endpoint.file_of("codebase").exists(), "the next holder of the agreed port writes over it"
    assert endpoint.file_of("codebase", 2222).exists()
    assert other.exists()
    assert endpoint.sweep("codebase") == []


def test_what_is_not_there_yet_is_on_the_file_system_of_its_folder(tmp_path: Path) -> None:
    assert system.read_only(tmp_path / "not" / "there" / "yet") is False
    assert system.read_only(Path("/proc/self/no such")) in (True, False)
