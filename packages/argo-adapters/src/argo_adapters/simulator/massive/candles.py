"""A candle in Massive's letters."""

from argo_adapters.simulator.tally import Candle


def prices(candle: Candle) -> dict[str, float]:
    """Its prices and volume, without its time."""
    return {
        "o": candle.open,
        "h": candle.high,
        "l": candle.low,
        "c": candle.close,
        "v": candle.volume,
        "vw": candle.vwap,
    }
