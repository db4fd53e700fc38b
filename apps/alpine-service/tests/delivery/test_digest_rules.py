import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.adapters.zones import SystemZones
from alpine_service.domain.delivery.digest import (
    DigestContent,
    DigestLine,
    line_of,
    next_digest,
)
from alpine_service.domain.delivery.digest_letter import compose
from alpine_service.domain.signals.event import Audience
from alpine_service.domain.signals.performance import Tally, performance_of
from alpine_service.domain.signals.signal import Disclosure
from alpine_service.domain.signals.visibility import seen_by
from alpine_service.testing.letters import read
from alpine_service.testing.stored_signals import a_signal

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ZONES = ["UTC", "Europe/Zurich", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone
OURS = "https://alpine.example"
LINE = DigestLine(41, "AAPL", "BUY", 8_250, "trend", NOW, "182.30", "180.00", "187.00")
RECORD = performance_of(Tally("all", signals=110, overdue=2, resolved=98, hits=60))


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

    made = compose(content, RECORD, date(2026, 3, 2), OURS, "TOKEN")

    assert made.subject == "Signals of 2026-03-02: 3"
    assert "AAPL    BUY ▲         82.50 %  182.30  180.00  187.00" in made.text
    assert "2026-03-02 12:00 UTC, trend" in made.text
    assert f"{OURS}/signals/41\n" in made.text
    assert "And 2 more" in made.text
    assert "Stop reached    1\nTarget reached  2" in made.text
    page = f"{OURS}/digest/unsubscribe?token=TOKEN"
    assert f"{page}\n" in made.text
    assert page in read(made.html).links
    link = f"{OURS}/v1/digest/unsubscribe?token=TOKEN"
    assert made.headers == {
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert "TOKEN" not in repr(made)


def test_one_signal_is_not_several() -> None:
    made = compose(DigestContent(1, (LINE,), {}), RECORD, date(2026, 3, 2), OURS, "T")

    assert "1 signal, the newest first" in made.text
    assert "more" not in made.text.replace("No more", "")
    assert "Outcomes" not in made.text


def test_outcomes_alone_are_news() -> None:
    made = compose(DigestContent(0, (), {"void": 1}), RECORD, date(2026, 3, 2), OURS, "T")

    assert "No new signals." in made.text
    assert "Void, for want of prices  1" in made.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, ["BUY ▲", "82.50 %", "182.30", "180.00", "187.00", "open"]),
        ({"direction": "SELL", "confidence_bp": -6_110}, ["SELL ▼", "61.10 %"]),
        (
            {"direction": "HOLD", "stop": None, "target": None},
            ["HOLD ■", "82.50 %", "182.30", "–", "–", "nothing to resolve"],
        ),
        ({"result": "target", "return_bp": 258}, ["target +2.58 %"]),
        ({"result": "stop", "return_bp": -126}, ["stop −1.26 %"]),
        ({"result": "expired", "return_bp": 0}, ["expired +0.00 %"]),
        ({"result": "void"}, ["void"]),
    ],
)
def test_a_direction_and_a_state_are_told_in_words(
    change: dict[str, object], words: list[str]
) -> None:
    line = evolve(LINE, **change)  # type: ignore[arg-type]

    made = compose(DigestContent(1, (line,), {}), RECORD, date(2026, 3, 2), OURS, "T")

    for word in words:
        assert word in made.text
        assert word in read(made.html).seen


def test_the_record_is_told_with_its_interval_and_what_was_never_shown() -> None:
    made = compose(DigestContent(1, (LINE,), {}), RECORD, date(2026, 3, 2), OURS, "T")

    told = dict(re.findall(r"^(\S.*?)  +(.*)$", made.text.partition("record")[2], re.MULTILINE))

    # 60 of 100; Wilson's interval of it is in every table.
    assert told == {
        "Signals that count": "100",
        "Hit rate": "60.0 %",
        "Its 95 % interval": "50.2 to 69.1 %",
        "Not revealed in time, each a loss of all": "2",
    }


def test_where_nothing_counts_no_rate_is_made_up() -> None:
    nothing = performance_of(Tally("all", signals=3, pending=3))

    made = compose(DigestContent(1, (LINE,), {}), nothing, date(2026, 3, 2), OURS, "T")

    assert "Nothing counts yet" in made.text
    assert "Hit rate" not in made.text


def test_what_is_sealed_has_no_line() -> None:
    sealed = a_signal(1, disclosure=Disclosure.DELAYED, audience=Audience.REALTIME)

    with pytest.raises(ValueError, match="sealed"):
        line_of(seen_by(sealed, Audience.EVERYBODY))

    assert line_of(seen_by(sealed, Audience.REALTIME)).symbol == "BRK.B"


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
