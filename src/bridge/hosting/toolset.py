"""Strict MCP tools on the SDK's server.

The SDK validates with a model that drops unknown arguments and coerces others,
and puts the record into the text a second time as indented JSON. A `ToolSet`
takes the same decorated functions and answers strictly and tersely::

    tools = ToolSet()

    @tools.tool(title="Search code", annotations=READS, output=SEARCH_ANSWER, render=as_lines)
    async def search_code(query: Annotated[str, Field(min_length=1)], limit: int = 10) -> SearchAnswer:
        '''Find code by what it does.'''
        return await service.search(...)

    server = HostedServer("codebase", tools=tools, version=...)
"""

from __future__ import annotations

import functools
import inspect
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import anyio.to_thread
from mcp.server.mcpserver.context import Context
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.context_injection import find_context_parameter
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import PrivateAttr

from bridge.agreed.errors import TandemError
from bridge.hosting import logs, schemas
from bridge.hosting.arguments import Arguments
from bridge.hosting.quotation import one_line

logger = logging.getLogger(__name__)

Function = TypeVar("Function", bound=Callable[..., Any])
Render = Callable[[Any], str]

READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
"""For tools that change nothing."""
ADDS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False
)
"""For tools that only add or change what can be taken back."""
REMOVES = ToolAnnotations(
    read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False
)
"""For tools that take something away."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A tool's result whose text depends on more than the record.

    ``record`` becomes the structured content, ``text`` what a model reads,
    ``meta`` the result's ``_meta`` (for an app beside the model).
    """

    record: Mapping[str, Any]
    text: str
    meta: dict[str, Any] | None = None


def compact_json(record: Mapping[str, Any]) -> str:
    """The rendering of a record for which a door gives none: JSON on one line."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=str)


class ToolSet:
    """The tools of one server, in the order in which they are published."""

    def __init__(self) -> None:
        self.tools: list[Tool] = []

    def tool(
        self,
        *,
        title: str,
        annotations: ToolAnnotations,
        name: str | None = None,
        description: str | None = None,
        output: schemas.Schema | type | None = None,
        render: Render = compact_json,
        meta: dict[str, Any] | None = None,
    ) -> Callable[[Function], Function]:
        """Register the decorated function, ``async`` or not (then it runs in a thread).

        Its parameters are the tool's arguments (see `schemas.of_arguments`), except
        one annotated `Context`. It returns the record, a mapping that is JSON-ready
        and fits ``output``, or an `Answer`, or a `CallToolResult`. ``render`` makes
        the text of a record. ``description`` defaults to the docstring.
        """

        def register(function: Function) -> Function:
            self.tools.append(
                _strict_tool(
                    function,
                    name=name or function.__name__,
                    title=title,
                    description=description or inspect.getdoc(function) or "",
                    annotations=annotations,
                    output=schemas.of_output(output) if output is not None else None,
                    render=render,
                    meta=meta,
                )
            )
            return function

        return register


class StrictTool(Tool):
    """A tool of the SDK with the rules of `Arguments` and of typed errors."""

    _arguments: Arguments = PrivateAttr()
    _render: Render = PrivateAttr()

    async def run(
        self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False
    ) -> CallToolResult:
        """Answer one call. Never raises but for protocol errors and cancellation."""
        with logs.request(self.name):
            try:
                return self._result(await self._call(self._arguments.accept(arguments), context))
            except TandemError as error:
                logger.info("%s refused: %s", self.name, error.code)
                return error_result(error)
            except MCPError:
                raise
            except Exception:
                logger.exception("%s failed", self.name)
                return error_result(internal_error(self.name))

    async def _call(self, arguments: dict[str, Any], context: Context[Any, Any]) -> Any:
        if self.context_kwarg is not None:
            arguments[self.context_kwarg] = context
        if self.is_async:
            return await self.fn(**arguments)
        return await anyio.to_thread.run_sync(functools.partial(self.fn, **arguments))

    def _result(self, returned: Any) -> CallToolResult:
        if isinstance(returned, CallToolResult):
            return returned
        answer = returned if isinstance(returned, Answer) else Answer(returned, self._render(returned))
        return CallToolResult(
            content=[TextContent(type="text", text=answer.text)],
            structured_content=dict(answer.record) if self.output_schema is not None else None,
            _meta=answer.meta,
        )


def error_result(error: TandemError) -> CallToolResult:
    """A typed error as the result a model reads; programs find the same body beside it.

    It repeats values of the call, which may themselves come from text that others wrote.
    """
    return CallToolResult(
        content=[TextContent(type="text", text=one_line(error.text))],
        structured_content=error.body,
        is_error=True,
    )


def internal_error(operation: str) -> TandemError:
    """What a caller is told of an unforeseen exception; the traceback is in the log."""
    return TandemError(
        "internal_error",
        f"Internal error in {operation} (request {logs.request_id.get()}).",
        f"The traceback is in {logs.log_place()}.",
    )


def _strict_tool(
    function: Callable[..., Any],
    *,
    name: str,
    title: str,
    description: str,
    annotations: ToolAnnotations,
    output: schemas.Schema | None,
    render: Render,
    meta: dict[str, Any] | None,
) -> StrictTool:
    context_parameter = find_context_parameter(function)
    arguments = Arguments(function, frozenset({context_parameter} if context_parameter else ()))
    tool = StrictTool(
        fn=function,
        name=name,
        title=title,
        description=description,
        parameters=arguments.schema,
        fn_metadata=FuncMetadata(arg_model=ArgModelBase, output_schema=output),
        is_async=inspect.iscoroutinefunction(function),
        context_kwarg=context_parameter,
        annotations=annotations,
        meta=meta,
    )
    tool._arguments = arguments
    tool._render = render
    return tool
