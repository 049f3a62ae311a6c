"""Who calls, and from where."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: ``name`` of the person or agent, ``client`` program and version, ``door`` it came through.

    Doors are ``mcp``, ``rest``, ``board``, ``cli`` and ``import``.
    """

    name: str
    client: str = ""
    door: str = "mcp"


@dataclass(frozen=True, slots=True)
class Call:
    """The circumstances of one call, made by the door.

    ``project`` is the call's own ``project`` argument. ``folders`` are where
    the host works (``CLAUDE_PROJECT_DIR``, then the working directory);
    ``roots`` asks the MCP client for its roots, and is only called when nothing
    before it names a project. ``repositories`` are those of the call's project,
    put in when that is known.
    """

    actor: Actor
    project: str | None = None
    folders: Sequence[Path] = field(default_factory=tuple)
    roots: Callable[[], Awaitable[Sequence[Path]]] | None = None
    repositories: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a check of references may wait for answers, in seconds, in all.

    It is spent on a codebase server that is slow or still makes its index; ``for_a_start`` also on one that
    is not there yet, as in a script that has just started it.
    """

    seconds: float
    for_a_start: bool = False
