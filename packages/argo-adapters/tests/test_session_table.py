"""The shipped sessions are the exchange's: half days, holidays and daylight saving time."""

from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest

from argo_adapters.calendar.generator import text
from argo_adapters.calendar.session_table import FILE, SINCE, UNTIL, load_session_table
from argo_core.errors import InvalidInput
from argo_core.market.instrument import instrument
from argo_core.market.session import Phase

NVR, BTC = instrument("NVR"), instrument("BTC/USD")


def phase(moment: str) -> Phase:
    return load_session_table().phase(NVR, datetime.fromisoformat(moment).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        # Standard time: New York is five hours behind.
        ("2024-11-25 08:59:59", Phase.CLOSED),
        ("2024-11-25 09:00:00", Phase.PRE),
        ("2024-11-25 14:29:59", Phase.PRE),
        ("2024-11-25 14:30:00", Phase.REGULAR),
        ("2024-11-25 20:59:59", Phase.REGULAR),
        ("2024-11-25 21:00:00", Phase.POST),
        ("2024-11-26 00:59:59", Phase.POST),
        ("2024-11-26 01:00:00", Phase.CLOSED),
        # Daylight saving time begins on a Sunday: Friday before, Monday after.
        ("2024-03-08 14:29:59", Phase.PRE),
        ("2024-03-11 13:30:00", Phase.REGULAR),
        ("2024-03-11 20:00:00", Phase.POST),
        ("2024-03-12 00:00:00", Phase.CLOSED),
        # It ends on a Sunday too.
        ("2024-11-01 13:30:00", Phase.REGULAR),
        ("2024-11-04 13:30:00", Phase.PRE),
        # The day after Thanksgiving closes at 13:00, extended hours end at 17:00.
        ("2024-11-28 16:00:00", Phase.CLOSED),
        ("2024-11-29 17:59:59", Phase.REGULAR),
        ("2024-11-29 18:00:00", Phase.POST),
        ("2024-11-29 22:00:00", Phase.CLOSED),
        # A day of mourning, announced two weeks ahead.
        ("2025-01-09 16:00:00", Phase.CLOSED),
        ("2028-12-29 16:00:00", Phase.REGULAR),
    ],
)
def test_phase_of_the_stock_market(moment: str, expected: Phase) -> None:
    assert phase(moment) is expected


def test_crypto_never_closes() -> None:
    assert load_session_table().phase(BTC, datetime(1999, 1, 1, tzinfo=UTC)) is Phase.REGULAR


@pytest.mark.parametrize("moment", ["2023-12-31 23:59:59", "2029-01-01 00:00:00"])
def test_moments_outside_the_table_are_refused(moment: str) -> None:
    with pytest.raises(InvalidInput, match="outside the session table"):
        phase(moment)


def test_every_year_has_its_sessions() -> None:
    sessions = load_session_table().sessions
    years = [session.open.year for session in sessions]
    assert [years.count(year) for year in range(2024, 2029)] == [252, 250, 251, 251, 251]
    half_days = [one for one in sessions if one.close - one.open < timedelta(hours=6.5)]
    assert {one.close - one.open for one in half_days} == {timedelta(hours=3.5)}
    assert all(one.open - one.pre == timedelta(hours=5.5) for one in sessions)
    assert all(one.post - one.close == timedelta(hours=4) for one in sessions)
    assert sessions[0].pre > SINCE
    assert sessions[-1].post < UNTIL


# The library's newest release uses what the newest pandas announces to change.
@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore:Series.values:DeprecationWarning")
def test_shipped_table_is_what_exchange_calendars_says() -> None:
    pytest.importorskip("exchange_calendars", reason="exchange_calendars is not installed")
    shipped = files("argo_adapters.calendar").joinpath(FILE).read_text(encoding="ascii")
    assert text() == shipped
