"""The SDK's server with strict tools, over stdio whose stdout nothing else can reach."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio
from mcp.server import MCPServer
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver.context import Context
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, CallToolResult, GetPromptResult, InputRequiredResult
from pydantic import AnyUrl

from bridge.agreed.errors import TandemError, did_you_mean
from bridge.hosting import logs
from bridge.hosting.toolset import ToolSet, error_result
from bridge.hosting.wire import Wire

Lifespan = Callable[[MCPServer[Any]], AbstractAsyncContextManager[Any]]


class HostedServer(MCPServer[Any]):
    """An `MCPServer` whose tools are a `ToolSet`.

    Resources and prompts are added with the SDK's own decorators. ``lifespan``
    runs before the first message is answered, and once for each transport: it
    must be quick and shareable.
    """

    def __init__(
        self,
        name: str,
        *,
        tools: ToolSet,
        version: str,
        title: str | None = None,
        instructions: str | None = None,
        lifespan: Lifespan | None = None,
        **sdk_options: Any,
    ) -> None:
        super().__init__(
            name,
            title=title,
            version=version,
            instructions=instructions,
            lifespan=lifespan,
            tools=tools.tools,
            log_level="WARNING",
            **sdk_options,
        )
        self._tool_names = [tool.name for tool in tools.tools]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Answer one call; an unknown tool is answered with the names that exist."""
        if name not in self._tool_names:
            return error_result(unknown_tool(name, self._tool_names))
        return await super().call_tool(name, arguments, context)

    async def read_resource(
        self, uri: AnyUrl | str, context: Context[Any, Any] | None = None
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        """Read a resource, as a request of its own in the log; its address is not told there."""
        with logs.request("resources/read"):
            return await super().read_resource(uri, context)

    async def get_prompt(
        self,
        name: str,
        arguments: dict[str, Any] | None = None,
        context: Context[Any, Any] | None = None,
    ) -> GetPromptResult | InputRequiredResult:
        """Make a prompt, as a request of its own in the log; what was wrong with the request is told."""
        prompts = {prompt.name: prompt for prompt in self._prompt_manager.list_prompts()}
        if name not in prompts:
            hint = f"Valid prompts: {', '.join(prompts)}."
            raise _wrong_request(f"Unknown prompt `{name}`.{did_you_mean(name, prompts)} {hint}")
        given = arguments or {}
        for argument in prompts[name].arguments or ():
            if argument.required and not given.get(argument.name, "").strip():
                about = f": {argument.description}" if argument.description else ""
                raise _wrong_request(f"Prompt `{name}` needs `{argument.name}`{about}.")
        try:
            with logs.request("prompts/get"):
                return await super().get_prompt(name, arguments, context)
        except ValueError as failure:
            foreseen = _cause(failure)
            if foreseen is None:
                raise
            raise _wrong_request(foreseen.text) from failure

    async def serve(self, wire: Wire) -> None:
        """Speak MCP on a claimed wire until the host closes it."""
        # Given streams, the SDK leaves the descriptors alone: `wire` has long moved them out of reach.
        streams = stdio_server(anyio.wrap_file(wire.incoming), anyio.wrap_file(wire.outgoing))
        async with streams as (incoming, outgoing):
            lowlevel = self._lowlevel_server
            await lowlevel.run(incoming, outgoing, lowlevel.create_initialization_options())


def _wrong_request(told: str) -> MCPError:
    return MCPError(code=INVALID_PARAMS, message=told)


def _cause(failure: BaseException) -> TandemError | None:
    """The typed error beneath what the SDK made of it."""
    beneath: BaseException | None = failure
    while beneath is not None and not isinstance(beneath, TandemError):
        beneath = beneath.__cause__
    return beneath


def unknown_tool(name: str, valid: list[str]) -> TandemError:
    """What a caller of a tool that does not exist is told."""
    return TandemError(
        "unknown_tool",
        f"Unknown tool `{name}`.{did_you_mean(name, valid)}",
        f"Valid tools: {', '.join(valid)}.",
    )
