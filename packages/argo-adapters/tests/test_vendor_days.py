"""Vendors' days agree with the time zone database."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_adapters.calendar.vendor_days import SINCE, UNTIL, vendor_days
from argo_core.errors import InvalidInput

# With half hours, with midnight as the hour that changes, with Ramadan, and with a skipped day.
ZONES = ("UTC", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Africa/Casablanca")
MOMENTS = st.datetimes(
    SINCE.replace(tzinfo=None), UNTIL.replace(tzinfo=None), timezones=st.just(UTC)
)


@given(st.sampled_from(ZONES), MOMENTS)
def test_a_vendors_date_is_the_one_on_the_wall(zone: str, at: datetime) -> None:
    assert vendor_days(zone).day(at) == at.astimezone(ZoneInfo(zone)).date()


@given(st.sampled_from(ZONES), MOMENTS)
def test_a_budget_is_reset_at_the_first_moment_of_the_next_date(zone: str, at: datetime) -> None:
    days = vendor_days(zone)
    midnight = days.next_midnight(at, days.day(at))
    wall = ZoneInfo(zone)
    assert midnight.astimezone(wall).date() > at.astimezone(wall).date()
    assert (midnight - timedelta(seconds=1)).astimezone(wall).date() == days.day(at)
    assert midnight - at <= timedelta(hours=25)


def test_new_york_changes_its_clocks_twice_a_year_at_two_in_the_morning() -> None:
    changes = vendor_days("America/New_York").changes
    in_2026 = [change.since for change in changes if change.since.year == 2026]
    assert in_2026 == [datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)]


def test_utc_never_changes_and_is_known_before_any_recorded_market() -> None:
    (only,) = vendor_days("UTC").changes
    assert only.since == SINCE


def test_every_zone_of_the_database_has_days() -> None:
    at = datetime(2030, 6, 1, 12, tzinfo=UTC)
    for zone in sorted(available_timezones())[::25]:
        assert vendor_days(zone).day(at) == at.astimezone(ZoneInfo(zone)).date()


@pytest.mark.parametrize("zone", ["", "Mars", "../etc/passwd", "/etc/passwd", "America", "a\x00b"])
def test_a_zone_that_does_not_exist_is_refused(zone: str) -> None:
    with pytest.raises(InvalidInput, match="America/New_York"):
        vendor_days(zone)
