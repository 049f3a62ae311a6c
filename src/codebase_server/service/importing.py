"""What threads must not do at once: import the parts of the service that the first call brings in."""

from __future__ import annotations

import threading
from typing import Final

IMPORTING: Final = threading.RLock()
"""Held around each import that a call, or the warm-up beside it, makes.

Two threads that import a package from two ends, ``p.part`` and ``p`` whose own start imports ``p.part``, each
hold what the other waits for. Python before 3.13 sees that and lets the import of one of them fail
(https://github.com/python/cpython/issues/83065): the first call of a session, whenever it met the warm-up.
"""
