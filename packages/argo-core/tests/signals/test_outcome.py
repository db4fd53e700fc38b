"""What became of a signal: first touch after the official time, horizon, gaps, no price."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_core.codec.signal import read_signal
from argo_core.consensus.reasons import Direction
from argo_core.errors import InvalidInput
from argo_core.signals.outcome import GRACE, Price, Result, Watch
from argo_core.testing.entries import tiny_signal

BUY = evolve(
    read_signal(tiny_signal(0)),
    entry=Decimal("100.00"),
    stop=Decimal("98.00"),
    target=Decimal("104.00"),
    horizon_s=3_600,
)
SELL = evolve(BUY, direction=Direction.SELL, stop=Decimal("102.00"), target=Decimal("96.00"))
START = BUY.decided_at
OVER = START + timedelta(seconds=3_600) + GRACE


def at(seconds: float, price: str) -> Price:
    return Price(START + timedelta(seconds=seconds), Decimal(price))


def watched(*prices: Price, signal=BUY) -> Watch:
    return Watch(signal).see_all(prices)


@pytest.mark.parametrize(
    ("signal", "prices", "result", "return_bp"),
    [
        (BUY, ["100.00", "103.99", "104.00", "90.00"], Result.TARGET, 400),
        (BUY, ["100.00", "98.01", "98.00", "200.00"], Result.STOP, -200),
        (BUY, ["100.00", "110.00"], Result.TARGET, 1_000),
        (BUY, ["100.00", "101.50"], Result.EXPIRED, 150),
        (SELL, ["100.00", "96.01", "95.00", "120.00"], Result.TARGET, 500),
        (SELL, ["100.00", "102.00"], Result.STOP, -200),
        (SELL, ["100.00", "99.00"], Result.EXPIRED, 100),
        (BUY, ["105.00"], Result.TARGET, 0),
    ],
)
def test_the_first_touch_decides(signal, prices, result, return_bp):
    seen = watched(*(at(10 * n, text) for n, text in enumerate(prices, 1)), signal=signal)
    outcome = seen.resolve(OVER)
    assert (outcome.result, outcome.return_bp) == (result, return_bp)
    assert outcome.start == at(10, prices[0])


def test_a_touch_ends_it_at_once_and_what_follows_does_not_count():
    seen = watched(at(10, "100.00"), at(20, "104.00"))
    assert seen.resolve(START + timedelta(seconds=20)).end == at(20, "104.00")
    assert seen.see(at(30, "50.00")).resolve(OVER).end == at(20, "104.00")


def test_without_a_touch_nobody_knows_before_the_horizon_and_some_patience_are_over():
    seen = watched(at(10, "100.00"))
    assert seen.resolve(OVER - timedelta(microseconds=1)) is None
    assert seen.resolve(OVER).result is Result.EXPIRED


def test_prices_count_from_after_the_official_time_to_the_end_of_the_horizon():
    seen = watched(at(0, "104.00"), at(3_600, "101.00"), at(3_601, "104.00"))
    outcome = seen.resolve(OVER)
    assert (outcome.result, outcome.start, outcome.prices) == (
        Result.EXPIRED,
        at(3_600, "101.00"),
        1,
    )


def test_an_older_price_changes_nothing():
    seen = watched(at(10, "100.00"), at(9, "104.00"), at(10, "104.00"))
    assert seen == watched(at(10, "100.00"))


def test_without_a_price_it_is_void():
    outcome = Watch(BUY).resolve(OVER)
    assert (outcome.result, outcome.return_bp, outcome.prices) == (Result.VOID, None, 0)
    assert outcome.gap == timedelta(seconds=3_600)


def test_the_longest_time_without_a_price_is_kept_at_both_ends_too():
    def gap(*seconds):
        return watched(*(at(one, "100.00") for one in seconds)).resolve(OVER).gap

    assert gap(1_000, 3_000, 3_599) == timedelta(seconds=2_000)
    assert gap(3_000, 3_599) == timedelta(seconds=3_000)
    assert gap(10, 20) == timedelta(seconds=3_580)
    assert watched(at(5, "100.00"), at(20, "104.00")).resolve(OVER).gap == timedelta(seconds=15)


def test_from_a_witness_on_only_later_prices_count():
    seen = watched(at(1, "104.00"), at(3, "100.00"), at(5, "101.00"))
    official = START + timedelta(seconds=2)
    outcome = seen.witnessed(official).resolve(OVER + timedelta(seconds=2))
    assert (outcome.official, outcome.start, outcome.prices) == (official, at(3, "100.00"), 2)
    assert outcome.result is Result.EXPIRED
    assert seen.witnessed(official).ends == official + timedelta(seconds=3_600)


def test_the_first_official_time_that_is_heard_of_stays():
    official = START + timedelta(seconds=4)
    seen = Watch(BUY).witnessed(official)
    assert seen.witnessed(START + timedelta(seconds=2)) == seen
    assert seen.see(at(5, "104.00")).see(at(6, "100.00")).recent == ()


def test_once_official_older_prices_change_nothing_either():
    seen = Watch(BUY).witnessed(START).see_all([at(10, "100.00"), at(9, "104.00")])
    assert seen == Watch(BUY).witnessed(START).see(at(10, "100.00"))
    assert seen.see(at(3_700, "104.00")) == seen


def test_a_withdrawal_has_no_outcome():
    with pytest.raises(InvalidInput, match="HOLD"):
        Watch(evolve(BUY, direction=Direction.HOLD, stop=None, target=None))


def test_a_signal_without_levels_only_expires():
    bare = evolve(BUY, stop=None, target=None)
    seen = watched(at(1, "100.00"), at(2, "1.00"), at(3, "999.00"), signal=bare)
    assert seen.resolve(OVER).result is Result.EXPIRED


@given(
    st.lists(st.tuples(st.integers(-5, 3_700), st.integers(9_700, 10_500)), max_size=30).map(
        sorted
    ),
    st.sampled_from([BUY, SELL]),
)
def test_it_agrees_with_the_rule_read_out_plainly(samples, signal):
    prices = [at(second, str(Decimal(cents) / 100)) for second, cents in samples]
    outcome = watched(*prices, signal=signal).resolve(OVER)
    first_of_each = {price.at: price for price in reversed(prices)}
    counted = [p for p in sorted(first_of_each.values(), key=when) if START < p.at <= ends()]
    path = []
    for price in counted:
        path.append(price)
        if is_touch(signal, price.price):
            break
    assert (outcome.start, outcome.end) == ((path[0], path[-1]) if path else (None, None))
    assert outcome.prices == len(path)


def when(price: Price) -> datetime:
    return price.at


def ends() -> datetime:
    return START + timedelta(seconds=3_600)


def is_touch(signal, price) -> bool:
    low, high = sorted((signal.stop, signal.target))
    return not low < price < high
