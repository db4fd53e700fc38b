from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.adapters.zones import SystemZones
from alpine_service.domain.delivery.digest import (
    DigestContent,
    DigestLine,
    compose,
    next_digest,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ZONES = ["UTC", "Europe/Zurich", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone
LINE = DigestLine("AAPL", "BUY", 8_250, "trend", NOW)


@given(behind=MOMENTS, hour=st.integers(0, 23), zone=st.sampled_from(ZONES))
def test_the_next_mail_is_within_about_a_day_at_the_hour_that_was_chosen(
    behind: datetime, hour: int, zone: str
) -> None:
    found = next_digest(behind, hour, ZoneInfo(zone))

    local = found.astimezone(ZoneInfo(zone))
    assert timedelta(0) < found - behind <= timedelta(hours=26)
    # Where clocks leave the hour out, it is the one after.
    assert local.hour in {hour, (hour + 1) % 24}
    assert (local.minute, local.second) == (0, 0)


@pytest.mark.parametrize(
    ("zone", "hour", "behind", "expected"),
    [
        ("UTC", 7, "2026-03-02T06:59:59", "2026-03-02T07:00:00"),
        ("UTC", 7, "2026-03-02T07:00:00", "2026-03-03T07:00:00"),
        ("Europe/Zurich", 7, "2026-03-28T12:00:00", "2026-03-29T05:00:00"),
        # The hour that is left out, and the one that comes twice.
        ("Europe/Zurich", 2, "2026-03-28T12:00:00", "2026-03-29T01:00:00"),
        ("Europe/Zurich", 2, "2026-10-24T12:00:00", "2026-10-25T00:00:00"),
    ],
)
def test_clocks_may_change(zone: str, hour: int, behind: str, expected: str) -> None:
    moment = datetime.fromisoformat(behind).replace(tzinfo=UTC)

    found = next_digest(moment, hour, ZoneInfo(zone))

    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_a_mail_lists_signals_counts_the_others_and_can_be_ended() -> None:
    content = DigestContent(3, (LINE,), {"target": 2, "stop": 1})

    made = compose(content, date(2026, 3, 2), "https://alpine.example", "TOKEN")

    assert made.subject == "Signals of 2026-03-02: 3"
    assert "2026-03-02 12:00 UTC  AAPL     BUY   82.50 %  trend" in made.text
    assert "and 2 more" in made.text
    assert "  stop: 1\n  target: 2" in made.text
    link = "https://alpine.example/v1/digest/unsubscribe?token=TOKEN"
    assert link in made.text
    assert made.headers == {
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert "TOKEN" not in repr(made)


def test_one_signal_is_not_several() -> None:
    made = compose(DigestContent(1, (LINE,), {}), date(2026, 3, 2), "https://a.example", "T")

    assert "1 signal." in made.text
    assert "more" not in made.text.replace("No more", "")
    assert "Outcomes" not in made.text


def test_nothing_is_nothing() -> None:
    assert DigestContent(0, (), {}).is_empty
    assert not DigestContent(0, (), {"target": 1}).is_empty
    assert not DigestContent(1, (LINE,), {}).is_empty


@pytest.mark.parametrize(
    "name", ["", "Nowhere/Land", "../../etc/passwd", "/etc/passwd", "UTC\0", "x" * 65, "Europe"]
)
async def test_what_is_no_zone_is_none(name: str) -> None:
    assert await SystemZones().zone(name) is None


async def test_a_zone_is_found_by_its_name() -> None:
    assert await SystemZones().zone("Europe/Zurich") == ZoneInfo("Europe/Zurich")
