"""``codebase-server serve``: the loopback door alone, until it is signalled."""

from __future__ import annotations

import json
import logging
import os
import sys

from bridge.agreed import endpoint, limits
from bridge.agreed.errors import TandemError
from bridge.hosting import logs
from bridge.hosting.life import Lifetime
from codebase_server.processes import loopback
from codebase_server.service import CodebaseService
from codebase_server.settings import APPLICATION, Settings

logger = logging.getLogger(__name__)


def serve(settings: Settings, *, as_json: bool = False) -> int:
    """Hold the door, or wait for it; ends with SIGINT or SIGTERM.

    :param as_json: also say on stdout, as one line of JSON, where this process serves.
    """
    import anyio
    import anyio.to_thread

    life = Lifetime()
    logs.configure(APPLICATION)
    life.follow_signals()
    service = CodebaseService(settings)
    life.on_end("service", service.abandon)
    door = loopback.door(service, settings)
    life.on_end("loopback door", door.release)

    async def main() -> None:
        await anyio.to_thread.run_sync(_warm_up, service)
        async with anyio.create_task_group() as tasks:
            held = await anyio.to_thread.run_sync(door.try_to_claim)
            print(_said(door.url, settings), file=sys.stderr, flush=True)  # noqa: T201 - said to the person who started it
            if as_json:
                told = {"url": door.url if held else "", "pid": os.getpid(), "holds_the_door": held}
                print(json.dumps(told), flush=True)  # noqa: T201 - asked for
            tasks.start_soon(door.serve)
            await anyio.to_thread.run_sync(service.index_in_background)

    anyio.run(main)
    return 0


def _said(url: str, settings: Settings) -> str:
    """What the person who started this server reads: where it serves, or who does instead."""
    if url:
        return f"Serving {url}"
    held = [one for one in endpoint.read_all("codebase") if one.alive]
    by = f" ({held[0].url}, process {held[0].pid})" if held else ""
    return (
        f"Another codebase-server holds the door{by}. It answers for every root of {settings.data_dir}, "
        "this one included; this process waits, and takes over when it ends. Nothing else is to be done."
    )


def _warm_up(service: CodebaseService) -> None:
    """Ask for one reference in each served root before anybody is told of the door.

    Who reads that it serves asks at once, with no more patience than later; imports alone take longer.
    """
    limits.share_freed_memory()
    import codebase_server.doors.http.app  # noqa: F401 - imported now, so that the first question need not

    try:
        roots = [str(root.path) for root in service.served_roots()]
        service.resolve({"references": [{"ref": "nothing", "root": root} for root in roots]})
    except TandemError:
        pass  # no root, or one that cannot be asked: whoever asks is told
    except Exception:
        logger.exception("warming up failed")
