"""Counts and times of a service's operations, as Prometheus text."""

from __future__ import annotations

import functools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, cast

from bridge.agreed.errors import TandemError

BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds of the latency histogram: around the goal of tens of milliseconds, then up to a slow pass."""

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")


class Meter:
    """Thread-safe counters of one process. `prefix` begins the names of what is counted."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._failed_at: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()
        self._outcomes: Counter[tuple[str, str]] = Counter()
        self._buckets: Counter[tuple[str, float]] = Counter()
        self._seconds: Counter[str] = Counter()
        self._running: Counter[str] = Counter()

    @contextmanager
    def measured(self, operation: str) -> Iterator[None]:
        """Count one call, its outcome (``ok`` or an error code) and its time."""
        started = time.perf_counter()
        outcome = "internal_error"
        with self._lock:
            self._running[operation] += 1
        try:
            yield
            outcome = "ok"
        except TandemError as problem:
            outcome = problem.code
            raise
        finally:
            self._record(operation, outcome, time.perf_counter() - started)

    def _record(self, operation: str, outcome: str, seconds: float) -> None:
        with self._lock:
            self._running[operation] -= 1
            self._outcomes[operation, outcome] += 1
            if outcome != "ok":
                self._failed_at[operation, outcome] = time.time()
            self._seconds[operation] += seconds  # type: ignore[assignment]  # a Counter adds floats as well
            for bound in BUCKETS_S:
                if seconds <= bound:
                    self._buckets[operation, bound] += 1

    def text(self, gauges: Iterable[tuple[str, Mapping[str, str], float]] = ()) -> str:
        """Everything counted, and `gauges` (name, labels, value), in Prometheus' text format."""
        with self._lock:
            lines = [*self._requests(), *self._latencies(), *self._failures()]
        for name, labels, value in gauges:
            lines.append(f"{self._prefix}_{name}{_labels(labels)} {value:g}")
        return "\n".join(lines) + "\n"

    def running(self) -> int:
        """How many calls are being answered now."""
        with self._lock:
            return self._running.total()

    def last_error(self) -> dict[str, str] | None:
        """Operation, error code and time (RFC 3339, UTC) of the newest call that failed."""
        with self._lock:
            if not self._failed_at:
                return None
            (operation, code), at = max(self._failed_at.items(), key=lambda pair: pair[1])
        moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"operation": operation, "code": code, "at": moment}

    def _failures(self) -> Iterator[str]:
        yield f"# HELP {self._prefix}_last_error_timestamp_seconds When a call last failed in this way."
        yield f"# TYPE {self._prefix}_last_error_timestamp_seconds gauge"
        for (operation, code), at in sorted(self._failed_at.items()):
            labels = _labels({"operation": operation, "code": code})
            yield f"{self._prefix}_last_error_timestamp_seconds{labels} {at:.3f}"

    def _requests(self) -> Iterator[str]:
        yield f"# HELP {self._prefix}_requests_total Calls by operation and outcome."
        yield f"# TYPE {self._prefix}_requests_total counter"
        for (operation, outcome), count in sorted(self._outcomes.items()):
            labels = _labels({"operation": operation, "outcome": outcome})
            yield f"{self._prefix}_requests_total{labels} {count}"
        yield f"# HELP {self._prefix}_requests_running Calls being answered now."
        yield f"# TYPE {self._prefix}_requests_running gauge"
        for operation, count in sorted(self._running.items()):
            yield f"{self._prefix}_requests_running{_labels({'operation': operation})} {count}"

    def _latencies(self) -> Iterator[str]:
        yield f"# HELP {self._prefix}_request_seconds Time of a call."
        yield f"# TYPE {self._prefix}_request_seconds histogram"
        totals: Counter[str] = Counter()
        for (operation, _), count in self._outcomes.items():
            totals[operation] += count
        for operation, total in sorted(totals.items()):
            for bound in BUCKETS_S:
                labels = _labels({"operation": operation, "le": f"{bound:g}"})
                yield f"{self._prefix}_request_seconds_bucket{labels} {self._buckets[operation, bound]}"
            of_all = _labels({"operation": operation, "le": "+Inf"})
            of_operation = _labels({"operation": operation})
            yield f"{self._prefix}_request_seconds_bucket{of_all} {total}"
            yield f"{self._prefix}_request_seconds_sum{of_operation} {self._seconds[operation]:.6f}"
            yield f"{self._prefix}_request_seconds_count{of_operation} {total}"


def measured(
    method: Callable[Concatenate[Any, Parameters], Returned],
) -> Callable[Concatenate[Any, Parameters], Returned]:
    """Count and time a method of an object that has a `meter`."""

    @functools.wraps(method)
    def call(self: Any, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Returned:
        with self.meter.measured(method.__name__):
            return method(self, *args, **kwargs)

    return cast("Callable[Concatenate[Any, Parameters], Returned]", call)


def _labels(pairs: Mapping[str, str]) -> str:
    inner = ",".join(f'{name}="{_escaped(value)}"' for name, value in pairs.items())
    return f"{{{inner}}}" if inner else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
