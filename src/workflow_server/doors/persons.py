"""The name of the person at this machine, for the doors that have no client to name them."""

from __future__ import annotations

import getpass
import subprocess
from functools import cache

from bridge.agreed.programs import program

_GIT_SECONDS = 2.0


@cache
def person() -> str:
    """git's `user.name`, else the login name, else `someone`."""
    try:
        done = subprocess.run(
            [program("git"), "config", "user.name"],
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
            check=False,
        )
        if done.stdout.strip():
            return done.stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        pass
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "someone"
