"""The loopback door among several processes: one holds it, the next takes over, strangers are left alone."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from .conftest import git, server_environment
from .processes import endpoint, endpoint_files, stdio_server, wait_until


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def asked(told: dict[str, Any], method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
    """One HTTP request to the door that an endpoint file tells of."""
    place = urlsplit(told["url"])
    assert place.hostname is not None
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
    try:
        headers = {"Authorization": f"Bearer {told['token']}", "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_the_second_server_takes_over_when_the_first_is_killed(tmp_path: Path, repository: Path) -> None:
    environment = server_environment(tmp_path, repository, CODEBASE_HTTP_PORT=str(free_port()))
    with stdio_server(environment, tmp_path) as first, stdio_server(environment, tmp_path) as second:
        first.initialize()
        first.record("index_repository")
        second.initialize()
        second.record("index_status")
        before = endpoint(tmp_path)
        assert before["pid"] == first.process.pid
        assert len(endpoint_files(tmp_path)) == 1

        first.process.kill()  # how fast the other follows is measured by bench.startup
        wait_until(lambda: endpoint(tmp_path).get("pid") == second.process.pid, "the second holds the door")
        after = endpoint(tmp_path)
        status, body = asked(after, "GET", "/health")
        assert (status, body["pid"]) == (200, second.process.pid)
        assert (after["url"], after["token"]) == (before["url"], before["token"])
        # Nobody has waited for the killed one yet, so its number still stands in the table of processes.
        assert [file.name for file in endpoint_files(tmp_path)] == ["codebase-endpoint.json"]


def test_a_second_server_says_who_holds_the_door_and_that_nothing_is_lost(
    tmp_path: Path, repository: Path
) -> None:
    environment = server_environment(tmp_path, repository, CODEBASE_HTTP_PORT=str(free_port()))
    told = tmp_path / "told.txt"
    with stdio_server(environment, tmp_path) as first, told.open("wb") as errors:
        first.initialize()
        first.record("index_repository")
        command = [sys.executable, "-m", "codebase_server", "serve"]
        second = subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=errors)
        try:
            wait_until(lambda: b"holds the door" in told.read_bytes(), "the second has spoken")
        finally:
            second.kill()
            second.wait()
        holder = endpoint(tmp_path)
    said = told.read_text()
    assert f"({holder['url']}, process {first.process.pid})" in said
    assert "this one included" in said


def test_what_a_killed_server_left_of_its_free_port_goes_with_the_next_one(
    tmp_path: Path, repository: Path
) -> None:
    environment = server_environment(tmp_path, repository, CODEBASE_HTTP_PORT="0")
    with stdio_server(environment, tmp_path) as first:
        first.initialize()
        first.record("index_status")
        with stdio_server(environment, tmp_path) as second:
            second.initialize()
            second.record("index_status")
            assert len(endpoint_files(tmp_path)) == 2, "each has a free port of its own"
            second.process.kill()
            second.process.wait()
        assert len(endpoint_files(tmp_path)) == 2, "nobody could take it away"
        with stdio_server(environment, tmp_path) as third:
            third.initialize()
            third.record("index_status")
            tellers = {json.loads(file.read_text())["pid"] for file in endpoint_files(tmp_path)}
            assert tellers == {first.process.pid, third.process.pid}


def test_a_stranger_on_the_port_is_left_alone_and_a_free_port_told(tmp_path: Path, repository: Path) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        environment = server_environment(tmp_path, repository, CODEBASE_HTTP_PORT=str(port))
        with stdio_server(environment, tmp_path) as server:
            server.initialize()
            server.record("index_status")
            told = endpoint(tmp_path)
            taken = urlsplit(told["url"]).port
            assert taken != port
            assert [file.name for file in endpoint_files(tmp_path)] == [f"codebase-endpoint.{taken}.json"]
            assert asked(told, "GET", "/health")[0] == 200


def test_servers_of_two_data_folders_both_have_a_door(tmp_path: Path, repository: Path) -> None:
    port = str(free_port())
    one = server_environment(tmp_path, repository, CODEBASE_HTTP_PORT=port)
    two = one | {"CODEBASE_DATA_DIR": str(tmp_path / "other-data")}
    with stdio_server(one, tmp_path) as first, stdio_server(two, tmp_path) as second:
        first.initialize()
        first.record("index_status")
        second.initialize()
        second.record("index_status")
        tellers = {json.loads(file.read_text())["pid"] for file in endpoint_files(tmp_path)}
        assert tellers == {first.process.pid, second.process.pid}


def test_the_holder_answers_for_every_root_of_the_data_folder(tmp_path: Path, repository: Path) -> None:
    other = tmp_path / "other"
    (other / "lib").mkdir(parents=True)
    (other / "lib" / "paint.py").write_text("def paint_it_black(wall):\n    return wall\n")
    git(other, "init", "-q")
    git(other, "add", "-A")
    git(other, "commit", "-q", "-m", "first")
    environment = server_environment(tmp_path, repository, CODEBASE_HTTP_PORT=str(free_port()))
    elsewhere = environment | {"CODEBASE_ROOT": str(other)}
    with stdio_server(environment, tmp_path) as first, stdio_server(elsewhere, tmp_path) as second:
        first.initialize()
        first.record("index_repository")
        second.initialize()
        second.record("index_repository")
        told = endpoint(tmp_path)
        assert told["pid"] == first.process.pid
        status, body = asked(told, "POST", "/mcp/search", {"query": "paint_it_black", "root": str(other)})
        assert status == 200
        assert body["results"][0]["symbol"] == "paint_it_black"
        wait_until(
            lambda: str(other) in {row["root"] for row in endpoint(tmp_path)["roots"]},
            "the endpoint file lists the new root",
        )


def test_a_root_that_nobody_serves_cannot_be_added_over_http(tmp_path: Path, repository: Path) -> None:
    with stdio_server(server_environment(tmp_path, repository), tmp_path) as server:
        server.initialize()
        server.record("index_repository")
        new = tmp_path / "new"
        new.mkdir()
        for path in ("/mcp/search", "/mcp/index"):
            status, body = asked(
                endpoint(tmp_path),
                "POST",
                path,
                {"query": "x", "root": str(new)} if "search" in path else {"root": str(new)},
            )
            assert status == 404
            assert body["error"] == "root_unknown"
            assert "--root DIR" in body["hint"]


@pytest.mark.parametrize("flag", ["--no-http", "--port"])
def test_the_door_can_be_closed_or_moved(tmp_path: Path, repository: Path, flag: str) -> None:
    port = free_port()
    arguments = [flag] if flag == "--no-http" else [flag, str(port)]
    with stdio_server(server_environment(tmp_path, repository), tmp_path, *arguments) as server:
        server.initialize()
        server.record("index_status")
        told = endpoint(tmp_path)
        assert told == {} if flag == "--no-http" else told["url"].endswith(f":{port}")


def test_no_token_tells_none_and_wants_none(tmp_path: Path, repository: Path) -> None:
    with stdio_server(server_environment(tmp_path, repository), tmp_path, "--no-token") as server:
        server.initialize()
        server.record("index_status")
        told = endpoint(tmp_path)
        assert told["token"] == ""
        assert asked(told, "GET", "/health")[0] == 200
