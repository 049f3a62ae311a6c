"""How a door proves that it knows the token of this user, before anybody sends the token to it.

A server that was killed leaves its endpoint file, and any user of the machine may take its port. So
whoever asks sends a challenge first; the answer is an HMAC under the token of that challenge and of the
address it came in at, for which no other door of the same user can be asked in its place. The
request follows on the same connection, which nobody else can get.

An endpoint file says with ``proof`` that its server can. One without is of an earlier release.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import re
import socket
import time
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

SCHEME: Final = "hmac-sha256"
"""What stands as ``proof`` in an endpoint file."""
PATH: Final = "/proof"
MAX_ANSWER_BYTES: Final = 4096
"""Ours has 300, head and all; of a stranger no more is read."""
_CHALLENGE: Final = re.compile(rb"challenge=([0-9a-f]{64})")
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d{1,4})\r\n", re.IGNORECASE)


def new_challenge() -> str:
    """One that was never sent before."""
    return os.urandom(32).hex()


def target(challenge: str) -> str:
    """What is asked with GET."""
    return f"{PATH}?challenge={challenge}"


def challenge_in(query: bytes) -> str:
    """The challenge in a query string; empty when there is none."""
    found = _CHALLENGE.fullmatch(query)
    return found[1].decode() if found else ""


def of_door(url: str, token: str, seconds: float) -> bool | None:
    """Whether the door at a loopback address proves itself, on a connection of its own; None when nobody
    is there. For whoever only wants to know: what proved itself may be gone at the next connection.
    """
    place = urlsplit(url)
    try:
        with socket.create_connection((place.hostname or "", place.port or 0), seconds) as connection:
            return given_on(connection, token, seconds)
    except ConnectionRefusedError:
        return None
    except OSError:
        return False


def answer(token: str, address: Sequence[Any], challenge: str) -> dict[str, str]:
    """What a door answers.

    :param address: of its own end of the connection, as the socket tells it: host and port come first.
    """
    return {"proof": _proof(token, address, challenge)}


def fits(raw: bytes, token: str, address: Sequence[Any], challenge: str) -> bool:
    """Whether a body proves that whoever sent it knows the token.

    :param address: of the other end of the connection.
    """
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        return False
    given = told.get("proof") if isinstance(told, dict) else None
    wanted = _proof(token, address, challenge).encode()
    return isinstance(given, str) and hmac.compare_digest(given.encode("utf-8", "replace"), wanted)


def given_on(connection: socket.socket, token: str, seconds: float) -> bool:
    """Ask for the proof on a connection just made, on which a request may follow; whether it was given.

    The connection's time-out is another afterwards. Raises `OSError`, also when the time is over.
    """
    ends = time.monotonic() + seconds
    connection.settimeout(seconds)
    host, port = connection.getpeername()[:2]
    challenge = new_challenge()
    name = f"[{host}]" if ":" in host else host
    connection.sendall(f"GET {target(challenge)} HTTP/1.1\r\nHost: {name}:{port}\r\n\r\n".encode())
    raw = b""
    while (length := _length(raw)) < 0 or len(raw) < length:
        connection.settimeout(max(ends - time.monotonic(), 0.001))
        part = connection.recv(MAX_ANSWER_BYTES) if len(raw) < MAX_ANSWER_BYTES else b""
        if not part:
            return False
        raw += part
    body = raw.partition(b"\r\n\r\n")[2]
    return raw.startswith(b"HTTP/1.1 200 ") and fits(body, token, (host, port), challenge)


def _length(raw: bytes) -> int:
    """How many bytes the whole answer has; -1 while its head does not say so."""
    head, end, _ = raw.partition(b"\r\n\r\n")
    found = _LENGTH.search(head + b"\r\n")
    return len(head) + len(end) + int(found[1]) if end and found else -1


def _proof(token: str, address: Sequence[Any], challenge: str) -> str:
    host, port = address[:2]
    text = f"this door is {host} {port}\n{challenge}"
    return base64.urlsafe_b64encode(hmac.digest(token.encode(), text.encode(), "sha256")).decode()
