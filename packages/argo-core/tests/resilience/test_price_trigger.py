"""A price that moves too far makes stale what was formed at the old one."""

import math
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.resilience.price_trigger import PriceTrigger

START = datetime(2024, 11, 25, 17, 0, tzinfo=UTC)
FORMED = PriceTrigger(reference=100.0)


def _ms(milliseconds: int) -> datetime:
    return START + timedelta(milliseconds=milliseconds)


@pytest.mark.parametrize(
    ("price", "fires"),
    [(100.0, False), (100.49, False), (100.51, True), (99.51, False), (99.49, True)],
)
def test_a_move_of_more_than_half_a_percent_fires(price: float, fires: bool) -> None:
    assert FORMED.observe(price, START)[1] is fires


def test_a_move_of_exactly_the_threshold_does_not_fire() -> None:
    assert not PriceTrigger(move=0.5, reference=100.0).observe(150.0, START)[1]


def test_the_first_price_is_the_reference_and_fires_nothing() -> None:
    first, fired = PriceTrigger().observe(100.0, START)
    assert not fired
    assert first.observe(101.0, START)[1]


def test_a_trigger_that_fired_measures_from_the_new_price() -> None:
    fired, _ = FORMED.observe(101.0, _ms(0))
    assert not fired.observe(101.0, _ms(1_000))[1]
    assert fired.observe(100.0, _ms(1_000))[1]


def test_two_firings_are_debounced_and_the_move_in_between_is_not_lost() -> None:
    fired, _ = FORMED.observe(101.0, _ms(0))
    early, again = fired.observe(103.0, _ms(249))
    assert not again
    assert early.observe(103.0, _ms(250))[1]


def test_a_new_opinion_is_measured_from_its_own_price_and_keeps_the_debounce() -> None:
    fired, _ = FORMED.observe(101.0, _ms(0))
    formed = fired.rebase(110.0)
    assert not formed.observe(110.0, _ms(1_000))[1]
    assert not formed.observe(101.0, _ms(100))[1]
    assert formed.observe(101.0, _ms(300))[1]


def test_a_clock_set_back_fires_nothing_twice() -> None:
    fired, _ = FORMED.observe(101.0, _ms(0))
    assert not fired.observe(103.0, _ms(-3_600_000))[1]


prices = st.lists(
    st.sampled_from(list(product([99.0, 100.0, 100.4, 101.0], [0, 100, 250, 600]))),
    max_size=5,
)


@given(prices)
def test_firings_are_apart_and_no_move_stays_hidden(seen: list[tuple[float, int]]) -> None:
    trigger, now, fired_at = PriceTrigger(), 0, -10_000
    for price, wait in seen:
        now += wait
        before = trigger
        trigger, fired = trigger.observe(price, _ms(now))
        if fired:
            assert now - fired_at >= 250
            fired_at = now
            assert trigger.reference == price
        elif before.reference is not None:
            assert abs(price / before.reference - 1) <= 0.005 or now - fired_at < 250


@pytest.mark.parametrize("price", [0.0, -1.0, math.nan, math.inf])
def test_what_is_no_price_is_refused(price: float) -> None:
    for act in (lambda: FORMED.observe(price, START), lambda: PriceTrigger(reference=price)):
        with pytest.raises(InvalidInput, match="price"):
            act()


def test_nonsense_is_no_trigger() -> None:
    with pytest.raises(InvalidInput, match="move"):
        PriceTrigger(move=0.0)
    with pytest.raises(InvalidInput, match="debounce"):
        PriceTrigger(debounce=timedelta(seconds=-1))
    with pytest.raises(InvalidInput, match="now"):
        FORMED.observe(100.0, START.replace(tzinfo=None))
