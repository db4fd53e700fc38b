"""Why a decision came out as it did, in one distinct word each."""

from enum import StrEnum


class Direction(StrEnum):
    """What a signal says to do."""

    BUY = "BUY"
    SELL = "SELL"
    HOLD = "HOLD"


class Reason(StrEnum):
    """Why there is a signal, or why there is none. An error never becomes a HOLD opinion."""

    SIGNAL = "signal"
    WEAK = "weak"
    CONFLICT = "conflict"
    NO_QUORUM = "no_quorum"
    NO_MARKET_DATA = "no_market_data"
    STALE = "stale"
    MODEL_HOLD = "model_hold"
    SOURCE_ERROR = "source_error"
    MARKET_CLOSED = "market_closed"
    UNCHANGED = "unchanged"
