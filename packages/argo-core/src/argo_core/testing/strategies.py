"""Hypothesis strategies for the core's values; small domains on purpose, so that edges meet."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from argo_core.market.bar import Bar
from argo_core.market.instrument import AssetClass, Instrument, Symbol, instrument
from argo_core.market.quote import Quote

NOON = datetime(2024, 11, 25, 17, 0, tzinfo=UTC)
"""The moment strategies draw around: noon in New York on an ordinary Monday."""

SYMBOLS = ("A", "BRK.B", "NVR", "BTC/USD")


def symbols() -> st.SearchStrategy[Symbol]:
    """A few symbols of every spelling."""
    return st.sampled_from(SYMBOLS).map(lambda text: instrument(text).symbol)


@st.composite
def instruments(draw: st.DrawFn) -> Instrument:
    """Stocks and pairs, with ticks of a cent, of half a cent and of a whole unit."""
    symbol = draw(symbols())
    tick = draw(st.sampled_from([Decimal("0.01"), Decimal("0.005"), Decimal(1)]))
    return Instrument(symbol, AssetClass.CRYPTO if "/" in symbol else AssetClass.STOCK, tick)


def moments(within_s: int = 600) -> st.SearchStrategy[datetime]:
    """Whole seconds up to that far before or after noon."""
    return st.integers(-within_s, within_s).map(lambda second: NOON + timedelta(seconds=second))


def minutes() -> st.SearchStrategy[datetime]:
    """Whole minutes within an hour of noon."""
    return st.integers(-60, 60).map(lambda minute: NOON + timedelta(minutes=minute))


def prices() -> st.SearchStrategy[float]:
    """Printed prices from 1 to 9,999.9999, most of them on the cent."""
    on_the_cent = st.integers(100, 999_999).map(lambda cents: cents / 100)
    between_ticks = st.integers(10_000, 99_999_999).map(lambda steps: steps / 10_000)
    return st.one_of(on_the_cent, between_ticks)


@st.composite
def bars(draw: st.DrawFn, symbol: Symbol | None = None) -> Bar:
    """A minute that went anywhere, flat ones and wild ones included."""
    low, high = sorted([draw(prices()), draw(prices())])
    inside = st.one_of(st.sampled_from([low, high]), st.floats(low, high))
    return Bar(
        symbol=symbol or draw(symbols()),
        start=draw(minutes()),
        open=draw(inside),
        high=high,
        low=low,
        close=draw(inside),
        volume=float(draw(st.integers(0, 5_000))),
    )


@st.composite
def quotes(draw: st.DrawFn, symbol: Symbol | None = None) -> Quote:
    """A price seen up to ten minutes after it was made, with or without its two sides."""
    cents = draw(st.integers(100, 999_999))
    spread = draw(st.integers(0, 5))
    at = draw(moments())
    return Quote(
        symbol=symbol or draw(symbols()),
        price=Decimal(cents) / 100,
        at=at,
        fetched_at=at + timedelta(seconds=draw(st.integers(0, 600))),
        feed="alpaca:iex",
        bid=draw(st.sampled_from([None, Decimal(cents) / 100])),
        ask=draw(st.sampled_from([None, Decimal(cents + spread) / 100])),
    )
