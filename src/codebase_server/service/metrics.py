"""Counts and times of the service's operations, as Prometheus text."""

from __future__ import annotations

import functools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, cast

from bridge.agreed.errors import TandemError

BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds of the latency histogram: around the goal of tens of milliseconds, then up to a slow pass."""

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")


class Meter:
    """Thread-safe counters of one process."""

    def __init__(self) -> None:
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
            self._seconds[operation] += seconds  # type: ignore[assignment]  # a Counter adds floats as well
            for bound in BUCKETS_S:
                if seconds <= bound:
                    self._buckets[operation, bound] += 1

    def text(self, gauges: Iterable[tuple[str, Mapping[str, str], float]] = ()) -> str:
        """Everything counted, and `gauges` (name, labels, value), in Prometheus' text format."""
        with self._lock:
            lines = [*self._requests(), *self._latencies()]
        for name, labels, value in gauges:
            lines.append(f"codebase_{name}{_labels(labels)} {value:g}")
        return "\n".join(lines) + "\n"

    def _requests(self) -> Iterator[str]:
        yield "# HELP codebase_requests_total Calls by operation and outcome."
        yield "# TYPE codebase_requests_total counter"
        for (operation, outcome), count in sorted(self._outcomes.items()):
            yield f"codebase_requests_total{_labels({'operation': operation, 'outcome': outcome})} {count}"
        yield "# HELP codebase_requests_running Calls being answered now."
        yield "# TYPE codebase_requests_running gauge"
        for operation, count in sorted(self._running.items()):
            yield f"codebase_requests_running{_labels({'operation': operation})} {count}"

    def _latencies(self) -> Iterator[str]:
        yield "# HELP codebase_request_seconds Time of a call."
        yield "# TYPE codebase_request_seconds histogram"
        totals: Counter[str] = Counter()
        for (operation, _), count in self._outcomes.items():
            totals[operation] += count
        for operation, total in sorted(totals.items()):
            for bound in BUCKETS_S:
                labels = _labels({"operation": operation, "le": f"{bound:g}"})
                yield f"codebase_request_seconds_bucket{labels} {self._buckets[operation, bound]}"
            of_all = _labels({"operation": operation, "le": "+Inf"})
            of_operation = _labels({"operation": operation})
            yield f"codebase_request_seconds_bucket{of_all} {total}"
            yield f"codebase_request_seconds_sum{of_operation} {self._seconds[operation]:.6f}"
            yield f"codebase_request_seconds_count{of_operation} {total}"


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
