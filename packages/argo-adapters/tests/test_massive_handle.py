from datetime import datetime, timedelta

import pytest

from argo_adapters.vendors.massive.handle import Handle
from argo_core.errors import InvalidInput
from argo_core.market.bar import MINUTE, Bar
from argo_core.market.indicators import WARM_UP
from argo_core.market.instrument import Symbol
from argo_core.testing.fake_clock import BEGINNING

AAPL = Symbol("AAPL")
OPEN = BEGINNING + WARM_UP * MINUTE


def bar(start: datetime) -> Bar:
    wave = 100 + (start.minute * 7 % 11) / 10
    return Bar(AAPL, start, wave, wave + 0.5, wave - 0.5, wave + 0.1, 1_000)


@pytest.fixture
def handle() -> Handle:
    return Handle([bar(BEGINNING + n * MINUTE) for n in range(WARM_UP)], OPEN)


def after(seconds: float) -> datetime:
    return OPEN + timedelta(seconds=seconds)


def test_a_minute_that_is_over_is_folded_in(handle: Handle) -> None:
    assert handle.follow(bar(OPEN), after(58), after(61))
    assert handle.reading.start == OPEN


def test_a_minute_under_way_waits(handle: Handle) -> None:
    assert handle.follow(bar(OPEN), after(40), after(45))
    assert handle.reading.start == OPEN - MINUTE
    assert handle.follow(bar(OPEN), after(58), after(60))
    assert handle.reading.start == OPEN


def test_the_same_minute_again_changes_nothing(handle: Handle) -> None:
    handle.follow(bar(OPEN), after(58), after(61))
    before = handle.reading
    assert handle.follow(bar(OPEN), after(58), after(76))
    assert handle.follow(bar(OPEN - 3 * MINUTE), after(58), after(80))
    assert handle.reading == before


def test_a_minute_nobody_looked_at_needs_new_bars(handle: Handle) -> None:
    assert handle.follow(None, None, after(10))
    assert not handle.follow(bar(OPEN + MINUTE), after(118), after(121))


def test_a_minute_without_a_trade_is_no_loss(handle: Handle) -> None:
    for seconds in (10, 70, 110):
        assert handle.follow(bar(OPEN - MINUTE), after(-1), after(seconds))
    assert handle.follow(bar(OPEN + MINUTE), after(118), after(125))
    assert handle.reading.start == OPEN + MINUTE


def test_a_minute_that_shows_late_is_no_loss_to_one_who_keeps_looking(handle: Handle) -> None:
    for seconds in (61, 63):
        assert handle.follow(bar(OPEN - MINUTE), after(55), after(seconds))
    assert handle.follow(bar(OPEN), after(62), after(65))
    assert handle.reading.start == OPEN


def test_a_night_without_looking_needs_new_bars(handle: Handle) -> None:
    morning = OPEN + timedelta(hours=16)
    assert not handle.follow(bar(morning), morning, morning + MINUTE)


def test_the_first_minute_after_a_watched_night_goes_on(handle: Handle) -> None:
    morning = OPEN + timedelta(hours=16)
    opened = morning + timedelta(seconds=2)
    assert handle.follow(bar(OPEN - MINUTE), opened, morning + timedelta(seconds=40))
    assert handle.follow(bar(morning), opened, morning + timedelta(seconds=62))
    assert handle.reading.start == morning


def test_trades_without_bars_need_new_bars_after_a_while(handle: Handle) -> None:
    looks = range(20, 700, 20)
    outcomes = [handle.follow(None, after(n), after(n)) for n in looks]
    first_false = looks[outcomes.index(False)]
    assert 300 < first_false - 20 <= 340


def test_it_does_not_open_on_too_few_bars() -> None:
    with pytest.raises(InvalidInput):
        Handle([bar(BEGINNING)], OPEN)
