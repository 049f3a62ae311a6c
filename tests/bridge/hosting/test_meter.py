"""Counts and times come out as Prometheus text."""

from __future__ import annotations

import pytest

from bridge.hosting.meter import Meter
from codebase_server.service.errors import InvalidArgumentError


def test_calls_are_counted_by_outcome_and_latency() -> None:
    meter = Meter("codebase")
    with meter.measured("search_code"):
        pass
    with pytest.raises(InvalidArgumentError), meter.measured("search_code"):
        raise InvalidArgumentError("no")
    text = meter.text()
    assert 'codebase_requests_total{operation="search_code",outcome="ok"} 1' in text
    assert 'codebase_requests_total{operation="search_code",outcome="invalid_arguments"} 1' in text
    assert 'codebase_request_seconds_bucket{operation="search_code",le="+Inf"} 2' in text
    assert 'codebase_request_seconds_count{operation="search_code"} 2' in text
    assert 'codebase_requests_running{operation="search_code"} 0' in text


def test_an_unforeseen_exception_is_an_internal_error_and_passes_through() -> None:
    meter = Meter("codebase")
    with pytest.raises(ZeroDivisionError), meter.measured("outline"):
        raise ZeroDivisionError
    assert 'outcome="internal_error"} 1' in meter.text()


def test_label_values_cannot_break_the_format() -> None:
    text = Meter("codebase").text([("files", {"root": 'a"b\\c\nd'}, 3)])
    assert 'codebase_files{root="a\\"b\\\\c\\nd"} 3\n' in text
