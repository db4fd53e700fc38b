"""How Yahoo writes what Argo calls `AAPL`, `BRK.B` and `BTC/USD`."""

from argo_core.market.instrument import Instrument


def ticker_of(instrument: Instrument) -> str:
    """`AAPL`, `BRK-B`, `BTC-USD`."""
    return instrument.symbol.replace(".", "-").replace("/", "-")
