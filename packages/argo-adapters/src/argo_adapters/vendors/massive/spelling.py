"""How Massive writes what Argo calls `AAPL`, `BRK.B` and `BTC/USD`."""

from argo_core.market.instrument import AssetClass, Instrument


def ticker_of(instrument: Instrument) -> str:
    """`AAPL`, `BRK.B`, `X:BTCUSD`."""
    if instrument.asset_class is AssetClass.CRYPTO:
        return "X:" + instrument.symbol.replace("/", "")
    return instrument.symbol
