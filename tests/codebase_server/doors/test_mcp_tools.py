"""Every tool in both protocol eras: the record, the text, and what a caller is told of each mistake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import jsonschema
import pytest
from mcp import Client
from mcp.types import CallToolResult, TextContent

from codebase_server.doors.mcp import server as mcp_server
from codebase_server.service import CodebaseService

Mode = Literal["legacy", "auto"]
MODES: tuple[Mode, ...] = ("legacy", "auto")
INDEX_FIELDS = {
    "root",
    "repository",
    "generation",
    "state",
    "files",
    "chunks",
    "pending_files",
    "pending_vectors",
}


async def called(
    service: CodebaseService, mode: Mode, tool: str, arguments: dict[str, Any]
) -> CallToolResult:
    async with Client(mcp_server.build(service), mode=mode) as client:
        return await client.call_tool(tool, arguments)


async def record(
    service: CodebaseService, mode: Mode, tool: str, arguments: dict[str, Any]
) -> dict[str, Any]:
    """The structured answer, valid against the tool's own output schema."""
    async with Client(mcp_server.build(service), mode=mode) as client:
        result = await client.call_tool(tool, arguments)
        assert not result.is_error, text(result)
        schema = next(one.output_schema for one in (await client.list_tools()).tools if one.name == tool)
    found: dict[str, Any] | None = result.structured_content
    assert found is not None
    assert schema is not None
    jsonschema.validate(found, schema)
    return found


def text(result: CallToolResult) -> str:
    (part,) = result.content
    assert isinstance(part, TextContent)
    return part.text


async def chunk_id_of(service: CodebaseService, name: str) -> str:
    found = service.find_symbol(name)["results"]
    assert len(found) == 1
    return found[0]["chunk_id"]


@pytest.mark.parametrize("mode", MODES)
async def test_search_code_answers_with_the_documented_fields(indexed: CodebaseService, mode: Mode) -> None:
    answer = await record(indexed, mode, "search_code", {"query": "check a password"})
    assert set(answer) == {"results", "total_count", "latency_ms", "index", "warnings"}
    assert set(answer["index"]) == INDEX_FIELDS
    assert answer["index"]["state"] == "ready"
    assert answer["index"]["files"] == 3
    first = answer["results"][0]
    assert (first["file_path"], first["symbol"], first["language"]) == (
        "src/auth.py",
        "Guard.admit",
        "python",
    )
    assert "verify(self.stored(name), password)" in first["content"]
    assert first["start_line"] < first["end_line"]
    assert 0 <= first["similarity_score"] <= 1
    assert answer["total_count"] >= len(answer["results"])


@pytest.mark.parametrize("mode", MODES)
async def test_the_text_is_a_compact_rendering_and_not_json(indexed: CodebaseService, mode: Mode) -> None:
    result = await called(indexed, mode, "search_code", {"query": "revoke_session", "limit": 1})
    assert result.structured_content is not None
    hit = result.structured_content["results"][0]
    rendered = text(result)
    assert f"src/auth.py:{hit['start_line']}-{hit['end_line']} revoke_session" in rendered
    assert hit["chunk_id"] in rendered
    assert "```python" in rendered
    assert not rendered.startswith("{")
    assert len(rendered) < len(json.dumps(result.structured_content)) + 200


async def test_search_code_narrows_by_path_language_kind_and_content(indexed: CodebaseService) -> None:
    async def paths(**arguments: Any) -> set[str]:
        answer = await record(indexed, "legacy", "search_code", {"query": "sessions", **arguments})
        return {hit["file_path"] for hit in answer["results"]}

    assert await paths(path="src/*.js") == {"src/store.js"}
    assert await paths(language="javascript") == {"src/store.js"}
    assert await paths(kind="docs") == {"README.md"}
    bare = await record(indexed, "legacy", "search_code", {"query": "sessions", "content": "none"})
    assert all(not hit.get("content") for hit in bare["results"])


async def test_max_tokens_bounds_the_text(indexed: CodebaseService) -> None:
    whole = text(await called(indexed, "legacy", "search_code", {"query": "sessions and passwords"}))
    small = text(
        await called(indexed, "legacy", "search_code", {"query": "sessions and passwords", "max_tokens": 100})
    )
    assert len(whole) > 400
    assert len(small) <= 400


@pytest.mark.parametrize("mode", MODES)
async def test_get_chunks_gives_one_entry_an_id_in_order(indexed: CodebaseService, mode: Mode) -> None:
    chunk_id = await chunk_id_of(indexed, "revoke_session")
    answer = await record(indexed, mode, "get_chunks", {"chunk_ids": ["c_aaaaaaaaaaaa", chunk_id]})
    unknown, known = answer["chunks"]
    assert (unknown["ref"], unknown["state"]) == ("c_aaaaaaaaaaaa", "stale")
    assert unknown["reason"]
    assert (known["ref"], known["state"], known["symbol"]) == (chunk_id, "valid", "revoke_session")
    assert known["content"].startswith("def revoke_session(")
    assert known["content_hash"]


async def test_get_chunks_adds_lines_around(indexed: CodebaseService) -> None:
    chunk_id = await chunk_id_of(indexed, "revoke_session")
    (bare,) = indexed.get_chunks([chunk_id])["chunks"]
    (wide,) = indexed.get_chunks([chunk_id], context_lines=3)["chunks"]
    assert wide["first_line"] == bare["start_line"] - 3
    assert bare["content"] in wide["content"]
    assert "return self.book[name]" in wide["content"]


async def test_get_chunks_of_changed_code_gives_diff_and_history(
    indexed: CodebaseService, repository: Path
) -> None:
    chunk_id = await chunk_id_of(indexed, "revoke_session")
    before = indexed.get_chunks([chunk_id])["chunks"][0]
    file = repository / "src" / "auth.py"
    file.write_text(file.read_text().replace("sessions.pop(session_id, None)", "del sessions[session_id]"))
    indexed.index_repository()

    arguments = {"chunk_ids": [chunk_id], "history": True, "diff_from": before["content_hash"]}
    answer = await record(indexed, "legacy", "get_chunks", arguments)
    (entry,) = answer["chunks"]
    assert entry["chunk_id"] == chunk_id
    assert "-    sessions.pop(session_id, None)" in entry["diff"]
    assert "+    del sessions[session_id]" in entry["diff"]
    assert [version["content_hash"] for version in entry["history"]].count(before["content_hash"]) == 1
    assert entry["history"][-1]["content_hash"] == entry["content_hash"]


async def test_get_chunks_of_deleted_code_tells_its_last_place(
    indexed: CodebaseService, repository: Path
) -> None:
    chunk_id = await chunk_id_of(indexed, "revoke_session")
    file = repository / "src" / "auth.py"
    file.write_text(file.read_text().split("def revoke_session")[0])
    indexed.index_repository()
    answer = await record(indexed, "legacy", "get_chunks", {"chunk_ids": [chunk_id]})
    (entry,) = answer["chunks"]
    assert entry["state"] == "stale"
    assert entry["was"]["file_path"] == "src/auth.py"
    assert entry["was"]["symbol"] == "revoke_session"
    assert "sessions.pop" in entry["was"]["content"]


@pytest.mark.parametrize("mode", MODES)
async def test_find_symbol_finds_definitions_and_usages(indexed: CodebaseService, mode: Mode) -> None:
    answer = await record(indexed, mode, "find_symbol", {"name": "stored", "usages": True})
    assert [hit["symbol"] for hit in answer["results"]] == ["Guard.stored"]
    assert answer["total_count"] == 1
    assert any("verify(self.stored(name), password)" in usage["text"] for usage in answer["usages"])
    usage = next(usage for usage in answer["usages"] if "verify" in usage["text"])
    assert usage["symbol"] == "Guard.admit"


async def test_find_symbol_by_prefix_and_qualified_name(indexed: CodebaseService) -> None:
    by_prefix = await record(indexed, "legacy", "find_symbol", {"name": "revoke*"})
    assert [hit["symbol"] for hit in by_prefix["results"]] == ["revoke_session"]
    qualified = await record(indexed, "legacy", "find_symbol", {"name": "Guard.admit"})
    assert [hit["symbol"] for hit in qualified["results"]] == ["Guard.admit"]
    nothing = await record(indexed, "legacy", "find_symbol", {"name": "no_such_name"})
    assert (nothing["results"], nothing["total_count"]) == ([], 0)


@pytest.mark.parametrize("mode", MODES)
async def test_outline_of_a_file_and_of_the_whole_root(indexed: CodebaseService, mode: Mode) -> None:
    of_file = await record(indexed, mode, "outline", {"path": "src/auth.py"})
    symbols = [entry["symbol"] for entry in of_file["entries"]]
    assert symbols == ["Guard", "Guard.admit", "Guard.stored", "revoke_session"]
    assert all(entry["chunk_id"] for entry in of_file["entries"])
    whole = await record(indexed, mode, "outline", {})
    assert {entry["file_path"] for entry in whole["entries"]} >= {"src/auth.py", "src/store.js"}


@pytest.mark.parametrize("mode", MODES)
async def test_index_repository_and_index_status(service: CodebaseService, mode: Mode) -> None:
    done = await record(service, mode, "index_repository", {})
    assert (done["files"], done["changed_files"]) == (3, 3)
    assert done["duration_ms"] > 0
    status = await record(service, mode, "index_status", {})
    assert status["generation"] == done["generation"]
    assert status["state"] == "ready"
    assert status["coverage"] == 1
    assert status["languages"]["python"] == 1
    assert status["database_bytes"] > 0
    assert status["last_error"] == ""


async def test_the_first_search_starts_an_index_and_says_what_it_rests_on(service: CodebaseService) -> None:
    answer = await record(service, "legacy", "search_code", {"query": "revoke_session"})
    if answer["index"]["state"] == "ready":
        assert answer["results"]
    else:
        assert any("being built" in warning for warning in answer["warnings"])


BAD_CALLS: list[tuple[str, dict[str, Any], str]] = [
    ("search_code", {}, "Argument `query` is missing"),
    ("search_code", {"query": ""}, "`query` must be text of 1 to 2,000 characters"),
    ("search_code", {"query": "   "}, "The query is empty"),
    ("search_code", {"query": "x" * 2001}, "not text of 2,001 characters"),
    ("search_code", {"query": 7}, "`query` must be text"),
    ("search_code", {"query": "x", "limit": 0}, "`limit` must be a whole number from 1 to 50, not 0"),
    ("search_code", {"query": "x", "limit": "ten"}, "`limit` must be a whole number from 1 to 50"),
    ("search_code", {"query": "x", "kind": "test"}, "Did you mean `tests`?"),
    ("search_code", {"query": "x", "content": "some"}, "one of full, preview, none"),
    ("search_code", {"query": "x", "max_tokens": 1}, "`max_tokens` must be a whole number from 100"),
    ("search_code", {"query": "x", "limits": 3}, "Unknown argument `limits`. Did you mean `limit`?"),
    ("search_code", {"query": "x", "path": "[a"}, "has a '[' without a ']'"),
    ("search_code", {"query": "x", "path": "../other/*"}, "lies outside the root"),
    ("search_code", {"query": "x", "root": "/nowhere/at/all"}, "Root '/nowhere/at/all' is not served here"),
    ("get_chunks", {}, "Argument `chunk_ids` is missing"),
    ("get_chunks", {"chunk_ids": []}, "`chunk_ids` must be a list of 1 to 100 items"),
    ("get_chunks", {"chunk_ids": ["c"] * 101}, "`chunk_ids` must be a list of 1 to 100 items"),
    ("get_chunks", {"chunk_ids": [3]}, "`chunk_ids[0]` must be text"),
    ("get_chunks", {"chunk_ids": ["c_x"], "context_lines": 201}, "from 0 to 200, not 201"),
    ("get_chunks", {"chunk_ids": ["c_x"], "history": "maybe"}, "`history` must be true or false"),
    ("find_symbol", {"name": ""}, "`name` must be text of 1 to 500 characters"),
    ("find_symbol", {"name": "x", "path": "/etc/passwd"}, "lies outside the root"),
    ("find_symbol", {"name": "x", "limit": 1000}, "from 1 to 200, not 1000"),
    ("outline", {"path": "../.."}, "Path '../..' lies outside the root"),
    ("outline", {"path": "/etc"}, "Path '/etc' lies outside the root"),
    ("outline", {"path": "src/missing.py"}, "src/missing.py"),
    ("outline", {"depth": 0}, "`depth` must be a whole number from 1 to 20"),
    ("index_repository", {"force": 2}, "`force` must be true or false"),
    ("index_repository", {"path": "."}, "Unknown argument `path`"),
    ("index_status", {"verbose": True}, "Unknown argument `verbose`"),
]


@pytest.mark.parametrize("mode", MODES)
async def test_each_mistake_is_answered_with_what_would_be_right(
    indexed: CodebaseService, mode: Mode
) -> None:
    async with Client(mcp_server.build(indexed), mode=mode) as client:
        for tool, arguments, expected in BAD_CALLS:
            result = await client.call_tool(tool, arguments)
            assert result.is_error, (tool, arguments)
            assert expected in text(result), (tool, arguments, text(result))
            assert result.structured_content is not None
            assert result.structured_content["error"]


async def test_an_unknown_tool_is_answered_with_the_names_that_exist(indexed: CodebaseService) -> None:
    result = await called(indexed, "legacy", "search", {})
    assert result.is_error
    assert "search_code" in text(result)


async def test_a_path_outside_the_root_through_a_link_is_refused(
    indexed: CodebaseService, repository: Path
) -> None:
    (repository / "out").symlink_to(repository.parent)
    result = await called(indexed, "legacy", "outline", {"path": "out"})
    assert result.is_error
    assert "lies outside the root" in text(result)
