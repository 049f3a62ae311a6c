"""A plugin of pytest for the time of a count: who ran tests writes down what ran before it is asked to end.

pytest-xdist gives its workers ten seconds to end, then kills them, and coverage writes at the very end: on a
busy machine a worker's whole part was lost in that.
"""

from __future__ import annotations

import pytest

import coverage


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Save what this process has run so far; what it runs yet is added at its end."""
    counting = coverage.Coverage.current()
    if counting is not None:
        counting.save()
