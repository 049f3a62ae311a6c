"""A server that has more than 1.2 s to end in, for tests of how it ends.

After that time the system ends a server that hangs (`bridge.hosting.life`). Where other programs have the
processors it ends those too that do not hang, and what a test then sees tells of the machine.
`bench.startup.life` measures the 2 s of the contract.
"""

from __future__ import annotations

import textwrap

_BEGIN = """
    import sys
    from bridge.hosting import life
    life.RELEASE_SECONDS = 60.0
    sys.argv[0] = "{module}"
    from {module}.__main__ import main
    main()
"""


def unhurried(module: str, *arguments: str) -> list[str]:
    """What Python is given to run the server `module`; one that hangs is ended all the same."""
    return ["-c", textwrap.dedent(_BEGIN.format(module=module)), *arguments]
