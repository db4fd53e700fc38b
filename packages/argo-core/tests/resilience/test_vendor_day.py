"""A vendor's own day."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.resilience.vendor_day import OffsetChange, VendorDays


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text + "Z")


def _hours(count: float) -> timedelta:
    return timedelta(hours=count)


NEW_YORK = VendorDays(
    (
        OffsetChange(_at("2023-11-05T06:00"), _hours(-5)),
        OffsetChange(_at("2024-03-10T07:00"), _hours(-4)),
        OffsetChange(_at("2024-11-03T06:00"), _hours(-5)),
    )
)


@pytest.mark.parametrize(
    ("at", "day", "midnight"),
    [
        ("2024-01-02T04:59:59", date(2024, 1, 1), "2024-01-02T05:00"),
        ("2024-01-02T05:00", date(2024, 1, 2), "2024-01-03T05:00"),
        ("2024-03-10T05:00", date(2024, 3, 10), "2024-03-11T04:00"),  # a day of 23 hours
        ("2024-11-03T04:00", date(2024, 11, 3), "2024-11-04T05:00"),  # a day of 25 hours
        ("2024-12-31T12:00", date(2024, 12, 31), "2025-01-01T05:00"),
    ],
)
def test_a_day_ends_at_the_vendors_own_midnight(at: str, day: date, midnight: str) -> None:
    assert NEW_YORK.day(_at(at)) == day
    assert NEW_YORK.next_midnight(_at(at), day) == _at(midnight)


def test_clocks_set_forward_over_midnight_begin_the_day_at_the_change() -> None:
    days = VendorDays(
        (
            OffsetChange(_at("2024-01-01T00:00"), _hours(0)),
            OffsetChange(_at("2024-01-01T23:30"), _hours(1)),
        )
    )
    assert days.next_midnight(_at("2024-01-01T12:00"), date(2024, 1, 1)) == _at("2024-01-01T23:30")


CHANGES = st.lists(st.sampled_from(list(product(range(18, 31), (-2, -1, 1, 2)))), max_size=2)


@given(CHANGES, st.integers(12, 36), st.integers(0, 1))
def test_midnight_is_the_first_moment_of_a_later_day(
    drawn: list[tuple[int, int]], hour: int, ahead: int
) -> None:
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    changes = {0: 0} | dict(drawn)
    days = VendorDays(
        tuple(OffsetChange(begin + _hours(at), _hours(changes[at])) for at in sorted(changes))
    )
    at = begin + _hours(hour)
    day = days.day(at) + timedelta(days=ahead)
    later = at
    while days.day(later) <= day:
        later += timedelta(minutes=30)
    assert days.next_midnight(at, day) == later


def test_before_the_first_offset_there_is_no_day() -> None:
    with pytest.raises(InvalidInput, match="at"):
        NEW_YORK.day(_at("2023-11-05T05:59"))


def test_offsets_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidInput, match="changes"):
        VendorDays(())
    with pytest.raises(InvalidInput, match="changes"):
        VendorDays((OffsetChange(_at("2024-01-01T00:00"), _hours(0)),) * 2)
    with pytest.raises(InvalidInput, match="changes"):
        VendorDays(NEW_YORK.changes[::-1])
    with pytest.raises(InvalidInput, match="offset"):
        OffsetChange(_at("2024-01-01T00:00"), _hours(24))
    with pytest.raises(InvalidInput, match="since"):
        OffsetChange(datetime(2024, 1, 1), _hours(1))  # noqa: DTZ001 - the naive one is refused
