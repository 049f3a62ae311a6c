"""Fixtures of the work tracker: a desk on a folder of its own, and the means to open a second one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests.workflow_server.desk import Desk, HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def open_desk(tmp_path: Path, clock: HandClock) -> AsyncIterator[Callable[..., Desk]]:
    """Opens desks on one data folder, and closes them at the end."""
    desks: list[Desk] = []

    def open_(name: str = "ann", project: str | None = "demo") -> Desk:
        desks.append(Desk(tmp_path / "data", clock, name, project))
        return desks[-1]

    yield open_
    for desk in desks:
        await desk.service.close()


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    return open_desk()
