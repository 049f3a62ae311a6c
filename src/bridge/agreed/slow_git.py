"""That git gave no answer about a folder, remembered for every process of this user.

Each command is a process of its own, and each would wait for git anew: a minute for nothing, where git hangs
or a repository's own patterns keep it busy for hours.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from bridge.agreed import places, system

Question = Literal["files", "history"]
"""What git was asked: one may take for ever where the other is answered at once."""

REST_AT_MOST: Final = 1_800.0
"""Seconds after which git is asked again."""

REST_SHARE: Final = 60.0
"""So many times as long as git was waited for in vain it is not asked again."""

_until: dict[tuple[Question, str], float] = {}
_guard = threading.Lock()


def is_resting(question: Question, folder: Path) -> bool:
    """Whether git is not to be asked this about a folder, by what any process met a while ago."""
    key, now = (question, str(folder)), time.time()
    with _guard:
        until = _until.get(key)
    if until is None or until <= now:
        until = _read(key)
        with _guard:
            _until[key] = until
    return now < until <= now + REST_AT_MOST  # later: the clock was set back


def note(question: Question, folder: Path, seconds: float) -> None:
    """Note that git was waited for in vain for so many seconds. Where it cannot be written, this process
    alone remembers."""
    key = (question, str(folder))
    until = time.time() + min(REST_SHARE * seconds, REST_AT_MOST)
    with _guard:
        _until[key] = until
    file = _file(key)
    with suppress(OSError):
        places.own_folder(file.parent)
        _forget_old(file.parent)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as new:
            json.dump({"folder": os.fspath(folder), "until": until}, new)
        system.put_in_place(new.name, file)


def forget_known() -> None:
    """Drop what this process remembers, so that the next call looks again."""
    with _guard:
        _until.clear()


def _file(key: tuple[Question, str]) -> Path:
    name = hashlib.blake2b(key[1].encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
    return places.cache_folder() / "slow-git" / f"{key[0]}-{name}.json"


def _read(key: tuple[Question, str]) -> float:
    with suppress(OSError, ValueError, KeyError, TypeError):
        record = json.loads(_file(key).read_text("utf-8"))
        return float(record["until"]) if record["folder"] == key[1] else 0.0
    return 0.0


def _forget_old(notes: Path) -> None:
    """A note is of use for half an hour."""
    for one in notes.iterdir():
        with suppress(OSError):
            if one.stat().st_mtime < time.time() - REST_AT_MOST:
                one.unlink()
