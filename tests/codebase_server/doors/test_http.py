"""The REST routes: documented answers, a guard on every route, and errors that say what to do."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bridge.agreed.errors import TandemError
from codebase_server import __version__
from codebase_server.doors.http import statuses
from codebase_server.doors.http.app import application
from codebase_server.doors.mcp import server as mcp_server
from codebase_server.service import CodebaseService
from codebase_server.service.errors import CodebaseError
from codebase_server.store import IndexCorruptError, IndexTooNewError, StorageLostError, SystemLock
from codebase_server.store.errors import StorageDeniedError, StorageFullError, StoreError, WriterBusyError

TOKEN = "a-token-of-the-tests"
ROUTES = [
    ("POST", "/mcp/search"),
    ("POST", "/mcp/chunks"),
    ("GET", "/mcp/chunks/c_aaaaaaaaaaaa"),
    ("POST", "/mcp/chunks/resolve"),
    ("POST", "/mcp/symbols"),
    ("POST", "/mcp/outline"),
    ("POST", "/mcp/index"),
    ("GET", "/mcp/index"),
    ("GET", "/health"),
    ("GET", "/metrics"),
    ("POST", "/mcp"),
    ("GET", "/nothing-here"),
]


@asynccontextmanager
async def door(service: CodebaseService, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole application, token and Host as the bridge sends them."""
    app = application(service, lambda: mcp_server.build(service), TOKEN)
    sent = {"authorization": f"Bearer {TOKEN}", "host": "127.0.0.1:8020"} | headers
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8020", headers=sent
    ) as client:
        yield client


async def test_search_answers_as_the_tool_does(indexed: CodebaseService) -> None:
    async with door(indexed) as client:
        answer = await client.post("/mcp/search", json={"query": "check a password"})
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"results", "total_count", "latency_ms", "index", "warnings"}
    assert body["results"][0]["symbol"] == "Guard.admit"


async def test_a_live_chunk_is_200_with_its_code(indexed: CodebaseService) -> None:
    chunk_id = indexed.find_symbol("revoke_session")["results"][0]["chunk_id"]
    async with door(indexed) as client:
        answer = await client.get(f"/mcp/chunks/{chunk_id}")
    assert answer.status_code == 200
    assert answer.json()["content"].startswith("def revoke_session(")


async def test_a_deleted_chunk_is_404_with_what_is_known(indexed: CodebaseService, repository: Path) -> None:
    chunk_id = indexed.find_symbol("revoke_session")["results"][0]["chunk_id"]
    file = repository / "src" / "auth.py"
    file.write_text(file.read_text().split("def revoke_session")[0])
    async with door(indexed) as client:
        indexed_again = await client.post("/mcp/index", json={})
        assert indexed_again.status_code == 200
        answer = await client.get(f"/mcp/chunks/{chunk_id}")
    assert answer.status_code == 404
    body = answer.json()
    assert (body["error"], body["message"]) == ("chunk_not_found", f"Chunk '{chunk_id}' not found")
    assert body["was"]["symbol"] == "revoke_session"
    assert (body["chunk_id"], body["state"]) == (chunk_id, "stale")
    assert body["hint"]


async def test_a_chunk_nobody_knows_is_404(indexed: CodebaseService) -> None:
    async with door(indexed) as client:
        answer = await client.get("/mcp/chunks/c_aaaaaaaaaaaa")
    assert answer.status_code == 404
    assert answer.json()["error"] == "chunk_not_found"


async def test_resolve_answers_each_reference_in_order(indexed: CodebaseService, repository: Path) -> None:
    chunk_id = indexed.find_symbol("revoke_session")["results"][0]["chunk_id"]
    references = [
        {"ref": "src/auth.py::Guard.admit"},
        {"ref": "c_aaaaaaaaaaaa"},
        {"ref": chunk_id, "root": str(repository)},
        {"ref": "src/store.js"},
        {"ref": "src/auth.py:14", "root": "/nowhere"},
    ]
    async with door(indexed) as client:
        answer = await client.post("/mcp/chunks/resolve", json={"references": references})
    assert answer.status_code == 200
    entries = answer.json()["references"]
    assert [entry["ref"] for entry in entries] == [reference["ref"] for reference in references]
    assert [entry["state"] for entry in entries] == ["valid", "stale", "valid", "valid", "unchecked"]
    assert entries[0]["symbol"] == "Guard.admit"
    assert entries[2]["chunk_id"] == chunk_id
    assert "/nowhere" in entries[4]["reason"]


async def test_health_says_who_answers_for_which_roots(indexed: CodebaseService, repository: Path) -> None:
    async with door(indexed) as client:
        body = (await client.get("/health")).json()
    assert set(body) == {
        "status",
        "version",
        "pid",
        "data_dir_id",
        "roots",
        "running",
        "writes_waiting",
        "last_error",
    }
    assert (body["status"], body["version"]) == ("ok", __version__)
    (row,) = body["roots"]
    assert set(row) == {"root", "repository", "generation", "state", "pending_files", "last_error"}
    assert (row["root"], row["state"], row["pending_files"]) == (str(repository), "ready", 0)
    assert (row["last_error"], body["running"], body["writes_waiting"], body["last_error"]) == (
        "",
        0,
        0,
        None,
    )


async def test_health_and_metrics_tell_who_waits_to_write_and_what_failed_last(
    indexed: CodebaseService, repository: Path
) -> None:
    opened = indexed.opened(None)
    lock = SystemLock(opened.index.database.folder / "writer.lock")
    stop = threading.Event()
    with lock.held():
        waiting = threading.Thread(target=lambda: indexed.index_repository(cancelled=stop.is_set))
        waiting.start()
        async with door(indexed) as client:
            for _ in range(500):
                body = (await client.get("/health")).json()
                if body["writes_waiting"]:
                    break
            scraped = (await client.get("/metrics")).text
    waiting.join()
    assert (body["running"], body["writes_waiting"]) == (1, 1)
    assert 'codebase_requests_running{operation="index_repository"} 1' in scraped
    (line,) = [line for line in scraped.splitlines() if line.startswith("codebase_writes_waiting{")]
    assert line.endswith("} 1")
    opened.index.last_error = "the disk is full"
    async with door(indexed) as client:
        await client.post("/mcp/search", json={"query": " "})
        body = (await client.get("/health")).json()
    assert (body["running"], body["writes_waiting"]) == (0, 0)
    assert (body["last_error"]["operation"], body["last_error"]["code"]) == (
        "search_code",
        "invalid_arguments",
    )
    assert body["last_error"]["at"].endswith("Z")
    assert body["roots"][0]["last_error"] == "the disk is full"


async def test_metrics_count_what_was_asked(indexed: CodebaseService) -> None:
    async with door(indexed) as client:
        await client.post("/mcp/search", json={"query": "x"})
        await client.post("/mcp/search", json={"query": " "})
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'codebase_requests_total{operation="search_code",outcome="ok"} 1' in answer.text
    assert 'codebase_requests_total{operation="search_code",outcome="invalid_arguments"} 1' in answer.text
    assert "codebase_index_files{" in answer.text


def subclasses(kind: type[TandemError]) -> Iterator[type[TandemError]]:
    """Every class of error below one."""
    for below in kind.__subclasses__():
        yield below
        yield from subclasses(below)


async def test_every_status_that_an_error_can_have_is_in_the_document_of_every_route(
    indexed: CodebaseService,
) -> None:
    of_the_service = {kind.status for kind in subclasses(CodebaseError) if issubclass(kind, CodebaseError)}
    of_the_guard = {401, 403, 413, 421}
    of_the_routing = {404, 405}
    possible = of_the_service | of_the_guard | of_the_routing | {*statuses.BY_CODE.values(), 500}
    assert possible == set(statuses.TOLD)
    async with door(indexed) as client:
        document = (await client.get("/openapi.json")).json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            told = {int(code) for code in operation["responses"]}
            assert told == possible | {200}, f"{method} {path}"


def test_every_error_of_the_storage_has_a_status_of_its_own(tmp_path: Path) -> None:
    raised = [
        IndexCorruptError(tmp_path, "why"),
        IndexTooNewError(tmp_path, 9, 1),
        StorageDeniedError(tmp_path, "why"),
        StorageFullError(tmp_path, "why"),
        StorageLostError(tmp_path, "why"),
        WriterBusyError(tmp_path, 7),
    ]
    assert {type(error) for error in raised} == set(subclasses(StoreError)), "a new error wants a status"
    assert {error.code: statuses.status_of(error) for error in raised} == {
        "index_corrupt": 503,
        "index_too_new": 503,
        "storage_denied": 503,
        "storage_full": 507,
        "storage_lost": 503,
        "busy": 409,
    }
    assert statuses.status_of(TandemError("never_heard_of", "x")) == 500


async def test_a_damaged_index_is_503_and_says_what_comes_next(indexed: CodebaseService) -> None:
    database = indexed.opened(None).index.database
    database.close()
    database.file.write_bytes(b"no database " * 1000)
    async with door(indexed) as client:
        answer = await client.post("/mcp/outline", json={})
        mended = await client.post("/mcp/index", json={})
        after = await client.post("/mcp/outline", json={})
    assert (answer.status_code, answer.json()["error"]) == (503, "index_corrupt")
    assert "checks the whole file" in answer.json()["hint"]
    assert (mended.status_code, after.status_code) == (200, 200)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", "Argument `query` is missing"),
        (b'{"query": 3}', "`query` must be text"),
        (b'{"query": "x", "limits": 1}', "Unknown argument `limits`. Did you mean `limit`?"),
        (b'{"query": "x", "path": "../*"}', "lies outside the root"),
        (b'{"query": "\\ud800"}', "query"),
    ],
)
async def test_a_bad_body_is_refused_with_error_message_and_hint(
    indexed: CodebaseService, body: bytes, expected: str
) -> None:
    async with door(indexed) as client:
        answer = await client.post("/mcp/search", content=body)
    assert answer.status_code == 422
    error = answer.json()
    assert set(error) >= {"error", "message", "hint"}
    assert error["error"] in ("invalid_arguments", "path_outside_root")
    assert expected in error["message"]


@pytest.mark.parametrize(
    ("body", "code", "expected"),
    [
        (b"{", "invalid_json", "not JSON"),
        (b"\xff\xfe", "invalid_json", "not JSON"),
        (b"[]", "invalid_request", "a JSON list, not an object"),
        (b'"text"', "invalid_request", "a JSON str, not an object"),
    ],
)
async def test_a_body_that_is_no_json_object_is_400_as_at_the_other_server(
    indexed: CodebaseService, body: bytes, code: str, expected: str
) -> None:
    async with door(indexed) as client:
        answer = await client.post("/mcp/search", content=body)
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert expected in answer.json()["message"]
    assert answer.json()["hint"]


async def test_every_route_takes_a_root_in_its_query_or_body(
    indexed: CodebaseService, repository: Path
) -> None:
    named, wrong = {"root": str(repository)}, {"root": "/nowhere"}
    chunk_id = indexed.find_symbol("revoke_session")["results"][0]["chunk_id"]
    references = {"references": [{"ref": "src/auth.py"}]}
    async with door(indexed) as client:
        for root, status in ((named, 200), (wrong, 404)):
            for path, body in (
                ("/mcp/search", {"query": "session"}),
                ("/mcp/symbols", {"name": "revoke_session"}),
                ("/mcp/index", {}),
            ):
                assert (await client.post(path, json=body, params=root)).status_code == status
                assert (await client.post(path, json=body | root)).status_code == status
            for path in (f"/mcp/chunks/{chunk_id}", "/mcp/index"):
                assert (await client.get(path, params=root)).status_code == status
        states = [
            (await client.post("/mcp/chunks/resolve", json=references | root)).json()["references"][0][
                "state"
            ]
            for root in (named, wrong)
        ]
        own = {"references": [{"ref": "src/auth.py", "root": str(repository)}], **wrong}
        kept = (await client.post("/mcp/chunks/resolve", json=own)).json()["references"][0]["state"]
    assert states == ["valid", "unchecked"]
    assert kept == "valid", "a reference's own root goes before that of all"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/mcp/search"), ("POST", "/mcp/chunks/resolve"), ("GET", "/mcp/chunks/c_aaaaaaaaaaaa")],
)
async def test_an_unknown_query_parameter_is_refused(
    indexed: CodebaseService, method: str, path: str
) -> None:
    async with door(indexed) as client:
        answer = await client.request(method, path, params={"limits": "3"}, json={"query": "x"})
    assert answer.status_code == 422
    assert "`limits`" in answer.json()["message"]


@pytest.mark.parametrize("language", ["py", ".py", "Python", "PYTHON"])
async def test_a_language_is_named_in_any_case_or_by_its_extension(
    indexed: CodebaseService, language: str
) -> None:
    async with door(indexed) as client:
        found = (await client.post("/mcp/search", json={"query": "session", "language": language})).json()
        all_of_them = (await client.post("/mcp/search", json={"query": "session", "language": ""})).json()
    assert {result["language"] for result in found["results"]} == {"python"}
    assert all_of_them["total_count"] >= found["total_count"], "an empty language filters nothing"


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_every_route_wants_the_token(indexed: CodebaseService, method: str, path: str) -> None:
    for authorization in ("", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"):
        async with door(indexed, authorization=authorization) as client:
            answer = await client.request(method, path, json={})
        assert answer.status_code == 401, (authorization, answer.text)
        assert answer.json()["error"] == "unauthorized"


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_every_route_refuses_a_foreign_host_or_origin(
    indexed: CodebaseService, method: str, path: str
) -> None:
    for headers in ({"host": "evil.example"}, {"host": "127.0.0.1.evil.example:8020"}):
        async with door(indexed, **headers) as client:
            assert (await client.request(method, path, json={})).status_code in (403, 421), headers
    async with door(indexed, origin="https://evil.example") as client:
        assert (await client.request(method, path, json={})).status_code == 403


async def test_an_unknown_route_and_method_are_told_as_json(indexed: CodebaseService) -> None:
    async with door(indexed) as client:
        missing = await client.get("/nothing-here")
        wrong = await client.get("/mcp/search")
    assert (missing.status_code, wrong.status_code) == (404, 405)
    for answer in (missing, wrong):
        body: dict[str, Any] = answer.json()
        assert body["error"]
        assert body["message"]


async def test_a_huge_body_is_refused_before_it_is_read(indexed: CodebaseService) -> None:
    async with door(indexed) as client:
        answer = await client.post("/mcp/search", content=b" " * 40_000_000)
    assert answer.status_code == 413
