"""A server with the tools, resources and prompts that the conformance suite asks for by name.

It stands on the same `HostedServer`, `ToolSet` and `Guard` as the two servers:
what passes here is our transport, our error results and our guard. Run with a
port: ``python -m bench.conformance.fixture_server 8770``.
"""

from __future__ import annotations

import base64
import sys
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import uvicorn
from mcp.server.mcpserver import Context, UserMessage
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import (
    AudioContent,
    CallToolResult,
    Completion,
    ContentBlock,
    EmbeddedResource,
    EmptyResult,
    ImageContent,
    SamplingMessage,
    SetLevelRequestParams,
    SubscribeRequestParams,
    TextContent,
    TextResourceContents,
    UnsubscribeRequestParams,
)
from pydantic import BaseModel, Field
from starlette.applications import Starlette

from bridge.agreed.errors import TandemError
from bridge.hosting.server import HostedServer
from bridge.hosting.toolset import READS, ToolSet
from bridge.loopback.guard import Guard


def _png() -> bytes:
    """One red pixel."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    header = (1).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    pixel = zlib.compress(b"\0\xff\0\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


def _wav() -> bytes:
    """A sound of no length: 8-bit mono at 8 kHz."""
    form = (
        (1).to_bytes(2, "little") * 2
        + (8000).to_bytes(4, "little") * 2
        + b"\x01\0"
        + (8).to_bytes(2, "little")
    )
    body = b"WAVEfmt " + len(form).to_bytes(4, "little") + form + b"data" + (0).to_bytes(4, "little")
    return b"RIFF" + len(body).to_bytes(4, "little") + body


PICTURE = base64.b64encode(_png()).decode()
SOUND = base64.b64encode(_wav()).decode()
tools = ToolSet()


def shown(*content: ContentBlock) -> CallToolResult:
    return CallToolResult(content=list(content))


def words(text: str) -> CallToolResult:
    return shown(TextContent(type="text", text=text))


def embedded(uri: str, text: str, mime_type: str = "text/plain") -> EmbeddedResource:
    resource = TextResourceContents(uri=uri, mime_type=mime_type, text=text)
    return EmbeddedResource(type="resource", resource=resource)


@tools.tool(title="Text", annotations=READS)
def test_simple_text() -> CallToolResult:
    """Answer with a text."""
    return words("This is a simple text response for testing.")


@tools.tool(title="Image", annotations=READS)
def test_image_content() -> CallToolResult:
    """Answer with an image."""
    return shown(ImageContent(type="image", data=PICTURE, mime_type="image/png"))


@tools.tool(title="Audio", annotations=READS)
def test_audio_content() -> CallToolResult:
    """Answer with a sound."""
    return shown(AudioContent(type="audio", data=SOUND, mime_type="audio/wav"))


@tools.tool(title="Embedded resource", annotations=READS)
def test_embedded_resource() -> CallToolResult:
    """Answer with a resource."""
    return shown(embedded("test://embedded-resource", "This is an embedded resource content."))


@tools.tool(title="Several kinds", annotations=READS)
def test_multiple_content_types() -> CallToolResult:
    """Answer with a text, an image and a resource."""
    return shown(
        TextContent(type="text", text="Multiple content types test:"),
        ImageContent(type="image", data=PICTURE, mime_type="image/png"),
        embedded("test://mixed-content-resource", '{"test":"data","value":123}', "application/json"),
    )


@tools.tool(title="Logging", annotations=READS)
async def test_tool_with_logging(ctx: Context) -> CallToolResult:
    """Log three lines on the way."""
    for line in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await ctx.session.send_log_message(
            level="info", data=line, logger="fixture", related_request_id=ctx.request_id
        )
        await anyio.sleep(0.05)
    return words("logged")


@tools.tool(title="Progress", annotations=READS)
async def test_tool_with_progress(ctx: Context) -> CallToolResult:
    """Report progress three times."""
    for done in (0, 50, 100):
        await ctx.report_progress(done, 100)
        await anyio.sleep(0.05)
    return words("done")


@tools.tool(title="Error", annotations=READS)
def test_error_handling() -> CallToolResult:
    """Fail on purpose."""
    raise TandemError("intended", "This tool intentionally returns an error for testing")


@tools.tool(title="Sampling", annotations=READS)
async def test_sampling(prompt: str, ctx: Context) -> CallToolResult:
    """Ask the client's model."""
    asked = SamplingMessage(role="user", content=TextContent(type="text", text=prompt))
    answer = await ctx.session.create_message(messages=[asked], max_tokens=100)
    return words(f"LLM response: {getattr(answer.content, 'text', '')}")


class Person(BaseModel):
    """What the suite's elicitation asks for."""

    username: str = Field(description="User's response")
    email: str = Field(description="User's email address")


class Defaults(BaseModel):
    """A default of each kind; the values are the suite's."""

    name: str = "John Doe"
    age: int = 30
    score: float = 95.5
    status: str = Field(default="active", json_schema_extra={"enum": ["active", "inactive", "pending"]})
    verified: bool = True


def _titled(prefix: str, title: str) -> Any:
    return [{"const": f"{prefix}{number}", "title": f"{title} {number}"} for number in (1, 2, 3)]


_OPTIONS = ["option1", "option2", "option3"]


class Choices(BaseModel):
    """Every way to write an enumeration; names and values are the suite's."""

    untitled_single: str = Field(alias="untitledSingle", json_schema_extra={"enum": list(_OPTIONS)})
    titled_single: str = Field(alias="titledSingle", json_schema_extra={"oneOf": _titled("value", "Option")})
    legacy: str = Field(
        alias="legacyEnum",
        json_schema_extra={"enum": ["opt1", "opt2", "opt3"], "enumNames": ["One", "Two", "Three"]},
    )
    untitled_multi: list[str] = Field(
        alias="untitledMulti", json_schema_extra={"items": {"type": "string", "enum": list(_OPTIONS)}}
    )
    titled_multi: list[str] = Field(
        alias="titledMulti", json_schema_extra={"items": {"anyOf": _titled("value", "Choice")}}
    )


async def _asked(ctx: Context, question: str, model: type[BaseModel]) -> CallToolResult:
    answer = await ctx.elicit(question, model)
    content = answer.data.model_dump() if answer.action == "accept" else None
    return words(f"Elicitation completed: action={answer.action}, content={content}")


@tools.tool(title="Elicitation", annotations=READS)
async def test_elicitation(message: str, ctx: Context) -> CallToolResult:
    """Ask the person."""
    return await _asked(ctx, message, Person)


@tools.tool(title="Elicitation with defaults", annotations=READS)
async def test_elicitation_sep1034_defaults(ctx: Context) -> CallToolResult:
    """Ask with defaults."""
    return await _asked(ctx, "Check these values", Defaults)


@tools.tool(title="Elicitation of choices", annotations=READS)
async def test_elicitation_sep1330_enums(ctx: Context) -> CallToolResult:
    """Ask with enumerations."""
    return await _asked(ctx, "Choose", Choices)


server = HostedServer("fixture", version="1", tools=tools)


@server.resource("test://static-text", mime_type="text/plain", description="A text.")
def static_text() -> str:
    return "This is the content of the static text resource."


@server.resource("test://static-binary", mime_type="image/png", description="An image.")
def static_binary() -> bytes:
    return _png()


@server.resource("test://template/{id}/data", mime_type="application/json", description="A template.")
def template(id: str) -> dict[str, Any]:  # noqa: A002 - the name is in the suite's URI
    return {"id": id, "templateTest": True, "data": f"Data for ID: {id}"}


@server.resource("test://watched-resource", description="One to subscribe to.")
def watched() -> str:
    return "watched"


@server.prompt()
def test_simple_prompt() -> str:
    """A prompt without arguments."""
    return "This is a simple prompt for testing."


@server.prompt()
def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
    """A prompt with two arguments."""
    return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"


@server.prompt()
def test_prompt_with_embedded_resource(resourceUri: str) -> list[UserMessage]:  # noqa: N803 - the suite's name
    """A prompt that carries a resource."""
    return [
        UserMessage(embedded(resourceUri, "Embedded resource content for testing.")),
        UserMessage("Read it."),
    ]


@server.prompt()
def test_prompt_with_image() -> list[UserMessage]:
    """A prompt that carries an image."""
    return [
        UserMessage(ImageContent(type="image", data=PICTURE, mime_type="image/png")),
        UserMessage("Look at it."),
    ]


@server.completion()  # type: ignore[no-untyped-call,untyped-decorator]  # so in the SDK
async def complete(ref: Any, argument: Any, context: Any) -> Completion:
    return Completion(values=["paris", "park"], total=2, has_more=False)


async def _nothing(ctx: Any, params: Any) -> EmptyResult:
    return EmptyResult()


for method, parameters in (
    ("logging/setLevel", SetLevelRequestParams),
    ("resources/subscribe", SubscribeRequestParams),
    ("resources/unsubscribe", UnsubscribeRequestParams),
):
    server._lowlevel_server.add_request_handler(method, parameters, _nothing)


def main() -> None:
    """Serve on the given port."""
    streamable = server.streamable_http_app(
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False)
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with server.session_manager.run():
            yield

    app = Guard(Starlette(routes=streamable.routes, lifespan=lifespan), token="")
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")


if __name__ == "__main__":
    main()
