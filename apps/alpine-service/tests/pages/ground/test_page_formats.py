"""How values are written on pages."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.pages import formats

NOON = datetime(2026, 3, 2, 12, 0, 5, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3_599, "59 min"),
        (3_600, "1 h"),
        (3_661, "1 h 1 min"),
        (36_060, "10 h"),
        (172_799, "47 h"),
        (172_800, "2 d"),
        (None, "–"),
    ],
)
def test_spans_are_told_in_the_units_that_matter(seconds: float | None, words: str) -> None:
    assert formats.span(seconds) == words


def test_numbers_have_thin_spaces_and_real_minus_signs() -> None:
    assert formats.count(-1_234_567) == "−1\u202f234\u202f567"
    assert formats.price("64123.50") == "64\u202f123.50"
    assert formats.price(Decimal("0.00001")) == "0.00001"


def test_what_is_not_defined_is_a_dash_and_never_zero() -> None:
    dashes = [formats.percent(None), formats.percent_bp(None), formats.change_bp(None)]
    assert [*dashes, formats.price(None), formats.moment(None), formats.day(None)] == ["–"] * 6


def test_changes_have_their_sign_and_parts_have_none() -> None:
    assert formats.change_bp(206) == "+2.06\u202f%"
    assert formats.change_bp(-120, 1) == "−1.2\u202f%"
    assert formats.percent_bp(8_000) == "80.0\u202f%"


def test_times_are_utc_and_say_so() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert formats.moment(elsewhere) == "2026-03-02 12:00:05 UTC"
    assert formats.machine(elsewhere) == "2026-03-02T12:00:05.250000Z"
    assert formats.clock(elsewhere) == "12:00:05"
    assert formats.day(elsewhere) == "2 Mar 2026"


@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)))  # noqa: DTZ001 - made aware below
def test_a_moment_in_microseconds_comes_back_exactly(naive: datetime) -> None:
    at = naive.replace(tzinfo=UTC)
    microseconds = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert formats.of_us(microseconds) == at


def test_every_direction_has_a_sign_of_its_own() -> None:
    signs = {formats.arrow(word) for word in ("BUY", "SELL", "HOLD", None)}
    assert len(signs) == 4


def test_words_of_machines_begin_with_a_capital() -> None:
    assert formats.title("past due") == "Past due"
    assert formats.title("") == ""
    assert formats.short("ab" * 32) == "abababababab…"
    assert formats.short("abc") == "abc"
