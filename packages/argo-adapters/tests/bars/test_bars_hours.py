"""The stock market's hours since 1990: the shipped table, and before it New York's clock."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from argo_adapters.bars.exceptions import exceptions
from argo_adapters.bars.hours import us_market_hours
from argo_adapters.calendar.session_table import load_session_table
from argo_core.backtest.data.renames import day_of
from argo_core.market.moment import from_micros

HOURS = us_market_hours()


def closes(day: date) -> datetime | None:
    (place,) = HOURS.place(np.array([day_of(day)])).tolist()
    return None if place < 0 else from_micros(int(HOURS.close_us[place]))


@pytest.mark.parametrize(
    ("day", "close"),
    [
        (date(2000, 9, 29), datetime(2000, 9, 29, 20, tzinfo=UTC)),  # summer time
        (date(2000, 11, 24), datetime(2000, 11, 24, 18, tzinfo=UTC)),  # after Thanksgiving
        (date(2006, 4, 3), datetime(2006, 4, 3, 20, tzinfo=UTC)),  # the older rule of summer time
        (date(2007, 3, 12), datetime(2007, 3, 12, 20, tzinfo=UTC)),  # the newer one
        (date(2001, 9, 11), None),
        (date(2012, 10, 29), None),  # a hurricane
        (date(2013, 2, 9), None),  # a Saturday
        (date(2018, 12, 5), None),  # a day of mourning
        (date(2024, 7, 3), datetime(2024, 7, 3, 17, tzinfo=UTC)),
        (date(2024, 3, 11), datetime(2024, 3, 11, 20, tzinfo=UTC)),
    ],
)
def test_known_days_close_when_they_did(day: date, close: datetime | None) -> None:
    assert closes(day) == close


def test_the_two_sources_meet_without_a_seam() -> None:
    table = load_session_table().sessions
    place = int(HOURS.place(np.array([day_of(date(2024, 1, 2))]))[0])
    assert from_micros(int(HOURS.open_us[place])) == table[0].open
    assert from_micros(int(HOURS.close_us[place - 1])) == datetime(2023, 12, 29, 21, tzinfo=UTC)
    assert len(HOURS.day) - place == len(table)
    assert not [day for day in exceptions() if day >= date(2024, 1, 1)]


def test_a_year_has_its_usual_number_of_sessions() -> None:
    years = HOURS.day.astype("datetime64[D]").astype("datetime64[Y]")
    _, counts = np.unique(years, return_counts=True)
    assert len(counts) == 39
    assert ((counts >= 248) & (counts <= 254)).all()
    assert np.count_nonzero(HOURS.half) == 82
