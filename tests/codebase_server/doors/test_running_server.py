"""A command asks a running server only where it is this user's own, has the root, and answers well."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.agreed import endpoint
from bridge.agreed.endpoint import Endpoint, EndpointRoot
from codebase_server.doors.cli import running
from codebase_server.service import CodebaseService
from codebase_server.settings import Settings, load

Answering = Callable[[bytes], None]


@pytest.fixture
def door(indexed: CodebaseService, repository: Path) -> Iterator[tuple[Answering, dict[str, Any]]]:
    """A server on a port of its own whose one answer is what a test wants; told as a door of this user's."""
    served: dict[str, Any] = {"answer": b"", "asked": b""}
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    served["asked"] = connection.recv(1 << 16)
                    connection.sendall(served["answer"])

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        file = endpoint.file_of("codebase")
        port = listening.getsockname()[1]
        told = Endpoint(
            f"http://127.0.0.1:{port}", "t", os.getpid(), indexed.data_dir_id,
            (EndpointRoot(str(repository), "r"),), file,
        )  # fmt: skip
        endpoint.write(file, told)
        served["endpoint"] = told

        def answer(raw: bytes) -> None:
            served["answer"] = raw

        yield answer, served
        over.set()
        listening.shutdown(socket.SHUT_RDWR)


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


def test_a_good_answer_is_taken(door: tuple[Answering, dict[str, Any]], settings: Settings) -> None:
    answer, served = door
    answer(OK + b'{"results": []}')
    assert running.answer(settings, "/mcp/search", {"query": "x", "limit": None}) == {"results": []}
    head, _, body = served["asked"].partition(b"\r\n\r\n")
    assert b"Authorization: Bearer t" in head
    assert set(json.loads(body)) == {"query", "root"}, "what is None is left out"
    assert running.answer(settings, "/mcp/index", {}, method="GET") == {"results": []}
    assert served["asked"].startswith(b"GET /mcp/index?root=")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 500 Oh\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        OK + b"{",
        OK + b"[1]",
        OK + b"\xff\xfe",
        b"SSH-2.0-other\r\n",
    ],
)
def test_any_other_answer_is_none(
    door: tuple[Answering, dict[str, Any]], settings: Settings, raw: bytes
) -> None:
    door[0](raw)
    assert running.answer(settings, "/mcp/search", {"query": "x"}) is None


@pytest.mark.parametrize(
    "other",
    [
        {"data_dir_id": "another"},
        {"pid": 2**22 - 1},
        {"roots": ()},
        {"url": "http://127.0.0.1:1"},
        {"url": "nonsense"},
        {"url": "http://127.0.0.1"},
        {"url": "http://192.0.2.1:80"},
        {"url": "http://127.0.0.1@192.0.2.1:80"},
    ],
)
def test_a_door_that_is_not_meant_or_not_there_is_not_asked(
    door: tuple[Answering, dict[str, Any]], settings: Settings, other: dict[str, Any]
) -> None:
    answer, served = door
    answer(OK + b"{}")
    told = served["endpoint"]
    fields = {name: getattr(told, name) for name in ("url", "token", "pid", "data_dir_id", "roots", "file")}
    endpoint.write(told.file, Endpoint(**(fields | other)))
    assert running.answer(settings, "/mcp/search", {"query": "x"}) is None
    assert served["asked"] == b""


@pytest.mark.skipif(os.name == "nt", reason="modes say nothing there")
def test_a_door_that_another_user_may_have_told_of_is_not_asked(
    door: tuple[Answering, dict[str, Any]], settings: Settings
) -> None:
    answer, served = door
    answer(OK + b"{}")
    file = served["endpoint"].file
    file.chmod(0o644)
    assert running.answer(settings, "/mcp/search", {"query": "x"}) is None
    file.chmod(0o600)
    file.rename(file.with_name("elsewhere.json"))
    file.symlink_to(file.with_name("elsewhere.json"))
    assert running.answer(settings, "/mcp/search", {"query": "x"}) is None
    assert served["asked"] == b"", "neither the query nor a token went there"
    file.unlink()
    file.with_name("elsewhere.json").rename(file)
    assert running.answer(settings, "/mcp/search", {"query": "x"}) == {}


def test_several_roots_another_model_or_no_data_folder_mean_that_nobody_is_asked(
    door: tuple[Answering, dict[str, Any]], repository: Path, tmp_path: Path
) -> None:
    door[0](OK + b"{}")

    def asked(**environment: str) -> object:
        given = {"CODEBASE_ROOT": str(repository), "CODEBASE_DATA_DIR": str(tmp_path / "data"), **environment}
        return running.answer(load({}, given, tmp_path / "none.toml"), "/mcp/search", {"query": "x"})

    assert asked() == {}
    assert asked(CODEBASE_ROOT=f"{repository}{os.pathsep}{tmp_path}") is None
    assert asked(CODEBASE_EMBEDDER="none") is None
    assert asked(CODEBASE_DATA_DIR=str(tmp_path / "nothing")) is None
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "registry.sqlite3").write_bytes(b"no database " * 100)
    assert asked(CODEBASE_DATA_DIR=str(broken)) is None
