"""What ``/health`` answers of a running server."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from codebase_server.service.answers import IndexState


class RootRow(TypedDict):
    """One root in `/health`; ``last_error`` is empty unless its last indexing failed."""

    root: str
    repository: str
    generation: str
    state: IndexState
    pending_files: int
    last_error: str


class HealthAnswer(TypedDict):
    """Answer of `/health`.

    ``running`` counts other calls that are being answered, ``writes_waiting`` passes
    that wait for another writer; ``last_error`` has operation, code and time of the newest call that failed.
    """

    status: Literal["ok"]
    version: str
    pid: int
    data_dir_id: str
    roots: list[RootRow]
    running: int
    writes_waiting: int
    last_error: dict[str, str] | None
