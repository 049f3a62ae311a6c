"""Times as they are written and read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from workflow_server.store.clock import later, parse, stamp, system_clock


def test_a_moment_is_written_in_universal_time_to_the_millisecond() -> None:
    assert stamp(datetime(2026, 1, 31, 9, 0, tzinfo=UTC)) == "2026-01-31T09:00:00.000Z"
    there = timezone(timedelta(hours=5, minutes=30))
    assert stamp(datetime(2026, 1, 31, 4, 30, 7, 123_999, tzinfo=there)) == "2026-01-30T23:00:07.123Z"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-31T09:00:00.000Z", 0), ("2026-01-31T09:00:00Z", 0), ("2026-01-31T10:00:00+01:00", 0),
        ("2026-01-31T09:00:00", 0), ("2026-01-31", -9 * 3_600), ("2026-01-31T09:00:01.500Z", 1.5),
    ],
)  # fmt: skip
def test_a_time_without_a_zone_is_universal_and_a_day_its_first_instant(text: str, seconds: float) -> None:
    read = parse(text)
    assert read == datetime(2026, 1, 31, 9, 0, tzinfo=UTC) + timedelta(seconds=seconds)
    assert read.tzinfo is not None


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="soon"):
        parse("soon")


def test_later_counts_minutes() -> None:
    assert later("2026-01-31T23:59:00.250Z", 1.5) == "2026-02-01T00:00:30.250Z"
    assert later("2026-01-31", 0) == "2026-01-31T00:00:00.000Z"


def test_the_systems_clock_knows_its_zone() -> None:
    now = system_clock()
    assert now.utcoffset() == timedelta(0)
    assert abs(now.timestamp() - datetime.now(UTC).timestamp()) < 60
