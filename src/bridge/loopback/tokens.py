"""The token of this user: one for all loopback doors, made once, readable by nobody else."""

from __future__ import annotations

import base64
import hmac
import os
import secrets
import time
from pathlib import Path
from typing import Final

from bridge.agreed import places
from bridge.agreed.errors import TandemError

_BYTES: Final = 32
_FILE: Final = "token"
_OTHERS_WRITE_S: Final = 2.0
"""How long another process may take between creating the file and filling it."""


def token_file() -> Path:
    """Where the token is kept."""
    return places.runtime_folder() / _FILE


def user_token() -> str:
    """This user's token; the first process to ask makes it.

    Raises `TandemError` ``unsafe_folder`` or ``token_unreadable``.
    """
    file = places.private_folder(places.runtime_folder()) / _FILE
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(file)
    token = secrets.token_urlsafe(_BYTES)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(token)
    return token


def session_of(token: str, door: str) -> str:
    """What a browser keeps in place of the token: of one door only, and no way back to the token.

    It is the same for every server of the door, so that a page outlives a restart.
    """
    digest = hmac.digest(token.encode(), f"session of {door}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _read(file: Path) -> str:
    deadline = time.monotonic() + _OTHERS_WRITE_S
    while True:
        try:
            token = file.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise TandemError(
                "token_unreadable", f"Cannot read {file}: {problem}.", "Remove it."
            ) from problem
        if token:
            return token
        if time.monotonic() > deadline:
            raise TandemError(
                "token_unreadable", f"{file} is empty.", "Remove it; the next server makes one."
            )
        time.sleep(0.01)
