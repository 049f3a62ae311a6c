"""How many threads the numeric library takes."""

from __future__ import annotations

import os

VARIABLES = ("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "MKL_NUM_THREADS")


def take_one_thread() -> None:
    """One, unless the environment says otherwise. Read when a process loads the library, so call it before.

    The products here are small. Threads of the library wait for the next one
    by spinning: an index cost twice the processor time, a busy machine ten
    times the time, and several servers or workers got in each other's way.
    """
    for variable in VARIABLES:
        os.environ.setdefault(variable, "1")
