"""Whether the kernel has noted a change below a root, asked without looking at a file: Linux's inotify.

The watcher tells late on purpose, of a burst at once. The kernel puts a change into a queue within the very
call that makes it, so that an empty queue says that nothing was changed. Such a queue is kept here for the
one question whether anything was changed in the last moment, and read when that is asked; what changed is
for the watcher and the stats to tell. The folders watched are those whose stats would be looked at: of the
indexed files and above them. What this queue is not told, the watcher is not told either: writes through a
memory map, through a hard link outside of these folders, and by other machines that share the file system.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Final

_MODIFY, _ATTRIB, _MOVED, _CREATE, _DELETE, _SELF = 0x2, 0x4, 0xC0, 0x100, 0x200, 0xC00
_ONLY_FOLDERS: Final = 0x01000000
_CHANGES: Final = _MODIFY | _ATTRIB | _MOVED | _CREATE | _DELETE | _SELF | _ONLY_FOLDERS
"""Of <sys/inotify.h>, as what follows: whatever changes the time that `os.stat` gives as ``st_ctime``."""

_OF_A_FOLDER: Final = 0x40000000 | 0x8000 | 0x4000 | 0x2000 | _SELF
"""IN_ISDIR, IN_IGNORED, IN_Q_OVERFLOW, IN_UNMOUNT: folders are other ones than those that are watched."""

_HEAD: Final = struct.Struct("iIII")
_AT_ONCE: Final = 65_536
"""Bytes read of a queue at a time."""


class Notices:
    """The kernel's notices of one root. Thread-safe. Takes nothing from the system before it is asked."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._guard = threading.Lock()
        self._queue = -1
        self._is_refused = not sys.platform.startswith("linux")
        self._watched_for = ""
        self._watched: set[str] = set()
        self._told_at = float("-inf")

    def are_none(self, generation: str, folders: Callable[[], Iterable[str]], seconds: float) -> bool:
        """Whether nothing was changed in the last ``seconds``; False where that is not known.

        What was changed before the first question, or before a new folder is watched, is not known.

        :param generation: as long as it is the same, so are the folders. :param folders: gives the paths of
            the folders to watch, relative to the root, which is ``""``.
        """
        with self._guard:
            if self._is_refused:
                return False
            now = time.monotonic()
            try:
                if self._watched_for != generation:
                    if self._watch(folders()):
                        self._told_at = now
                    self._watched_for = generation
                if self._read():
                    self._told_at = now
            except (FileNotFoundError, NotADirectoryError, PermissionError):  # a folder went meanwhile
                self._forget()
                self._told_at = now
            except OSError:  # too many watches or queues of this user, or a system that has none
                self._end()
            return not self._is_refused and now - self._told_at >= seconds

    def close(self) -> None:
        """Give back what the system gave; nothing is known from now on."""
        with self._guard:
            self._end()

    def _end(self) -> None:
        self._is_refused = True
        if self._queue >= 0:
            os.close(self._queue)
            self._queue = -1

    def _forget(self) -> None:
        self._watched_for = ""
        self._watched.clear()

    def _watch(self, folders: Iterable[str]) -> bool:
        """Watch folders; whether any was not watched until now."""
        new = [folder for folder in folders if folder not in self._watched]
        if self._queue < 0:
            self._queue = _called("inotify_init1", os.O_CLOEXEC | os.O_NONBLOCK)
        for folder in new:
            path = os.fsencode(f"{self._root}{os.sep}{folder}" if folder else self._root)
            _called("inotify_add_watch", self._queue, path, ctypes.c_uint32(_CHANGES))
        self._watched.update(new)
        return bool(new)

    def _read(self) -> bool:
        """Empty the queue; whether anything was in it."""
        was_told = False
        while True:
            try:
                events = os.read(self._queue, _AT_ONCE)
            except BlockingIOError:
                return was_told
            was_told, at = True, 0
            while at < len(events):
                _, mask, _, length = _HEAD.unpack_from(events, at)
                at += _HEAD.size + length
                if mask & _OF_A_FOLDER:
                    self._forget()


@cache
def _function(name: str) -> Callable[..., int]:
    function: Callable[..., int] | None = getattr(ctypes.CDLL(None, use_errno=True), name, None)
    if function is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), name)
    return function


def _called(name: str, *arguments: object) -> int:
    """What a function of the C library gives. Raises `OSError` where it fails or there is none."""
    result = _function(name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)
    return result
