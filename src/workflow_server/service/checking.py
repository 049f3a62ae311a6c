"""Checking references over an item or a project."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_server.records import Call, CheckAnswer, Json
from workflow_server.service.base import ServiceBase


class Checking(ServiceBase):
    """``check_references``."""

    async def check_references(
        self,
        call: Call,
        *,
        ids: Sequence[str] = (),
        state: Sequence[str] = (),
        relink: Sequence[Json] = (),
    ) -> CheckAnswer:
        """Check the references of the given items or of all open ones; apply ``relink`` first."""
        raise NotImplementedError
