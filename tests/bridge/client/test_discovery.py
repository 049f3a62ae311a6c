"""Which endpoint files are believed, and which door is asked."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.bridge.client import strangers
from tests.bridge.client.strangers import listening

from bridge.agreed import endpoint
from bridge.agreed.endpoint import EndpointRoot
from bridge.agreed.resolution import ReferenceQuery, ResolveResponse
from bridge.client.discovery import Discovery, Target, choose
from bridge.client.faults import Fault
from bridge.client.probe import Probe


def put(folder: Path, name: str = "codebase-endpoint.json", mode: int = 0o600, **fields: Any) -> Path:
    record = {
        "url": "http://127.0.0.1:8020",
        "token": "t" * 43,
        "pid": os.getpid(),
        "data_dir_id": "d",
        "roots": [],
    }
    file = folder / name
    file.write_text(json.dumps(record | fields))
    file.chmod(mode)
    return file


def only_fault(folder: Path) -> str:
    """Why the one endpoint file is not believed, in its whole words, which name the file to remove."""
    found = Discovery(folder=folder).targets()
    assert isinstance(found, Fault)
    if found.kind == "absent":
        return found.reason
    file = folder / "codebase-endpoint.json"
    assert found.kind == "untrusted"
    assert found.remedy == (
        f"Remove {file} if no codebase-server runs, and start it again: it writes a good one."
    )
    return found.reason


def found_in(discovery: Discovery) -> list[Target]:
    found = discovery.targets()
    assert not isinstance(found, Fault)
    return found


def test_a_good_file_is_believed(tmp_path: Path) -> None:
    put(tmp_path)
    found = Discovery(folder=tmp_path).targets()
    assert not isinstance(found, Fault)
    assert [(one.url, one.token) for one in found] == [("http://127.0.0.1:8020", "t" * 43)]


def test_what_a_file_says_is_kept_whole_and_read_anew_when_it_changes(tmp_path: Path) -> None:
    file = put(tmp_path, url="http://127.0.0.1:8020/", roots=[{"root": "/a", "repository": "r_a"}])
    discovery = Discovery(folder=tmp_path)
    (first,) = found_in(discovery)
    assert first.url == "http://127.0.0.1:8020", "paths are put behind it"
    assert first.roots == (EndpointRoot("/a", "r_a"),)
    assert found_in(discovery) == [first], "the same stamp: nothing happened to the door"
    file.unlink()
    assert isinstance(discovery.targets(), Fault)
    put(tmp_path, token="n" * 43)
    (second,) = found_in(discovery)
    assert second.token == "n" * 43
    assert second.stamp != first.stamp


def test_how_a_door_proves_itself_stands_in_its_file_and_of_an_earlier_release_it_cannot(
    tmp_path: Path,
) -> None:
    put(tmp_path)
    assert [one.proof for one in found_in(Discovery(folder=tmp_path))] == [""]
    put(tmp_path, proof="hmac-sha256")
    assert [one.proof for one in found_in(Discovery(folder=tmp_path))] == ["hmac-sha256"]
    put(tmp_path, proof=1)
    assert "half-written or no endpoint file" in only_fault(tmp_path)


@pytest.mark.parametrize(("size", "believed"), [(1_000_000, True), (1_000_001, False)])
def test_a_file_of_a_million_bytes_is_the_largest_that_is_read(
    tmp_path: Path, size: int, believed: bool
) -> None:
    file = put(tmp_path)
    file.write_text(file.read_text().ljust(size))
    found = Discovery(folder=tmp_path).targets()
    assert isinstance(found, list) == believed
    if isinstance(found, Fault):
        assert found.reason == "its endpoint file is not believed: it has 1,000,001 bytes"


def test_without_any_file_nobody_runs(tmp_path: Path) -> None:
    assert only_fault(tmp_path) == "refused: no codebase-server runs, there is no endpoint file"
    assert only_fault(tmp_path / "missing").startswith("refused")


def test_a_file_that_outlived_its_server_is_told_as_refused_with_how_to_start(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    put(tmp_path, pid=ended.pid)
    found = Discovery(folder=tmp_path).targets()
    assert isinstance(found, Fault)
    assert found.reason == f"refused: the server that its endpoint file names (pid {ended.pid}) is gone"
    assert "codebase-server serve" in found.remedy
    assert not found.opens_breaker


def test_a_server_that_dies_makes_its_file_stale_without_the_file_changing(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        put(tmp_path, pid=child.pid)
        discovery = Discovery(folder=tmp_path)
        assert not isinstance(discovery.targets(), Fault)
    finally:
        child.kill()
        child.communicate()
    assert isinstance(discovery.targets(), Fault)


@pytest.mark.parametrize(
    "text", ["", '{"url": "http://127.0.0.1:80', "[]", "{}", '{"url": 3, "pid": "x"}', "\x00"]
)
def test_a_half_written_file_is_told(tmp_path: Path, text: str) -> None:
    put(tmp_path).write_text(text)
    assert only_fault(tmp_path) == "its endpoint file is not believed: it is half-written or no endpoint file"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_file_that_another_takes_the_place_of_while_it_is_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was looked at is not what is read then: a server that starts, or somebody who plants one."""
    file = put(tmp_path)
    read = endpoint.read

    def read_and_lose(path: Path) -> endpoint.Endpoint | None:
        found = read(path)
        path.unlink()
        path.symlink_to(tmp_path / "planted.json")
        return found

    (tmp_path / "planted.json").write_text(file.read_text())
    monkeypatch.setattr(endpoint, "read", read_and_lose)
    assert only_fault(tmp_path) == "its endpoint file is not believed: it was replaced while it was read"


@pytest.mark.skipif(sys.platform == "win32", reason="modes are a POSIX notion")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o666, 0o602])
def test_a_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    put(tmp_path, mode=mode)
    assert f"it is open to other users (mode {mode:04o})" in only_fault(tmp_path)


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="only root can give files away")
def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    os.chown(put(tmp_path), 12345, -1)
    assert "it belongs to another user (uid 12345)" in only_fault(tmp_path)


def test_a_link_is_refused(tmp_path: Path) -> None:
    real = put(tmp_path, "elsewhere.json")
    (tmp_path / "codebase-endpoint.json").symlink_to(real)
    assert only_fault(tmp_path) == "its endpoint file is not believed: it is no regular file"


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.7:8020",
        "http://example.org:80",
        "https://127.0.0.1:8020",
        "http://127.0.0.1:8020@evil.org:80",
        "http://127.0.0.1.evil.org:80",
        "http://127.0.0.1",
        "http://[::1",
        "file:///etc/passwd",
        "http://127.0.0.1:99999",
        "http://ann@127.0.0.1:8020",
        "http://127.0.0.1:8020/?to=evil",
        "http://127.0.0.1:8020/#evil",
        "http://127.0.0.1:8020/elsewhere",
    ],
)
def test_a_file_that_points_elsewhere_is_refused(tmp_path: Path, url: str) -> None:
    put(tmp_path, url=url)
    assert "it points outside this machine or to no address" in only_fault(tmp_path)


def test_a_token_that_would_break_the_request_is_refused(tmp_path: Path) -> None:
    put(tmp_path, token="a\r\nX-Evil: 1")
    assert only_fault(tmp_path) == "its endpoint file is not believed: its token is no token"


def test_the_door_that_serves_the_root_is_chosen() -> None:
    main = Target("http://127.0.0.1:1", "", roots=(EndpointRoot("/a", "r_a"),))
    side = Target("http://127.0.0.1:2", "", roots=(EndpointRoot("/b", "r_b"),))
    assert choose([main, side], {"r_b"}) is side
    assert choose([main, side], {"/a"}) is main
    assert choose([main, side], {"/c"}) is main


def test_a_bad_file_does_not_hide_a_good_one(tmp_path: Path) -> None:
    put(tmp_path, mode=0o644)
    put(tmp_path, "codebase-endpoint.9001.json", url="http://127.0.0.1:9001")
    found = Discovery(folder=tmp_path).targets()
    assert not isinstance(found, Fault)
    assert [one.url for one in found] == ["http://127.0.0.1:9001"]


async def test_the_token_of_the_file_is_sent_and_a_given_url_alone_sends_none(tmp_path: Path) -> None:
    heads: list[str] = []

    async def listening_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        heads.append(head)
        writer.write(strangers.http("500 No", length=0))
        await writer.drain()

    async with listening(listening_in) as url:
        put(tmp_path, url=url, token="secret-of-the-file")
        for probe in (
            Probe(folder=tmp_path),
            Probe(url=url, folder=tmp_path),
            Probe(url=url, token="given", folder=tmp_path),
        ):
            await probe.resolve([ReferenceQuery("a.py")])
    tokens = [
        line.split(" ", 1)[1]
        for head in heads
        for line in head.split("\r\n")
        if line.lower().startswith("authorization")
    ]
    assert [token.strip() for token in tokens] == ["Bearer secret-of-the-file", "Bearer given"]
    assert len(heads) == 3


async def test_a_changed_endpoint_file_closes_the_breaker(tmp_path: Path) -> None:
    async with listening(strangers.answering(strangers.http("500 No", length=0))) as bad:
        put(tmp_path, url=bad)
        probe = Probe(folder=tmp_path)
        assert isinstance(await probe.resolve([]), Fault)
    async with listening(strangers.good) as url:
        put(tmp_path, url=url, data_dir_id="new")
        assert isinstance(await probe.resolve([]), ResolveResponse)
