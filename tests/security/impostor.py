"""Who took the port of a server that was killed: notes whatever it is sent, and answers as it was told to.

    python impostor.py PORT RECORD nothing|good|relay [DOOR]

``good`` answers as a codebase-server would, so that who believes it is led astray; ``relay`` has another
door of the same user, at port DOOR, answer in its place.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
from pathlib import Path
from typing import BinaryIO

HEAD = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


def whole_answer(connection: socket.socket) -> bytes:
    """All of an answer, whose body may come after its head."""
    raw = b""
    while part := connection.recv(1 << 16):
        raw += part
        head, end, body = raw.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if end and length and len(body) >= int(length[1]):
            break
    return raw


def answer_to(request: bytes, how: str, door: int) -> bytes:
    if how == "relay":
        with socket.create_connection(("127.0.0.1", door), 5) as onward:
            onward.sendall(request)
            return whole_answer(onward)
    if how == "nothing":
        return HEAD % (b"404 Not Found", 0)
    body = {"proof": "A" * 44, "results": [], "references": [], "path": "/login?ticket=planted"}
    raw = json.dumps(body).encode()
    return HEAD % (b"200 OK", len(raw)) + raw


def serve(connection: socket.socket, record: BinaryIO, how: str, door: int) -> None:
    with connection:
        while request := connection.recv(1 << 16):
            record.write(request)
            record.flush()
            connection.sendall(answer_to(request, how, door))


def main() -> None:
    port, record, how, *door = sys.argv[1:]
    with socket.socket() as listening, Path(record).open("wb") as sink:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", int(port)))
        listening.listen()
        sys.stdout.write("listening\n")
        sys.stdout.flush()
        while True:
            connection, _ = listening.accept()
            arguments = (connection, sink, how, int(door[0]) if door else 0)
            threading.Thread(target=serve, args=arguments, daemon=True).start()


if __name__ == "__main__":
    main()
