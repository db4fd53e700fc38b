"""One symbol's market, price by price."""

from datetime import timedelta
from decimal import Decimal

from argo_core.consensus.regime import Regime
from argo_core.engine.market_state import MarketState
from argo_core.market.bar import MINUTE, Bar
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.testing.fake_clock import BEGINNING

AZO = Symbol("AZO")


def quote(price, seconds):
    at = BEGINNING + timedelta(seconds=seconds)
    return Quote(AZO, Decimal(price), at, at, "fake")


def bars(count):
    return [
        Bar(AZO, BEGINNING - (count - n) * MINUTE, 3000 + n, 3001 + n, 2999 + n, 3000.5 + n, 10)
        for n in range(count)
    ]


def observed(state, *quotes):
    for one in quotes:
        state.observe(one)
    return state


def test_volatility_is_unknown_until_a_price_has_moved_in_time():
    state = observed(MarketState(), quote("3100", 0))
    assert state.sigma is None
    assert observed(state, quote("3101", 5)).sigma > 0


def test_a_price_that_is_not_newer_changes_nothing():
    state = observed(MarketState(), quote("3100", 0), quote("3101", 5))
    before = state.sigma
    assert observed(state, quote("9999", 5), quote("9999", 4)).sigma == before


def test_a_gap_over_night_is_a_new_level_and_no_move():
    state = observed(MarketState(), quote("3100", 0), quote("3101", 5))
    before = state.sigma
    assert observed(state, quote("3500", 60_000)).sigma == before


def test_few_past_bars_give_a_volatility_and_no_regime():
    state = MarketState()
    state.warm(bars(20))
    assert state.sigma is not None
    assert state.regime is Regime.UNKNOWN


def test_complete_minutes_move_the_regime_on():
    state = MarketState()
    state.warm(bars(400))
    assert state.regime is Regime.TREND
    observed(state, *(quote(f"{3400 + 30 * (n % 2)}", 60 * n) for n in range(31)))
    assert state.regime is Regime.CHOP
