"""Holding the loopback door within one process: claimed once, told truly, and let go whole."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.agreed import endpoint
from bridge.agreed.endpoint import Endpoint
from bridge.loopback.sockets import listening
from codebase_server.doors.http import door as module
from codebase_server.doors.http.door import Door
from codebase_server.service import CodebaseService
from codebase_server.settings import Settings
from codebase_server.store import Registry

Made = Callable[..., Door]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def make(service: CodebaseService, settings: Settings) -> Iterator[Made]:
    """Doors of one data folder on one port, released at the end."""
    port, made = free_port(), []

    def door(**other: Any) -> Door:
        made.append(Door(service, replace(settings, **{"port": port, **other}), lambda token: None))  # type: ignore[arg-type, return-value]  # nothing is served
        return made[-1]

    yield door
    for one in made:
        one.release()


def told(port: int | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(endpoint.file_of("codebase", port).read_text())
    return found


def test_a_door_is_claimed_once_and_told(make: Made, service: CodebaseService, repository: Path) -> None:
    door = make()
    assert (door.held, door.url) == (False, "")
    assert door.try_to_claim()
    assert door.try_to_claim(), "it is held already"
    assert door.held
    found = told()
    assert found["url"] == door.url == f"http://127.0.0.1:{door._settings.port}"
    assert (found["pid"], found["data_dir_id"]) == (os.getpid(), service.data_dir_id)
    assert [one["root"] for one in found["roots"]] == [str(repository)]
    assert found["token"]
    with socket.create_connection(("127.0.0.1", door._settings.port)):
        pass


def test_without_a_token_none_is_told(make: Made) -> None:
    assert make(token=False).try_to_claim()
    assert told()["token"] == ""


def test_another_of_the_same_port_and_data_folder_waits_until_it_is_let_go(make: Made) -> None:
    first, second = make(), make()
    assert first.try_to_claim()
    assert not second.try_to_claim()
    assert not second.held
    first.release()
    assert (first.held, first.url) == (False, "")
    assert not endpoint.file_of("codebase").exists()
    assert second.try_to_claim()
    assert not first.try_to_claim(), "what was let go at the end is not taken again"


def test_a_server_of_another_data_folder_on_the_port_is_told_as_one(
    make: Made, caplog: pytest.LogCaptureFixture
) -> None:
    door = make()
    port = door._settings.port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        first = endpoint.Endpoint(
            url=f"http://127.0.0.1:{port}", token="", pid=os.getpid(), data_dir_id="another", roots=()
        )
        endpoint.write(endpoint.file_of("codebase"), first)
        assert door.try_to_claim()
    held = f"held by a codebase-server of another data folder (process {os.getpid()}); a free one is taken"
    assert held in caplog.text
    endpoint.remove(endpoint.file_of("codebase"))


def test_a_stranger_on_the_port_is_left_alone_and_told(make: Made, caplog: pytest.LogCaptureFixture) -> None:
    door = make()
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", door._settings.port))
        stranger.listen()
        assert door.try_to_claim()
        port = int(door.url.rsplit(":", 1)[1])
        assert port != door._settings.port
        assert told(port)["url"] == door.url
        assert not endpoint.file_of("codebase").exists()
    assert f"port {door._settings.port} is held by another program; a free one is taken" in caplog.text
    door.release()
    assert not endpoint.file_of("codebase", port).exists()


def standing(pid: int, url: str = "http://127.0.0.1:9") -> None:
    main = endpoint.file_of("codebase")
    endpoint.write(main, Endpoint(url, "t", pid, "another", (), main))


def test_a_free_port_is_told_in_the_main_file_unless_another_living_server_stands_in_it(make: Made) -> None:
    standing(os.getppid())
    first = make(port=0)
    assert first.try_to_claim()
    port = int(first.url.rsplit(":", 1)[1])
    assert told()["data_dir_id"] == "another"
    assert told(port)["pid"] == os.getpid()
    first.release()
    with subprocess.Popen([sys.executable, "-c", "pass"]) as gone:
        pass
    standing(gone.pid)
    second = make(port=0)
    assert second.try_to_claim()
    assert told()["url"] == second.url, "who stood there is gone"


def test_who_is_said_to_listen_here_is_over_even_if_its_number_is_taken(make: Made) -> None:
    door = make()
    standing(os.getppid(), f"http://127.0.0.1:{door._settings.port}")
    assert door.try_to_claim()
    assert told()["pid"] == os.getpid()


def test_doors_on_free_ports_have_no_rivals(make: Made) -> None:
    first, second = make(port=0), make(port=0)
    assert first.try_to_claim()
    assert second.try_to_claim()
    assert first.url != second.url


def test_a_door_that_cannot_be_told_is_let_go_whole(make: Made, caplog: pytest.LogCaptureFixture) -> None:
    blocked = endpoint.file_of("codebase")
    blocked.mkdir(parents=True)
    blocked.parent.chmod(0o700)
    first = make()
    with pytest.raises(OSError, match="codebase-endpoint"):
        first.try_to_claim()
    assert not first.held
    assert not first._try_quietly()
    assert "could not be taken over; it is tried again" in caplog.text
    blocked.rmdir()
    assert make().try_to_claim(), "neither the port nor the lock was kept"


def test_an_error_of_another_kind_is_not_taken_for_a_stranger(
    make: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(port: int) -> socket.socket:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(module, "listening", broken)
    with pytest.raises(OSError, match="Input/output"):
        make().try_to_claim()


def test_the_list_of_roots_is_kept_true_while_it_is_held(
    make: Made, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    door = make()
    door._publish_if_changed()
    assert not endpoint.file_of("codebase").exists(), "nothing is told of a door that is not held"
    door.try_to_claim()
    written = endpoint.file_of("codebase").stat().st_mtime_ns
    door._publish_if_changed()
    assert endpoint.file_of("codebase").stat().st_mtime_ns == written, "nothing new, nothing written"
    Registry(tmp_path / "data").add_root(tmp_path / "more", "r_more")
    door._publish_if_changed()
    assert {one["repository"] for one in told()["roots"]} >= {"r_more"}
    Registry(tmp_path / "data").add_root(tmp_path / "yet more", "r_yet_more")
    endpoint.file_of("codebase").unlink()
    endpoint.file_of("codebase").mkdir()
    with caplog.at_level(logging.ERROR):
        door._publish_if_changed()
    assert "the endpoint file could not be brought up to date" in caplog.text
    endpoint.file_of("codebase").rmdir()
    door._publish_if_changed()
    assert {one["repository"] for one in told()["roots"]} >= {"r_yet_more"}


def test_a_port_that_cannot_be_listened_on_leaves_no_socket_open() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            listening(taken.getsockname()[1])
