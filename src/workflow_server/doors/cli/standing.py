"""References as they are given at a shell: seen from the folder one stands in."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from bridge.agreed import endpoint, identity
from bridge.hosting.standing import reference_from
from workflow_server.doors.application import working_folders


def seen_from_here(references: Iterable[str]) -> list[str]:
    """The references as the service takes them, whose paths begin at the root."""
    return [reference_from(one, _root(), Path.cwd()) for one in references]


@cache
def _root() -> Path | None:
    """The root in which references of this folder are looked for, or None where it is not sure: that of a
    codebase-server, else the checkout. A host's shell may stand elsewhere than the host works.
    """
    try:
        tops = {identity.top_folder(folder) for folder in working_folders()}
        here = Path.cwd().resolve()
    except (OSError, ValueError):
        return None
    if len(tops) != 1:
        return None
    served = [Path(root.root) for door in endpoint.read_all("codebase") if door.alive for root in door.roots]
    around = [root for root in served if root in (here, *here.parents)]
    return max(around, key=lambda root: len(root.parts), default=tops.pop())
