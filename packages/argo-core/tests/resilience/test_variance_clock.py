"""Session time, over half days, holidays and daylight saving time."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.market.instrument import instrument
from argo_core.market.session import Session, SessionTable
from argo_core.resilience.variance_clock import VarianceClock

STOCK, COIN = instrument("NVR"), instrument("BTC/USD")


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text + "Z")


def _session(pre: str, opens: str, close: str, post: str) -> Session:
    return Session(_at(pre), _at(opens), _at(close), _at(post))


# The week New York's clocks went forward, and the one with a half day before a holiday.
YEAR = SessionTable(
    (
        _session("2024-03-08T09:00", "2024-03-08T14:30", "2024-03-08T21:00", "2024-03-09T01:00"),
        _session("2024-03-11T08:00", "2024-03-11T13:30", "2024-03-11T20:00", "2024-03-12T00:00"),
        _session("2024-07-03T08:00", "2024-07-03T13:30", "2024-07-03T17:00", "2024-07-03T21:00"),
        _session("2024-07-05T08:00", "2024-07-05T13:30", "2024-07-05T20:00", "2024-07-06T00:00"),
    ),
    _at("2024-03-01T00:00"),
    _at("2024-08-01T00:00"),
)
CLOCK = VarianceClock(YEAR, extended=0.5, settle=timedelta(minutes=2))


@pytest.mark.parametrize(
    ("since", "session_s", "expires"),
    [
        ("2024-03-08T15:00", 60, "2024-03-08T15:01"),
        ("2024-03-08T10:00", 60, "2024-03-08T10:02"),  # extended hours run at half speed
        ("2024-03-08T14:29", 60, "2024-03-08T14:30:30"),
        ("2024-03-08T22:00", 60, "2024-03-08T22:02"),
        ("2024-03-09T00:59", 60, "2024-03-11T08:00"),  # over the weekend of the clocks
        ("2024-03-09T12:00", 60, "2024-03-11T08:00"),
        ("2024-03-09T12:00", 0, "2024-03-11T08:00"),
        ("2024-03-08T15:00", 0, "2024-03-08T15:00"),
        ("2024-07-03T20:59", 3_600, "2024-07-05T08:00"),  # over a holiday
        ("2024-07-04T15:00", 20, "2024-07-05T08:00"),
        ("2024-07-06T00:00", 60, "2024-08-01T00:00"),  # the table knows no further
        ("2024-03-01T00:00", 60, "2024-03-08T09:00"),
    ],
)
def test_an_answer_expires_when_its_session_time_is_spent_or_the_market_opens_again(
    since: str, session_s: float, expires: str
) -> None:
    assert CLOCK.expires(STOCK, _at(since), session_s) == _at(expires)


@pytest.mark.parametrize(
    ("since", "expires"),
    [
        ("2024-03-08T20:50", "2024-03-08T21:02"),
        ("2024-03-08T21:01:59", "2024-03-08T21:02"),
        ("2024-03-08T21:02", "2024-03-11T08:00"),
        ("2024-07-03T16:59", "2024-07-03T17:02"),  # a half day closes early
        ("2024-07-03T17:02", "2024-07-05T08:00"),
    ],
)
def test_a_close_that_has_settled_is_looked_up_once(since: str, expires: str) -> None:
    assert CLOCK.expires(STOCK, _at(since), 50_000) == _at(expires)


def test_a_close_may_settle_after_the_market_has_shut() -> None:
    clock = VarianceClock(YEAR, settle=timedelta(hours=5))
    assert clock.expires(STOCK, _at("2024-03-09T01:30"), 60) == _at("2024-03-09T02:00")


def test_a_day_that_follows_at_once_is_no_closed_stretch() -> None:
    days = SessionTable(
        (
            _session(
                "2024-01-01T00:00", "2024-01-01T00:00", "2024-01-02T00:00", "2024-01-02T00:00"
            ),
            _session(
                "2024-01-02T00:00", "2024-01-02T00:00", "2024-01-03T00:00", "2024-01-03T00:00"
            ),
        ),
        _at("2024-01-01T00:00"),
        _at("2024-01-04T00:00"),
    )
    clock = VarianceClock(days, settle=timedelta(0))
    assert clock.expires(STOCK, _at("2024-01-02T00:00"), 60) == _at("2024-01-02T00:01")
    late = VarianceClock(days, settle=timedelta(hours=6))
    assert late.expires(STOCK, _at("2024-01-01T23:59"), 120) == _at("2024-01-02T00:01")


def test_without_extended_variance_a_pre_market_answer_waits_for_the_open() -> None:
    clock = VarianceClock(YEAR, extended=0.0)
    assert clock.expires(STOCK, _at("2024-03-08T10:00"), 60) == _at("2024-03-08T14:31")
    assert clock.expires(STOCK, _at("2024-03-08T22:00"), 60) == _at("2024-03-11T08:00")


def test_crypto_never_closes() -> None:
    saturday = _at("2024-03-09T12:00")
    assert CLOCK.rate(COIN, saturday) == 1
    assert CLOCK.expires(COIN, saturday, 60) == saturday + timedelta(minutes=1)
    assert CLOCK.between(COIN, saturday, saturday + timedelta(days=1)) == 86_400
    assert CLOCK.next_boundary(COIN, saturday) is None


@pytest.mark.parametrize(
    ("at", "rate"),
    [
        ("2024-03-08T08:59", 0),
        ("2024-03-08T09:00", 0.5),
        ("2024-03-08T14:30", 1),
        ("2024-03-08T21:00", 0.5),
        ("2024-03-09T01:00", 0),
        ("2024-03-11T13:30", 1),  # an hour earlier in UTC than on Friday
        ("2024-07-03T17:00", 0.5),  # the half day is over
        ("2024-07-04T15:00", 0),  # the holiday
    ],
)
def test_session_time_runs_as_fast_as_prices_move(at: str, rate: float) -> None:
    assert CLOCK.rate(STOCK, _at(at)) == rate


@pytest.mark.parametrize(
    ("since", "until", "seconds"),
    [
        ("2024-03-08T15:00", "2024-03-08T15:01", 60),
        ("2024-03-08T00:00", "2024-03-09T02:00", 6.5 * 3_600 + 9.5 * 1_800),
        ("2024-03-08T20:00", "2024-03-11T14:30", 7_200 + 9.5 * 1_800),
        ("2024-03-09T02:00", "2024-03-11T08:00", 0),
        ("2024-07-03T00:00", "2024-07-05T00:00", 3.5 * 3_600 + 9.5 * 1_800),
        ("2024-07-06T01:00", "2024-07-31T00:00", 0),
    ],
)
def test_session_seconds_are_those_of_the_phases(since: str, until: str, seconds: float) -> None:
    assert CLOCK.between(STOCK, _at(since), _at(until)) == seconds


@pytest.mark.parametrize(
    ("at", "edge"),
    [
        ("2024-03-08T08:00", "2024-03-08T09:00"),
        ("2024-03-08T09:00", "2024-03-08T14:30"),
        ("2024-03-08T15:00", "2024-03-08T21:00"),
        ("2024-03-08T21:00", "2024-03-09T01:00"),
        ("2024-03-09T01:00", "2024-03-11T08:00"),
        ("2024-07-06T01:00", None),
    ],
)
def test_the_next_boundary_is_the_next_change_of_phase(at: str, edge: str | None) -> None:
    assert CLOCK.next_boundary(STOCK, _at(at)) == (_at(edge) if edge else None)


@st.composite
def tables(draw: st.DrawFn) -> SessionTable:
    """Two sessions of a few hours each, or one, or none."""
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    hours = draw(st.lists(st.integers(0, 12), min_size=8, max_size=8))
    edges = [begin + timedelta(hours=hour) for hour in sorted(hours)]
    sessions = []
    for place in range(0, len(edges), 4):
        pre, opens, close, post = edges[place : place + 4]
        if opens < close:
            sessions.append(Session(pre, opens, close, post))
    return SessionTable(tuple(sessions), begin, begin + timedelta(hours=16))


def _slowly(clock: VarianceClock, since: datetime, session_s: float) -> datetime:
    """The definition, in steps small enough to meet every edge."""
    step, at, left = timedelta(seconds=450), since, session_s
    settled = {session.close + clock.settle for session in clock.table.sessions}
    opens = {session.pre for session in clock.table.sessions}
    while at < clock.table.until:
        rate = clock.rate(STOCK, at)
        if at > since and (at in settled or (at in opens and clock.rate(STOCK, at - step) == 0)):
            return at
        if rate and left <= 0:
            return at
        left -= rate * step.total_seconds()
        at += step
    return clock.table.until


@given(tables(), st.integers(0, 28), st.integers(1, 40), st.sampled_from([0, 1, 3]))
def test_expiry_is_that_of_the_definition_step_by_step(
    table: SessionTable, half_hours: int, quarters: int, settle: int
) -> None:
    clock = VarianceClock(table, extended=0.5, settle=timedelta(hours=settle))
    since = table.since + timedelta(minutes=30 * half_hours)
    expected = _slowly(clock, since, quarters * 450)
    assert clock.expires(STOCK, since, quarters * 450) == expected


@given(tables(), st.lists(st.integers(0, 28), min_size=3, max_size=3).map(sorted))
def test_session_seconds_add_up(table: SessionTable, half_hours: list[int]) -> None:
    clock = VarianceClock(table, extended=0.5)
    one, two, three = (table.since + timedelta(minutes=30 * n) for n in half_hours)
    parts = clock.between(STOCK, one, two) + clock.between(STOCK, two, three)
    assert clock.between(STOCK, one, three) == parts


@given(tables(), st.integers(0, 28), st.integers(0, 40))
def test_no_answer_outlives_its_session_time(
    table: SessionTable, half_hours: int, quarters: int
) -> None:
    clock = VarianceClock(table, extended=0.5)
    since = table.since + timedelta(minutes=30 * half_hours)
    expires = clock.expires(STOCK, since, quarters * 450)
    assert since <= expires
    if expires < table.until:
        assert clock.between(STOCK, since, expires) <= quarters * 450


def test_a_moment_outside_the_table_is_refused() -> None:
    late, early = _at("2024-08-01T00:00"), _at("2024-02-01T00:00")
    inside = _at("2024-03-08T15:00")
    with pytest.raises(InvalidInput, match="at"):
        CLOCK.expires(STOCK, late, 1)
    with pytest.raises(InvalidInput, match="at"):
        CLOCK.between(STOCK, early, inside)
    with pytest.raises(InvalidInput, match="at"):
        CLOCK.between(STOCK, inside, late)
    with pytest.raises(InvalidInput, match="until"):
        CLOCK.between(COIN, inside, early)
    with pytest.raises(InvalidInput, match="at"):
        CLOCK.next_boundary(STOCK, late)


def test_nonsense_is_no_variance_clock() -> None:
    with pytest.raises(InvalidInput, match="extended"):
        VarianceClock(YEAR, extended=math.nan)
    with pytest.raises(InvalidInput, match="settle"):
        VarianceClock(YEAR, settle=timedelta(seconds=-1))
    with pytest.raises(InvalidInput, match="session_s"):
        CLOCK.expires(COIN, _at("2024-03-08T15:00"), -1)
