"""The market's mood, a label that travels with signals and never touches the confidence."""

from enum import StrEnum

from argo_core.market.reading import Reading

REGIME_VERSION = "adx-volatility-1"

CRISIS_RATIO = 2.0
TREND_ADX = 25.0


class Regime(StrEnum):
    """`unknown` until enough bars have been seen."""

    TREND = "trend"
    CHOP = "chop"
    CRISIS = "crisis"
    UNKNOWN = "unknown"


def classify(reading: Reading) -> Regime:
    """The mood by a symbol's newest indicators; version `REGIME_VERSION`.

    Crisis if the noise of the last half hour is at least twice that of the last four hours,
    whatever the direction; else trend if ADX is at least 25 (Wilder 1978, "New Concepts in
    Technical Trading Systems"); else chop.
    """
    if reading.volatility_ratio >= CRISIS_RATIO:
        return Regime.CRISIS
    return Regime.TREND if reading.adx >= TREND_ADX else Regime.CHOP
