"""Which price counts, where cycles and a stream both tell some."""

from datetime import timedelta
from decimal import Decimal

from argo_core.engine.seen import Seen
from argo_core.execution.market import Market
from argo_core.market.instrument import Symbol, instrument
from argo_core.testing.fake_clock import BEGINNING
from argo_core.testing.trading_stage import CALENDAR, quote_of

AAPL = Symbol("AAPL")
SECOND = timedelta(seconds=1)


def test_the_newest_price_counts_whoever_told_it() -> None:
    market = Market((instrument("AAPL"),), CALENDAR, {})
    cycle = quote_of("AAPL", Decimal(100), BEGINNING)
    between = quote_of("AAPL", Decimal(101), BEGINNING + SECOND)
    market.see(Seen(BEGINNING, (), {AAPL: cycle}, {}, {}))
    market.observe(between)
    market.observe(cycle)
    assert market.view(AAPL, BEGINNING).quote == between


def test_the_prices_of_cycles_are_known_apart() -> None:
    market = Market((instrument("AAPL"),), CALENDAR, {})
    assert market.streaming is None
    cycle = quote_of("AAPL", Decimal(100), BEGINNING)
    market.observe(quote_of("AAPL", Decimal(101), BEGINNING + SECOND))
    assert market.cycled == {}
    market.see(Seen(BEGINNING, (), {AAPL: cycle}, {}, {}))
    assert market.cycled == {AAPL: cycle}
    assert market.quotes[AAPL].price == 101
