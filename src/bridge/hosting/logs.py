"""Logging of a server: stderr and a rotating file, never stdout.

At the default level no line holds code, queries or item texts: only names of
operations, counts, times and error codes. Every line carries the id of the
request it belongs to.
"""

from __future__ import annotations

import contextlib
import contextvars
import itertools
import logging
import logging.handlers
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bridge.agreed import places, settings
from bridge.hosting import waits

SLOW_SECONDS = 1.0
"""Operations longer than this are logged with their time."""

_MAX_BYTES = 1_000_000
_KEPT_FILES = 3
_FORMAT = "%(asctime)s %(levelname)s %(process)d %(request)s %(name)s: %(message)s"

logger = logging.getLogger(__name__)
request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="-")
_request_numbers = itertools.count(1)
_log_file: Path | None = None


class _SharedRotatingFile(logging.handlers.RotatingFileHandler):
    """A rotating file that several processes append to.

    A roll-over that another process did first, or that the system refuses
    because another process holds the file open, is no failure of this one.
    """

    def doRollover(self) -> None:  # noqa: N802 - the base class's name
        with contextlib.suppress(OSError):
            if self._still_ours():
                super().doRollover()
                return
        if self.stream is not None:
            self.stream.close()
        self.stream = self._open()

    def _still_ours(self) -> bool:
        if self.stream is None:
            return True
        return os.path.samestat(os.fstat(self.stream.fileno()), Path(self.baseFilename).stat())


def _with_request(record: logging.LogRecord) -> bool:
    record.request = request_id.get()
    return True


def configure(program: str, *, level: int | str = logging.WARNING, folder: Path | None = None) -> Path | None:
    """Send the root logger to stderr and to ``<folder>/<program>.log``.

    ``folder`` defaults to the user's log folder. Returns the file, or None where
    it cannot be written: then stderr alone must do. Call it before an `MCPServer`
    is made, which otherwise installs handlers of its own.
    """
    global _log_file
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    _log_file = (folder or places.log_folder()) / f"{program}.log"
    try:
        places.own_folder(_log_file.parent)
        handlers.append(
            _SharedRotatingFile(_log_file, maxBytes=_MAX_BYTES, backupCount=_KEPT_FILES, encoding="utf-8")
        )
    except OSError:
        _log_file = None
    formatter = logging.Formatter(_FORMAT)
    for handler in handlers:
        handler.setFormatter(formatter)
        handler.addFilter(_with_request)
        root.addHandler(handler)
    root.setLevel(level)
    for sentence in settings.unknown(places.config_file()):
        logger.warning("%s: %s It has no effect.", places.config_file(), sentence)
    return _log_file


def keep_unforeseen(program: str) -> str:
    """Log the exception in hand, which ended a command, and tell where: a person is not shown its stack trace
    where there is a file for it.
    """
    if configure(program) is not None:
        for handler in logging.getLogger().handlers:
            if not isinstance(handler, logging.FileHandler):
                handler.setLevel(logging.CRITICAL + 1)
    logger.error("unforeseen error", exc_info=True)
    return log_place()


def log_place() -> str:
    """Where a reader of an 'internal error' finds the traceback."""
    return str(_log_file) if _log_file else "the server's stderr"


@contextlib.contextmanager
def request(operation: str) -> Iterator[str]:
    """One request from a door: gives it an id for all its log lines, and logs it when slow, with what it
    waited for.
    """
    identifier = f"r{next(_request_numbers)}"
    token = request_id.set(identifier)
    waited: Counter[str] = Counter()
    waiting = waits.current.set(waited)
    started = time.perf_counter()
    try:
        yield identifier
    finally:
        seconds = time.perf_counter() - started
        if seconds > SLOW_SECONDS:
            logger.warning("%s took %.1f s%s", operation, seconds, waits.told(waited))
        waits.current.reset(waiting)
        request_id.reset(token)
