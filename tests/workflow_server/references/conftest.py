"""A real codebase server on a small repository, and a work tracker that is linked to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from tests.scenarios.conftest import Server, World
from tests.workflow_server.desk import Desk, HandClock
from tests.workflow_server.references.linked import LinkedDesk, index, linked_world

from bridge.client.probe import Probe
from workflow_server.references import References


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with linked_world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture(scope="module")
def codebase(world: World) -> Server:
    server = world.start_codebase()
    index(server)
    return server


@pytest.fixture
async def open_linked(world: World, tmp_path: Path) -> AsyncIterator[Callable[..., LinkedDesk]]:
    """Opens desks whose references ask at ``url``, by default at the door of the endpoint file."""
    desks: list[Desk] = []

    def open_(url: str | None = None, token: str | None = None, timeout_ms: int = 2_000) -> LinkedDesk:
        probe = Probe(url=url, token=token, timeout_ms=timeout_ms, folder=world.runtime)
        desk = LinkedDesk(tmp_path / "data", HandClock(), References(probe), world.repository)
        desks.append(desk)
        return desk

    yield open_
    for desk in desks:
        await desk.service.close()


@pytest.fixture
def linked(codebase: Server, open_linked: Callable[..., LinkedDesk]) -> LinkedDesk:
    return open_linked()
