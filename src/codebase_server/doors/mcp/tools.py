"""The six tools: the operations with titles, annotations, output schemas and their text."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

from mcp.server.mcpserver import Context

from bridge.hosting.toolset import ADDS, READS, ToolSet
from codebase_server.doors.mcp import app, outputs
from codebase_server.doors.mcp.calls import Calls
from codebase_server.doors.operations import Force, Operation, Operations, Root
from codebase_server.service import text
from codebase_server.service.answers import IndexAnswer


class _Shown(NamedTuple):
    """How an operation is shown as a tool."""

    title: str
    output: outputs.Schema
    render: Callable[[Any], str]


_READING: Final[dict[str, _Shown]] = {
    "search_code": _Shown("Search code", outputs.SEARCH, text.of_search),
    "get_chunks": _Shown("Get chunks", outputs.CHUNKS, text.of_chunks),
    "find_symbol": _Shown("Find symbol", outputs.SYMBOLS, text.of_symbols),
    "outline": _Shown("Outline", outputs.OUTLINE, text.of_outline),
    "index_status": _Shown("Index status", outputs.STATUS, text.of_status),
}


def build(calls: Calls, operations: Operations) -> ToolSet:
    """The tools of one server."""
    tools = ToolSet()
    for name, shown in _READING.items():
        operation: Operation = getattr(operations, name)
        register = tools.tool(
            name=name,
            title=shown.title,
            description=" ".join((inspect.getdoc(operation) or "").split()),
            annotations=READS,
            output=shown.output,
            render=shown.render,
            meta=app.meta_of(name),
        )
        register(_in_thread(operation, calls))

    @tools.tool(title="Index repository", annotations=ADDS, output=outputs.INDEXED, render=text.of_index)
    async def index_repository(ctx: Context, force: Force = False, root: Root = None) -> IndexAnswer:
        """Bring the index up to date and wait for it. Seldom needed: searches fold in changes themselves."""
        return await calls.index(ctx, root=root, force=force)

    return tools


def _in_thread(operation: Operation, calls: Calls) -> Callable[..., Awaitable[Any]]:
    """The operation as a coroutine function with the same arguments and the request's context."""

    async def call(ctx: Context, **arguments: Any) -> Any:
        return await calls.read(ctx, functools.partial(operation, **arguments))

    published = inspect.signature(operation, eval_str=True)
    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=Context)
    call.__signature__ = published.replace(parameters=[*published.parameters.values(), context])  # type: ignore[attr-defined]  # honoured by inspect
    call.__name__ = operation.__name__
    return call
