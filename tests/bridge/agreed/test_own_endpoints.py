"""An endpoint file is believed by who sends something there only when nobody else can have written it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge.agreed import endpoint
from bridge.agreed.endpoint import Endpoint, EndpointRoot


@pytest.fixture
def told(tmp_path: Path) -> Endpoint:
    folder = tmp_path / "runtime"
    roots = (EndpointRoot("/home/a/shop", "r_shop"),)
    made = Endpoint("http://127.0.0.1:8010", "t", os.getpid(), "d", roots, folder / "workflow-endpoint.json")
    assert made.file is not None
    endpoint.write(made.file, made)
    return made


def test_ones_own_file_is_believed(told: Endpoint) -> None:
    assert told.file is not None
    assert endpoint.read_own(told.file) == told


@pytest.mark.skipif(os.name == "nt", reason="modes say nothing there")
def test_a_file_that_others_may_read_or_write_or_a_link_is_not(told: Endpoint) -> None:
    assert told.file is not None
    for mode in (0o644, 0o660, 0o602):
        told.file.chmod(mode)
        assert endpoint.read_own(told.file) is None
    told.file.chmod(0o600)
    link = told.file.with_name("link.json")
    link.symlink_to(told.file)
    assert endpoint.read_own(link) is None
    assert endpoint.read(link) is None
    assert endpoint.read_own(told.file.parent) is None
    assert endpoint.read_own(told.file.with_name("none.json")) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1:8010",
        "http://127.0.0.1@192.0.2.1:8010",
        "http://127.0.0.1.example.org:8010",
        "https://127.0.0.1:8010",
        "http://127.0.0.1:8010/elsewhere",
        "http://127.0.0.1",
        "http://[::1",
    ],
)
def test_an_address_off_this_machine_or_none_is_not(told: Endpoint, url: str) -> None:
    assert told.file is not None
    endpoint.write(told.file, Endpoint(url, told.token, told.pid, told.data_dir_id))
    assert endpoint.read_own(told.file) is None


def test_ipv6_and_the_name_of_the_machine_itself_are(told: Endpoint) -> None:
    assert told.file is not None
    for url in ("http://[::1]:8010", "http://localhost:8010/"):
        endpoint.write(told.file, Endpoint(url, "t", told.pid, "d"))
        found = endpoint.read_own(told.file)
        assert found is not None
        assert found.url == url


@pytest.mark.skipif(os.name == "nt", reason="no such files there")
@pytest.mark.timeout(20)
def test_nothing_is_waited_for_where_a_pipe_or_a_device_stands_in_its_place(tmp_path: Path) -> None:
    pipe, device = tmp_path / "codebase-endpoint.1.json", tmp_path / "codebase-endpoint.2.json"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    assert endpoint.read(pipe) is None
    assert endpoint.read_own(pipe) is None
    assert endpoint.read(device) is None


@pytest.mark.skipif(os.name == "nt", reason="modes say nothing there")
def test_the_file_that_is_read_is_the_file_that_is_looked_at(
    told: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may write to the folder could put another in its place between the look and the reading."""
    assert told.file is not None
    planted = told.file.with_name("planted.json")
    endpoint.write(planted, Endpoint("http://127.0.0.1:1", "t", os.getpid(), "d"))
    planted.chmod(0o644)
    opened = os.open

    def swap(file: Path, flags: int, *more: int) -> int:
        if Path(file) == told.file:
            planted.replace(told.file)
        return opened(file, flags, *more)

    monkeypatch.setattr(os, "open", swap)
    assert endpoint.read_own(told.file) is None


@pytest.mark.skipif(os.name == "nt", reason="users by number")
def test_a_number_that_another_user_s_process_took_over_is_no_sign_of_life(
    told: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It could have taken the port as well, and would be sent the token."""

    def refuse(pid: int, number: int) -> None:
        raise PermissionError(pid, number)

    assert told.alive
    monkeypatch.setattr(os, "kill", refuse)
    assert not told.alive
