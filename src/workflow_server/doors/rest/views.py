"""Routes that no tool has: history, reasons, types, figures, events as they happen, health, metrics."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import anyio
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from bridge.agreed.errors import TandemError, did_you_mean
from workflow_server.doors.application import Application
from workflow_server.doors.changes import follow
from workflow_server.doors.rest.failures import guarded
from workflow_server.doors.rest.json_answer import JSONAnswer
from workflow_server.doors.rest.requests import call_of
from workflow_server.records import Call, Event

KEEP_ALIVE_SECONDS = 15.0
_MOST_EVENTS = 500
_MOST_DIGITS = 18


class Views:
    """The endpoints, over one application."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._service = application.service

    def routes(self) -> list[Route]:
        """The routes under /mcp/ and the two that monitors ask."""
        return [
            Route("/mcp/work_items/{id}/history", guarded(self.item_history)),
            Route("/mcp/work_items/{id}/why", guarded(self.why)),
            Route("/mcp/history", guarded(self.history)),
            Route("/mcp/types", guarded(self.types)),
            Route("/mcp/statistics", guarded(self.statistics)),
            Route("/mcp/events", guarded(self.events)),
            Route("/health", guarded(self.health)),
            Route("/metrics", guarded(self.metrics)),
        ]

    async def item_history(self, request: Request) -> Response:
        """Events of one item: the newest, or those after `since`."""
        _only(request, ("since", "actor", "limit"))
        call = call_of(self._application, request)
        return JSONAnswer(await self._service.history(call, id=request.path_params["id"], **_chosen(request)))

    async def history(self, request: Request) -> Response:
        """Events of the project, oldest first: the newest, those after `since` (a number or a moment), or the
        newest before `before` (0: the end); with `actor` only theirs.
        """
        _only(request, ("since", "before", "actor", "limit"))
        call = call_of(self._application, request)
        if "before" in request.query_params:
            before, limit = _number(request, "before", 0), max(_number(request, "limit", 100), 1)
            actor = request.query_params.get("actor")
            return JSONAnswer(
                await self._service.newest_history(call, before=before, actor=actor, limit=limit)
            )
        return JSONAnswer(await self._service.history(call, **_chosen(request)))

    async def why(self, request: Request) -> Response:
        """Why an item is not ready."""
        call = call_of(self._application, request)
        return JSONAnswer(await self._service.why_blocked(call, request.path_params["id"]))

    async def types(self, request: Request) -> Response:
        """All types of the project with their schemas."""
        call = call_of(self._application, request)
        types = await self._service.item_types(call)
        return JSONAnswer({"project": await self._service.resolve_project(call), "types": types})

    async def statistics(self, request: Request) -> Response:
        """Throughput, times, ages, chains."""
        return JSONAnswer(await self._service.project_statistics(call_of(self._application, request)))

    async def events(self, request: Request) -> Response:
        """Server-sent events: `hello` with the newest number, then `change` with what happened."""
        call = call_of(self._application, request)
        last = request.headers.get("last-event-id", request.query_params.get("since", ""))
        since = int(last) if _is_number(last) else await self._service.head(call)
        return StreamingResponse(
            self._stream(call, since),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _stream(self, call: Call, since: int) -> AsyncIterator[str]:
        """The text of the stream. A comment goes out when nothing happened for a while, so that a break is
        seen.
        """
        yield f"retry: 1000\nevent: hello\nid: {since}\ndata: {json.dumps({'seq': since})}\n\n"
        send, receive = anyio.create_memory_object_stream[list[Event]](8)

        async def watch() -> None:
            async with send:
                async for events in follow(self._service, call, since):
                    await send.send(events)

        async with anyio.create_task_group() as group, receive:
            group.start_soon(watch)
            try:
                while True:
                    with anyio.move_on_after(KEEP_ALIVE_SECONDS):
                        yield _change(await receive.receive())
                        continue
                    yield ": still here\n\n"
            finally:
                group.cancel_scope.cancel()

    async def health(self, _: Request) -> Response:
        """Alive, which process this is, how much it has at hand, and the last call that failed."""
        import os

        from workflow_server.doors.version import version

        return JSONAnswer(
            {
                "status": "ok",
                "version": version(),
                "pid": os.getpid(),
                "running": self._service.meter.running(),
                "writes_waiting": sum(self._service.queues().values()),
                "bridge": self._application.breakers(),
                "last_error": self._service.meter.last_error(),
            }
        )

    async def metrics(self, request: Request) -> Response:
        """Items by project; calls, times, failures; queues and breakers, as Prometheus scrapes them."""
        call = call_of(self._application, request)
        answer = await self._service.list_projects(call)
        lines = ["# HELP workflow_items Work items by project.", "# TYPE workflow_items gauge"]
        for project in answer["projects"]:
            if project["total"] is not None:
                label = json.dumps(project["name"], ensure_ascii=False)
                lines.append(f'workflow_items{{project={label},state="open"}} {project["open"]}')
                lines.append(f'workflow_items{{project={label},state="all"}} {project["total"]}')
        gauges: list[tuple[str, dict[str, str], float]] = [
            ("writes_waiting", {"project": slug}, waiting) for slug, waiting in self._service.queues().items()
        ]
        gauges += [
            ("bridge_breaker", {"door": url, "state": state}, 1)
            for url, state in self._application.breakers().items()
        ]
        text = "\n".join(lines) + "\n" + self._service.meter.text(gauges)
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


def _change(events: list[Event]) -> str:
    data: dict[str, Any] = {
        "seq": events[-1]["seq"],
        "items": list(dict.fromkeys(event["item_id"] for event in events if event["item_id"])),
        "actors": list(dict.fromkeys(event["actor"] for event in events)),
    }
    return f"event: change\nid: {data['seq']}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _is_number(text: str) -> bool:
    """Whether it is a whole number that SQLite can hold; "²" and a text of 5,000 digits are none."""
    return text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS


def _only(request: Request, known: Sequence[str]) -> None:
    """Refuse a parameter that would be passed over in silence."""
    for name in request.query_params:
        if name != "project" and name not in known:
            raise TandemError(
                "invalid_arguments",
                f"Unknown parameter `{name:.60}`.",
                f"Valid here: {', '.join(known)}, project.{did_you_mean(name, known)}",
            )


def _chosen(request: Request) -> dict[str, Any]:
    """Which events a request asks for."""
    since = request.query_params.get("since")
    return {
        "since": int(since) if since is not None and _is_number(since) else since,
        "actor": request.query_params.get("actor"),
        "limit": _number(request, "limit", 100),
    }


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not _is_number(text):
        raise TandemError(
            "invalid_arguments", f'`{name}` must be a whole number from 0, not the text "{text:.60}".'
        )
    return min(int(text), _MOST_EVENTS) if name == "limit" else int(text)
