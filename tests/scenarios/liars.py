"""Servers that stand where a codebase server should and do not behave as one: real sockets, answered
by threads.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Behave = Callable[[socket.socket, threading.Event], None]

_HEAD = b"HTTP/1.1 %s\r\nContent-Type: %s\r\n%s\r\n"


def silent(connection: socket.socket, over: threading.Event) -> None:
    """Accepts, reads, and never answers."""
    connection.recv(65536)
    over.wait()


def failing(connection: socket.socket, over: threading.Event) -> None:
    """Answers 500."""
    connection.recv(65536)
    connection.sendall(
        _HEAD % (b"500 Internal Server Error", b"text/plain", b"Content-Length: 4\r\n") + b"oops"
    )


def webpage(connection: socket.socket, over: threading.Event) -> None:
    """Answers 200 with a page for people."""
    body = b"<!doctype html><html><body>Welcome</body></html>"
    length = b"Content-Length: %d\r\n" % len(body)
    connection.recv(65536)
    connection.sendall(_HEAD % (b"200 OK", b"text/html", length) + body)


def truncated(connection: socket.socket, over: threading.Event) -> None:
    """Promises more than it sends, and closes."""
    connection.recv(65536)
    connection.sendall(
        _HEAD % (b"200 OK", b"application/json", b"Content-Length: 9000\r\n") + b'{"references": ['
    )


def endless(connection: socket.socket, over: threading.Event) -> None:
    """Sends without end, fast."""
    connection.recv(65536)
    connection.sendall(_HEAD % (b"200 OK", b"application/json", b""))
    while not over.is_set():
        connection.sendall(b" " * 65536)


def dripping(connection: socket.socket, over: threading.Event) -> None:
    """Sends without end, one byte at a time: each read succeeds, the answer never comes."""
    connection.recv(65536)
    connection.sendall(_HEAD % (b"200 OK", b"application/json", b""))
    while not over.wait(0.02):
        connection.sendall(b" ")


def redirecting(connection: socket.socket, over: threading.Event) -> None:
    """Sends the caller elsewhere."""
    connection.recv(65536)
    there = b"Location: http://example.invalid/\r\nContent-Length: 0\r\n"
    connection.sendall(_HEAD % (b"302 Found", b"text/plain", there))


def dying(connection: socket.socket, over: threading.Event) -> None:
    """Is gone in the middle of a header, as a process that is killed."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Ty")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


LIARS: dict[str, Behave] = {
    one.__name__: one for one in (silent, failing, webpage, truncated, endless, dripping, redirecting, dying)
}


@contextmanager
def lying(behave: Behave) -> Iterator[str]:
    """The address of a server that behaves so until the block ends."""
    over = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def answer(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            behave(connection, over)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        over.set()
        # a blocked accept is woken by shutdown, not by close
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        accepting.join(timeout=5)
