"""The socket that a loopback door listens on."""

from __future__ import annotations

import socket
from typing import Final

from bridge.agreed import system

HOST: Final = "127.0.0.1"
BACKLOG: Final = 64
"""Taken in at one go: until the next look so many connections may be open beyond the most."""


def listening(port: int) -> socket.socket:
    """A listening socket on loopback, which no child process inherits; at port 0 a free one.

    Raises `OSError` where the port cannot be had.
    """
    # Only of a socket that says it is TCP does asyncio switch off Nagle's waiting: else the body of each
    # answer waits 40 ms for the acknowledgement of its head.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        system.take_over(bound)
        bound.bind((HOST, port))
        bound.listen(BACKLOG)
        bound.setblocking(False)
    except BaseException:
        bound.close()
        raise
    return bound
