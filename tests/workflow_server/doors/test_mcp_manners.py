"""Resources and their change notices, prompts, completions, apps, instructions, and whose project a
call is about.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.client.context import ClientRequestContext
from mcp.server.apps import APP_MIME_TYPE
from mcp.shared.exceptions import MCPDeprecationWarning, MCPError
from mcp.shared.subscriptions import ResourceUpdated
from mcp.types import (
    INVALID_PARAMS,
    ListRootsResult,
    PromptReference,
    ResourceTemplateReference,
    ResourceUpdatedNotification,
    Root,
    TextResourceContents,
)
from pydantic import FileUrl

from bridge.hosting import logs
from workflow_server.doors.application import Application
from workflow_server.doors.mcp.server import make_server
from workflow_server.records import Actor
from workflow_server.settings import Settings

from .conftest import Connect, Era, Tools, text_of

PATIENCE_S = 10.0


async def read(tools: Tools, uri: str) -> str:
    (content,) = (await tools.client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    return content.text


async def test_an_item_and_the_ready_list_are_resources(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        made = await tools("create_work_item", title="Read me", description="All of it.")
        await tools("update_work_item", ids=[made["id"]], note="A note.")
        text = await read(tools, f"workflow://item/{made['id']}")
        assert "Read me" in text
        assert "All of it." in text
        assert "A note." in text
        assert made["id"] in await read(tools, "workflow://project/tests/ready")


async def test_a_slow_resource_and_a_slow_prompt_are_in_the_log_without_what_they_are_of(
    connect: Connect, era: Era, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connect(era) as tools:
        made = await tools("create_work_item", title="Kept out of the log")
        monkeypatch.setattr(logs, "SLOW_SECONDS", 0.0)
        with caplog.at_level(logging.WARNING):
            await read(tools, f"workflow://item/{made['id']}")
            await tools.client.get_prompt("hand_over", {"id": made["id"]})
    lines = [record.getMessage() for record in caplog.records]
    assert [line.partition(" took ")[0] for line in lines] == ["resources/read", "prompts/get"]
    assert made["id"] not in "".join(lines)


async def test_an_unknown_item_is_an_error_of_the_resource(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        await tools("create_work_item", title="So that the project is there")
        with pytest.raises(MCPError, match="wi_aaaaaaa"):
            await tools.client.read_resource("workflow://item/wi_aaaaaaa")


async def changed_until(application: Application, seen: set[str], enough: int, receive: Any) -> None:
    """Change an item from another process's service, again and again, until that many addresses were
    heard of.

    A watch begins at the newest event it finds, which may be behind a change made at once.
    """
    other = Application(application.settings)
    call = other.call(Actor("somebody", "", "cli"))
    listed = await other.service.list_work_items(call, {})
    with anyio.fail_after(PATIENCE_S):
        while len(seen) < enough:
            await other.service.update_work_items(call, [listed["items"][0]["id"]], {"note": "changed"})
            with anyio.move_on_after(1.0):
                while len(seen) < enough:
                    seen.add(await receive())
    await other.service.close()


async def created(application: Application) -> str:
    call = application.call(Actor("somebody", "", "cli"))
    return (await application.service.create_work_item(call, {"title": "Watched"}))["item"]["id"]


@pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
async def test_a_subscriber_of_the_handshake_era_is_told_of_changes_by_others(
    application: Application,
) -> None:
    heard, receive = anyio.create_memory_object_stream[str](50)

    async def on_message(message: Any) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            await heard.send(str(message.params.uri))

    uris = {f"workflow://item/{await created(application)}", "workflow://project/tests/ready"}
    async with Client(make_server(application), mode="legacy", message_handler=on_message) as client:
        for uri in uris:
            await client.session.subscribe_resource(uri)
        seen: set[str] = set()
        await changed_until(application, seen, 2, receive.receive)
        assert seen == uris
    heard.close()
    receive.close()
    await application.service.close()


@pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
async def test_who_unsubscribed_is_told_no_more_and_subscribing_twice_is_once(
    application: Application,
) -> None:
    heard: list[str] = []
    news = anyio.Event()

    async def on_message(message: Any) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            heard.append(str(message.params.uri))
            news.set()

    item, ready = f"workflow://item/{await created(application)}", "workflow://project/tests/ready"
    async with Client(make_server(application), mode="legacy", message_handler=on_message) as client:
        for uri in (item, item, ready):
            await client.session.subscribe_resource(uri)
        await client.session.unsubscribe_resource(item)
        await client.session.unsubscribe_resource("workflow://item/wi_never")

        async def receive() -> str:
            nonlocal news
            await news.wait()
            news = anyio.Event()
            return heard[-1]

        seen: set[str] = set()
        await changed_until(application, seen, 1, receive)
    assert set(heard) == {ready}
    await application.service.close()


async def test_a_listener_of_the_modern_era_is_told_of_changes_by_others(application: Application) -> None:
    uri = f"workflow://item/{await created(application)}"
    async with (
        Client(make_server(application)) as client,
        client.listen(resource_subscriptions=[uri]) as events,
    ):

        async def receive() -> str:
            event = await anext(aiter(events))
            assert isinstance(event, ResourceUpdated)
            return event.uri

        seen: set[str] = set()
        await changed_until(application, seen, 1, receive)
        assert seen == {uri}
    await application.service.close()


async def test_prompts_bring_the_state_of_the_work(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        made = await tools("create_work_item", title="Sign in with a key", acceptance_criteria=["it opens"])
        names = {prompt.name for prompt in (await tools.client.list_prompts()).prompts}
        assert names == {"plan_feature", "hand_over", "weekly_review"}
        planned = await tools.client.get_prompt("plan_feature", {"goal": "Sign in with a key"})
        assert made["id"] in planned.messages[0].content.text  # type: ignore[union-attr]  # prompts are text
        handed = await tools.client.get_prompt("hand_over", {"id": made["id"]})
        assert "it opens" in handed.messages[0].content.text  # type: ignore[union-attr]
        reviewed = await tools.client.get_prompt("weekly_review")
        assert "1 planned" in reviewed.messages[0].content.text  # type: ignore[union-attr]


async def test_completions_offer_ids_and_projects(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        made = await tools("create_work_item", title="Findable")
        item = ResourceTemplateReference(type="ref/resource", uri="workflow://item/{id}")
        found = await tools.client.complete(item, {"name": "id", "value": made["id"][:5]})
        assert found.completion.values == [made["id"]]
        by_title = await tools.client.complete(item, {"name": "id", "value": "Finda"})
        assert by_title.completion.values == [made["id"]]
        ready = ResourceTemplateReference(type="ref/resource", uri="workflow://project/{name}/ready")
        projects = await tools.client.complete(ready, {"name": "name", "value": "te"})
        assert projects.completion.values == ["tests"]
        prompt = PromptReference(type="ref/prompt", name="hand_over")
        ids = await tools.client.complete(prompt, {"name": "id", "value": ""})
        assert made["id"] in ids.completion.values
        for name, typed, offered in (
            ("item_type", "re", ["research"]),
            ("status", "c", ["completed", "cancelled"]),
            ("colour", "r", []),
        ):
            found = await tools.client.complete(prompt, {"name": name, "value": typed})
            assert found.completion.values == offered, name


async def test_the_board_is_an_app_of_two_tools(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        listed = {tool.name: tool for tool in (await tools.client.list_tools()).tools}
        for name, uri in (
            ("list_work_items", "ui://workflow/board"),
            ("get_work_item", "ui://workflow/item"),
        ):
            meta = listed[name].meta or {}
            assert meta["ui"]["resourceUri"] == uri
            (page,) = (await tools.client.read_resource(uri)).contents
            assert page.mime_type == APP_MIME_TYPE
            assert isinstance(page, TextResourceContents)
            assert "<script" in page.text
            assert "src=" not in page.text.split("<script")[0], "the page must be one file"


async def test_instructions_name_the_server_and_where_to_begin(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        assert "claim_work_item" in (tools.client.instructions or "")
        info = tools.client.server_info
        assert info is not None
        assert info.name == "workflow"
        assert info.version


async def test_without_a_named_project_the_clients_roots_say_where_it_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last of the places to look: only hosts of the handshake era offer roots."""
    repository = tmp_path / "my-code"
    await anyio.run_process(["git", "init", "-q", str(repository)])
    monkeypatch.chdir("/")
    monkeypatch.delenv("CLAUDE_PROJECT_DIR", raising=False)

    async def roots(context: ClientRequestContext) -> ListRootsResult:
        return ListRootsResult(roots=[Root(uri=FileUrl(repository.as_uri()))])

    application = Application(Settings(data_dir=tmp_path / "data", bridge=False))
    async with Client(make_server(application), mode="legacy", list_roots_callback=roots) as client:
        made = await Tools(client)("create_work_item", title="In the root's project")
        assert made["project"] == "my-code"
    await application.service.close()


async def test_where_nothing_says_the_project_a_write_is_refused_with_the_choices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    monkeypatch.delenv("CLAUDE_PROJECT_DIR", raising=False)
    application = Application(Settings(data_dir=tmp_path / "data", bridge=False))
    async with Client(make_server(application)) as client:
        tools = Tools(client)
        await tools("manage_projects", action="create", name="choose-me")
        told = await tools.refused("create_work_item", title="Where does it go?")
        assert "choose-me" in told
        assert "project" in told
    await application.service.close()


async def test_a_prompt_about_an_item_that_is_not_there_says_so(connect: Connect, era: Era) -> None:
    async with connect(era) as tools:
        await tools("create_work_item", title="So that the project is there")
        with pytest.raises(MCPError, match="Work item 'wi_aaaaaaa' is not in this project") as told:
            await tools.client.get_prompt("hand_over", {"id": "wi_aaaaaaa"})
        assert told.value.code == INVALID_PARAMS


async def test_a_data_folder_that_cannot_be_opened_ends_no_server_for_who_subscribes(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    application = Application(Settings(data_dir=tmp_path / "data", project="tests", bridge=False))
    async with Client(make_server(application), mode="legacy") as client:
        with pytest.warns(MCPDeprecationWarning):
            await client.session.subscribe_resource("workflow://item/wi_aaaaaaa")
        for _ in range(3):  # the watch fails behind the answer
            result = await client.call_tool("list_work_items", {})
            assert result.is_error
            assert "--data-dir" in text_of(result)
    await application.service.close()
