"""The console command ``codebase-server``.

Launched by a host it is given no command and must answer ``initialize`` fast,
so nothing is imported here that the stdio server does not need.
"""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line; without a command, MCP over stdio. Never returns."""
    # Import makes many objects and no garbage: collecting meanwhile costs a tenth of the start.
    gc.disable()
    from codebase_server.runtime.numeric import take_one_thread

    take_one_thread()
    from codebase_server.doors.cli.run import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
