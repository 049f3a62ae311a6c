"""The operations as MCP tools."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from mcp.server.mcpserver import Context

from bridge.hosting.toolset import ADDS, READS, REMOVES, Answer, ToolSet, compact_json
from workflow_server.doors.application import Application
from workflow_server.doors.mcp import nulls
from workflow_server.doors.mcp.apps import SHOWN_BY
from workflow_server.doors.mcp.callers import call_of
from workflow_server.doors.mcp.records import WHERE, as_record, whole_record
from workflow_server.doors.operations import OPERATIONS, Operation
from workflow_server.doors.text import budget
from workflow_server.doors.text.answers import as_text

_HINTS = {"reads": READS, "adds": ADDS, "removes": REMOVES}


def make_tools(application: Application) -> ToolSet:
    """All operations as strict tools, in the order of the table."""
    tools = ToolSet()
    for operation in OPERATIONS.values():
        tools.tool(
            title=operation.title,
            annotations=_HINTS[operation.effect],
            name=operation.name,
            description=operation.description,
            output=operation.answer,
            meta=_meta(operation.name),
        )(_tool_function(application, operation))
        registered = tools.tools[-1]
        # the check keeps the whole schema; what is published may say less
        registered.parameters = published(operation, registered.parameters)
    return tools


def published(operation: Operation, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The input schema as clients see it."""
    properties = {name: operation.published.get(name, value) for name, value in schema["properties"].items()}
    return {**schema, "properties": properties}


def _meta(name: str) -> dict[str, Any] | None:
    uri = SHOWN_BY.get(name)
    # the flat key is what hosts from before the extension's final name read
    return {"ui": {"resourceUri": uri}, "ui/resourceUri": uri} if uri else None


def _tool_function(application: Application, operation: Operation) -> Callable[..., Awaitable[Answer]]:
    """An async function with the operation's signature and a context."""

    async def run(ctx: Context, **arguments: Any) -> Answer:
        given, told = nulls.read(operation, arguments)
        call = call_of(application, ctx, given.pop("project", None))
        if operation.name == "list_work_items":
            return await _page(application, operation, call, given)
        answer = await operation.carry_out(application.service, call, given)
        if told:
            answer = {**answer, "warnings": [*told, *answer["warnings"]]}
        return _told(operation.name, answer)

    parameters = [
        inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=Context),
        *operation.signature.parameters.values(),
    ]
    run.__name__ = operation.name
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # functions take attributes
    return run


def _told(name: str, answer: Mapping[str, Any]) -> Answer:
    record = as_record(name, answer)
    text = as_text(name, {**answer, **record} if name != "define_item_type" else record)
    return Answer(record, budget.cut(text, 3 * budget.MOST_TOKENS, WHERE))


async def _page(application: Application, operation: Operation, call: Any, given: dict[str, Any]) -> Answer:
    """A page that fits `max_tokens`: when its rows are too many, a shorter page is asked for.

    The cursor must follow the last row that is shown, so the service is asked again instead of rows being
    cut.
    """
    most = given.pop("max_tokens", None)
    answer = await operation.carry_out(application.service, call, given)
    rows = len(answer["items"])
    while rows > 1 and not _affordable(answer, most):
        rows = max(1, min(rows - 1, int(rows * _share(answer, most))))
        answer = await operation.carry_out(application.service, call, {**given, "limit": rows})
    return _told(operation.name, answer)


def _affordable(answer: Mapping[str, Any], most: int | None) -> bool:
    return _share(answer, most) >= 1


def _share(answer: Mapping[str, Any], most: int | None) -> float:
    """How much of the answer can be paid for; 1 and above is all of it."""
    text = as_text("list_work_items", answer)
    record = compact_json(whole_record("list_work_items", answer))
    shares = [budget.MOST_TOKENS / budget.estimated_tokens(told) for told in (text, record)]
    if most is not None:
        shares.append(most / budget.nominal_tokens(text))
    return min(shares)
