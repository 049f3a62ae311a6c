"""Noticing changes between searches: which paths of a root were touched since last asked."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from codebase_server.index.watching import changes_below

logger = logging.getLogger(__name__)

_BURST = 4_000
"""Events at once above which the system's queue may have overflowed: the whole root is looked at then."""

_QUIET_SECONDS = 0.4
"""Stillness after which changes are folded in without waiting for a search."""

_AUDIT_SECONDS = 90.0
"""How often the whole root is compared anyway, at most: events can be lost (network drives, full queues)."""


class Watcher:
    """Watches a root from a thread of its own. Where the system refuses, `working` stays false.

    ``when_quiet`` is called after changes have settled, and now and then for an audit, from
    another thread: while it works, what changes is noted all the same. It must not raise.
    ``audit_after`` gives the seconds between two audits where a look takes so long that they should be rarer,
    ``files_known`` says how many files there are, about.
    """

    def __init__(
        self,
        root: Path,
        when_quiet: Callable[[], None],
        audit_after: Callable[[], float] = lambda: 0.0,
        files_known: int = 0,
    ) -> None:
        self._root = root
        self._files_known = files_known
        self._when_quiet = when_quiet
        self._audit_after = audit_after
        self._guard = threading.Lock()
        self._touched: set[str] = set()
        self._all = True
        self._stop = threading.Event()
        self.working = False
        self.problem = ""
        self._folding: threading.Thread | None = None
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"watch {root.name}")
        self._thread.start()

    def take(self) -> set[str] | None:
        """Paths touched since the last call, relative to the root; None when everything must be looked at."""
        with self._guard:
            touched, everything = self._touched, self._all
            self._touched, self._all = set(), False
            return None if everything else touched

    def give_back(self, touched: set[str] | None) -> None:
        """What was taken could not be folded in: it stays touched."""
        with self._guard:
            if touched is None:
                self._all = True
            else:
                self._touched |= touched

    def close(self) -> None:
        """Stop watching; returns when the thread has ended."""
        self._stop.set()
        for thread in (self._thread, self._folding):
            if thread is not None and thread is not threading.current_thread():
                thread.join(timeout=5)

    def _run(self) -> None:
        audited = last_change = time.monotonic()
        settled = True
        try:
            for changes in changes_below(self._root, self._files_known, self._stop):
                now = time.monotonic()
                if not self.working:
                    # What changed before the watch stood is found by one comparison.
                    self.look_at_everything()
                    self.working = True
                if changes:
                    self._note(changes)
                    last_change, settled = now, False
                elif now - audited > max(_AUDIT_SECONDS, self._audit_after()):
                    self.look_at_everything()
                    audited, settled = now, False
                if not settled and now - last_change > _QUIET_SECONDS:
                    settled = self._tell()
        except (OSError, RuntimeError) as problem:
            # Too many folders for the system's limit, or a file system without events: searches compare.
            self.problem = str(problem)
            logger.warning(
                "Watching %s is not possible (%s); searches look for changes.", self._root, problem
            )
        finally:
            self.working = False
            self.look_at_everything()

    def _tell(self) -> bool:
        """Call ``when_quiet``, unless it is at work still; whether it was called."""
        if self._folding is not None and self._folding.is_alive():
            return False
        name = f"fold {self._root.name}"
        self._folding = threading.Thread(target=self._when_quiet, daemon=True, name=name)
        self._folding.start()
        return True

    def look_at_everything(self) -> None:
        """Let the next `take` say that everything must be looked at."""
        with self._guard:
            self._all = True

    def _note(self, paths: set[str]) -> None:
        relative = set()
        for path in paths:
            try:
                relative.add(Path(path).relative_to(self._root).as_posix())
            except ValueError:
                continue
        with self._guard:
            if len(relative) > _BURST:
                self._all = True
            self._touched |= relative
