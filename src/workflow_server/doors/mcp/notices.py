"""Telling subscribers that an item or a ready list changed, whichever process changed it.

The newest protocol has one listening stream per client, fed by a bus; the older ones subscribe address by
address. Both are served from one watch per project, which runs only while somebody listens.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import anyio
from anyio.abc import TaskGroup
from mcp.server.context import ServerRequestContext
from mcp.server.session import ServerSession
from mcp.server.subscriptions import InMemorySubscriptionBus, ResourceUpdated, ServerEvent
from mcp_types import EmptyResult, SubscribeRequestParams, UnsubscribeRequestParams

from workflow_server.doors.application import Application
from workflow_server.doors.changes import follow
from workflow_server.doors.mcp.resources import item_uri, ready_uri
from workflow_server.records import Actor, Call, Event

logger = logging.getLogger(__name__)


class Bus(InMemorySubscriptionBus):
    """The SDK's bus, which says when the first listener comes."""

    def __init__(self, on_listener: Callable[[], None]) -> None:
        super().__init__()
        self._on_listener = on_listener

    def subscribe(self, listener: Callable[[ServerEvent], None]) -> Callable[[], None]:
        """Register `listener` and return what unregisters it."""
        self._on_listener()
        return super().subscribe(listener)


def _same_client(one: ServerSession, other: ServerSession) -> bool:
    """Whether two requests came over one connection: the SDK makes a session for each request, and what
    the client said of itself when it shook hands is one object of the connection.
    """
    return one is other or (one.client_params is not None and one.client_params is other.client_params)


class Notices:
    """Subscriptions of one process and the watches that serve them."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._wanted: dict[str, list[ServerSession]] = {}
        self._watched: set[str] = set()
        self._group: TaskGroup | None = None
        self._listened = False
        self.bus = Bus(self._on_listener)

    def attach(self, group: TaskGroup) -> None:
        """Run watches in `group`; they end with it."""
        self._group = group
        if self._listened:
            self._on_listener()

    async def subscribe(self, ctx: ServerRequestContext, params: SubscribeRequestParams) -> EmptyResult:
        """`resources/subscribe` of the handshake protocols."""
        sessions = self._wanted.setdefault(str(params.uri), [])
        if not any(_same_client(ctx.session, one) for one in sessions):
            sessions.append(ctx.session)
        self._on_listener()
        return EmptyResult()

    async def unsubscribe(self, ctx: ServerRequestContext, params: UnsubscribeRequestParams) -> EmptyResult:
        """`resources/unsubscribe`."""
        sessions = self._wanted.pop(str(params.uri), [])
        if left := [one for one in sessions if not _same_client(ctx.session, one)]:
            self._wanted[str(params.uri)] = left
        return EmptyResult()

    def _on_listener(self) -> None:
        self._listened = True
        if self._group is not None:
            self._group.start_soon(self._watch_all)

    async def _watch_all(self) -> None:
        """Watch every project there is; one that is made later is watched at the next subscription."""
        call = self._application.call(Actor("notices", "", "mcp"))
        try:
            answer = await self._application.service.list_projects(call)
        except Exception as error:  # what fails beside the server must not end it; calls tell the same
            logger.warning("nothing can be watched for change notices: %s", error)
            return
        for project in answer["projects"]:
            name = project["name"]
            if not project["archived"] and name not in self._watched and self._group is not None:
                self._watched.add(name)
                self._group.start_soon(self._watch, self._application.call(call.actor, name))

    async def _watch(self, call: Call) -> None:
        project = str(call.project)
        try:
            async for events in follow(self._application.service, call):
                await self._tell(project, events)
        except Exception as error:  # as above
            logger.warning("no more change notices for project %s: %s", project, error)
        finally:
            self._watched.discard(project)

    async def _tell(self, project: str, events: list[Event]) -> None:
        uris = dict.fromkeys(item_uri(event["item_id"]) for event in events if event["item_id"])
        for uri in [*uris, ready_uri(project)]:
            await self.bus.publish(ResourceUpdated(uri=uri))
            for session in list(self._wanted.get(uri, ())):
                try:
                    await session.send_resource_updated(uri)
                except (anyio.ClosedResourceError, anyio.BrokenResourceError):
                    # Gone without a word, and perhaps unsubscribed while it was being told.
                    self._wanted[uri] = [one for one in self._wanted.get(uri, ()) if one is not session]
